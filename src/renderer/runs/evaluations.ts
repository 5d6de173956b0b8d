/** How runs answered a split, asked of the studio when somebody looks, and again when a run has gone on. */
import { create } from 'zustand';
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { AnsweredImage, RunEvaluation, RunSummary } from '../../bridge/runCalls.ts';
import { studio } from '../store/connection.ts';
import { type Question, useAllPulled, usePulled } from '../store/pulled.ts';
import { evaluationQuestion } from '../store/questions.ts';
import { complain } from '../ui/toast.tsx';

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
): Readonly<Record<Id, RunEvaluation | null | undefined>> {
  const onFailure = (error: unknown) => complain(error, 'The evaluations could not be read');
  const answers = useAllPulled(runs.map(run => evaluationQuestion(run, split, onFailure)));
  return Object.fromEntries(runs.map(({ id }, i) => [id, answers[i]]));
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

/**
 * Undefined until the studio has answered.
 *
 * @param evaluation in which these answers were given; with another one they are listed anew
 */
export function useAnsweredImages(
  wanted: Wanted | null,
  evaluation: RunEvaluation | null | undefined,
): Answered | undefined {
  return usePulled(wanted && evaluation ? imagesQuestion(wanted, evaluation) : null);
}

function imagesQuestion({ run, ...query }: Wanted, evaluation: RunEvaluation): Question<Answered> {
  const { split, label, answered } = query;
  return {
    key: ['answeredImages', run, split, label, answered],
    version: evaluation,
    ask: async () => studio().answeredImages(run, { ...query, offset: 0, limit: MOST_SHOWN_IMAGES }),
    onFailure: error => complain(error, 'The images could not be listed'),
  };
}
