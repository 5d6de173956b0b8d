/** What this program is, what it runs on, and whose work it stands on. */
import { Modal } from '@mantine/core';
import { create } from 'zustand';
import { useStudio } from '../store/studioState.ts';
import { plural } from '../ui/numberFormat.ts';

const useAbout = create<{ opened: boolean }>(() => ({ opened: false }));

export function openAbout(): void {
  useAbout.setState({ opened: true });
}

export function About() {
  const opened = useAbout(state => state.opened);
  const environment = useStudio(state => state.environment);
  const facts: [label: string, value: string][] = environment
    ? [
        ['Version', environment.version],
        ['Computes with', `${environment.backend}, ${plural(environment.workers, 'worker')}`],
        ...(environment.backendNote ? [['Because', environment.backendNote] as [string, string]] : []),
        ['Workspace', environment.workspace],
      ]
    : [];
  return (
    <Modal
      opened={opened}
      onClose={() => useAbout.setState({ opened: false })}
      title="About Receptive"
      size="md"
    >
      <p className="dim">
        A studio for convolutional networks: draw, understand, train on your own images, compare.
      </p>
      <dl className="about">
        {facts.map(([label, value]) => (
          <div key={label} className="figure">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="tiny">
        The canvas is React Flow by xyflow (reactflow.dev), laid out by dagre, the curves are uPlot, the
        widgets Mantine, the icons Tabler, the type Inter.
      </p>
    </Modal>
  );
}
