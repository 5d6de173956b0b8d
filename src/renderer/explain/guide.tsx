/** The guided path, one stop at a time; where one was is kept, so that one can go on another day. */
import { Button } from '@mantine/core';
import { create } from 'zustand';
import { useDocument } from '../store/openDocument.ts';
import { openProject } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { attempt } from '../ui/toast.tsx';
import { useExplain } from './explainState.ts';
import { stops } from './guideStops.ts';

/** What the sample project is called that every stop is about. */
const SAMPLE_PROJECT = 'Shapes with pooling';
/** Where this window remembers the stop. */
const GUIDE_STORAGE_KEY = 'receptive.guide';

/** `stop` null: nobody is guided. */
const useGuide = create<{ stop: number | null }>(() => ({ stop: null }));

function keptStop(): number {
  const kept = Number(localStorage.getItem(GUIDE_STORAGE_KEY) ?? 0);
  return Number.isInteger(kept) && kept >= 0 && kept < stops.length ? kept : 0;
}

async function go(stop: number): Promise<void> {
  await openSample();
  const { view, part, preset, node } = stops[stop]!;
  useExplain.setState(state => ({
    view,
    part: part ?? state.part,
    preset: preset ?? state.preset,
    node: node ?? state.node,
  }));
  useGuide.setState({ stop });
  localStorage.setItem(GUIDE_STORAGE_KEY, String(stop));
}

/** Each stop is on the sample; where it was deleted, on what is open. */
async function openSample(): Promise<void> {
  const { projects } = useStudio.getState();
  const open = useDocument.getState().project;
  const sample = Object.values(projects).find(({ name }) => name === SAMPLE_PROJECT);
  if (sample && sample.id !== open) await attempt(() => openProject(sample.id), 'The project was not opened');
}

export function Guide() {
  const stop = useGuide(state => state.stop);
  if (stop === null) {
    const kept = keptStop();
    return (
      <Button className="guided-path-start" onClick={() => void go(kept)}>
        {kept === 0 ? 'Guided path' : `Go on at stop ${kept + 1}`}
      </Button>
    );
  }
  const { title, text } = stops[stop]!;
  const isLast = stop === stops.length - 1;
  return (
    <section className="guided-path" aria-label="Guided path">
      <p className="tiny">
        Stop {stop + 1} of {stops.length}
      </p>
      <h2>{title}</h2>
      <p>{text}</p>
      <div className="guided-path-buttons">
        <Button disabled={stop === 0} onClick={() => void go(stop - 1)}>
          Back
        </Button>
        <Button
          variant="filled"
          onClick={() => {
            if (!isLast) return void go(stop + 1);
            localStorage.removeItem(GUIDE_STORAGE_KEY);
            useGuide.setState({ stop: null });
          }}
        >
          {isLast ? 'Finish' : 'Next'}
        </Button>
      </div>
      <Button variant="subtle" onClick={() => useGuide.setState({ stop: null })}>
        Leave the path
      </Button>
    </section>
  );
}
