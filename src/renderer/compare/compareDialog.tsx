/** Two networks on one canvas, and beside it in words what was added, removed and changed. */
import { ActionIcon, Modal, NativeSelect } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { diffGraphs, type GraphDiff } from '../../engine/graph/diff.ts';
import { infer } from '../../engine/graph/infer.ts';
import { type ComparedNetwork, closeComparison, useNetworks } from '../store/comparison.ts';
import { signed, signedShort } from '../ui/numberFormat.ts';
import { DiffCanvas } from './diffCanvas.tsx';
import { Differences } from './differencesList.tsx';
import { diffPicture } from './diffPicture.ts';
import './compare.css';

export function CompareDialog() {
  const { networks, before, after } = useNetworks();
  const [first, second] = [networks[before], networks[after]];
  return (
    <Modal
      opened={first !== undefined && second !== undefined}
      onClose={closeComparison}
      title="Compare networks"
      size="94vw"
      classNames={{ body: 'compare-body' }}
    >
      {first && second && <Comparison key={`${before} ${after}`} before={first} after={second} />}
    </Modal>
  );
}

function Comparison({ before, after }: { before: ComparedNetwork; after: ComparedNetwork }) {
  const [wanted, setWanted] = useState<{ id: string } | null>(null);
  const { diff, picture } = useMemo(() => {
    const found = diffGraphs(before.graph, after.graph);
    const side = ({ graph }: ComparedNetwork) => ({ graph, inference: infer(graph) });
    return { diff: found, picture: diffPicture(side(before), side(after), found) };
  }, [before, after]);
  return (
    <div className="compare">
      <DiffCanvas {...picture} wanted={wanted} />
      <aside className="compare-side" aria-label="Differences">
        <Choice />
        <Totals diff={diff} />
        <Differences diff={diff} before={before.graph} after={after.graph} onShow={id => setWanted({ id })} />
      </aside>
    </div>
  );
}

function Choice() {
  const { networks, before, after } = useNetworks();
  const data = networks.map(({ name }, i) => ({ value: String(i), label: name }));
  const choose = (side: 'before' | 'after') => (event: React.ChangeEvent<HTMLSelectElement>) =>
    useNetworks.setState({ [side]: Number(event.currentTarget.value) });
  return (
    <section className="section compare-choice">
      <NativeSelect label="From" data={data} value={String(before)} onChange={choose('before')} />
      <NativeSelect
        label="To"
        style={{ gridColumn: 1 }}
        data={data}
        value={String(after)}
        onChange={choose('after')}
      />
      <ActionIcon
        aria-label="Swap"
        title="Swap"
        onClick={() => useNetworks.setState({ before: after, after: before })}
      >
        <IconArrowsExchange size={16} />
      </ActionIcon>
    </section>
  );
}

function Totals({ diff }: { diff: GraphDiff }) {
  const rows: [label: string, value: string][] = [
    ['Parameters', signed(diff.deltaParams)],
    ['MACs for one image', signedShort(diff.deltaMacs)],
  ];
  return (
    <section className="section">
      <h2>In all</h2>
      <dl>
        {rows.map(([label, value]) => (
          <div key={label} className="figure">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
