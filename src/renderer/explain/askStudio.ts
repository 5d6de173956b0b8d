/** Questions to the studio from views: the latest counts, an older one is cancelled, and its answer is not shown. */
import { useEffect, useRef, useState } from 'react';
import type { AnswerTo, ExplainQuestion } from '../../bridge/explainCalls.ts';
import { type Id, newId } from '../../bridge/ids.ts';
import { ConnectionClosed } from '../../bridge/rpc.ts';
import { studio } from '../store/connection.ts';
import { useStudio } from '../store/studioState.ts';

export interface Asked<T> {
  /** The latest answer there was, even while a newer one is computed. */
  readonly answer: T | null;
  /** Whether the answer is to the present question. */
  readonly settled: boolean;
  readonly error: string | null;
  /** How far the work is, where it tells. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  cancel(): void;
}

interface Known<Q, T> {
  readonly question: Q | null;
  readonly answer: T | null;
  readonly error: string | null;
}

/** @param question the same object for as long as it is the same question; null: nothing is asked */
export function useAnswer<Q extends ExplainQuestion>(question: Q | null): Asked<AnswerTo<Q>> {
  const [known, setKnown] = useState<Known<Q, AnswerTo<Q>>>({ question: null, answer: null, error: null });
  const task = useRef<Id | null>(null);
  const connection = useStudio(state => state.connection);
  useEffect(() => {
    if (!question || connection !== 'ready') return undefined;
    const own = newId();
    task.current = own;
    let wanted = true;
    askStudio(own, question).then(
      answer => wanted && setKnown({ question, answer, error: null }),
      (error: unknown) => {
        if (wanted && !(error instanceof ConnectionClosed))
          setKnown(({ answer }) => ({ question, answer, error: messageOf(error) }));
      },
    );
    return () => {
      wanted = false;
      cancel(own);
    };
  }, [question, connection]);
  const progress = useStudio(state => (task.current && state.explaining[task.current]) ?? null);
  const settled = question !== null && known.question === question;
  return {
    answer: known.answer,
    settled,
    error: settled ? known.error : null,
    progress: settled ? null : progress,
    cancel: () => {
      if (task.current) cancel(task.current);
    },
  };
}

/** One question, asked once. */
export function askStudio<Q extends ExplainQuestion>(task: Id, question: Q): Promise<AnswerTo<Q>> {
  // A proxy over the line loses what is generic of the call.
  const explain = studio().explain as (task: Id, question: Q) => Promise<AnswerTo<Q>>;
  return explain(task, question);
}

function cancel(task: Id): void {
  try {
    studio()
      .cancelExplain(task)
      .catch(() => {});
  } catch {
    // Without a studio nobody computes.
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
