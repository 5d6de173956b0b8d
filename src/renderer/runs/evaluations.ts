/** How runs answered a split, asked of the studio when somebody looks, and again when a run has gone on. */
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { AnsweredImage, RunEvaluation, RunSummary } from '../../bridge/runCalls.ts';
import { studio } from '../store/connection.ts';
import { attempt } from '../ui/toast.tsx';

interface Looking {
  split: Extract<Split, 'val' | 'test'>;
  /** The cell of a run's confusion whose images are shown. */
  cell: { run: Id; label: number; answered: number } | null;
}

export const useLooking = create<Looking>(() => ({ split: 'test', cell: null }));

/** Undefined until the studio has answered; null where the split was not evaluated. */
export function useEvaluations(
  runs: readonly RunSummary[],
  split: Split,
): Readonly<Record<Id, RunEvaluation | null>> {
  const [found, setFound] = useState<Readonly<Record<Id, RunEvaluation | null>>>({});
  const key = runs.map(({ id, epoch, endedAt }) => `${id} ${epoch} ${endedAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key tells which runs, and how far they are
  useEffect(() => {
    let isCurrent = true;
    const ask = async ({ id }: RunSummary) => [id, await studio().runEvaluation(id, split)] as const;
    void attempt(() => Promise.all(runs.map(ask)), 'The evaluations could not be read').then(answers => {
      if (isCurrent && answers) setFound(Object.fromEntries(answers));
    });
    return () => {
      isCurrent = false;
    };
  }, [key, split]);
  return found;
}

interface Wanted {
  run: Id;
  split: Split;
  label: number | null;
  answered: number | null;
}

export interface Answered {
  total: number;
  images: readonly AnsweredImage[];
}

/** Images at once: as many as one looks at. */
const MOST_SHOWN_IMAGES = 120;

/** Undefined until the studio has answered. */
export function useAnsweredImages(wanted: Wanted | null): Answered | undefined {
  const [found, setFound] = useState<{ key: string; answered: Answered }>();
  const key = JSON.stringify(wanted);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what is wanted
  useEffect(() => {
    if (!wanted) return;
    let isCurrent = true;
    const { run, ...query } = wanted;
    const ask = () => studio().answeredImages(run, { ...query, offset: 0, limit: MOST_SHOWN_IMAGES });
    void attempt(ask, 'The images could not be listed').then(answered => {
      if (isCurrent && answered) setFound({ key, answered });
    });
    return () => {
      isCurrent = false;
    };
  }, [key]);
  return found?.key === key ? found.answered : undefined;
}
