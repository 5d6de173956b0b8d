/** Messages between the studio and the Explain thread. */
import type { ExplainAnswer, ExplainQuestion } from '../../../bridge/explainCalls.ts';
import type { Id } from '../../../bridge/ids.ts';
import type { Material } from './explainAnswers.ts';

export interface ThreadQuestion {
  task: Id;
  question: ExplainQuestion;
  material: Material;
  threads: number;
  /** One word: 1 when the question was cancelled. */
  cancelled: SharedArrayBuffer;
}

export type ThreadMessage =
  | { type: 'progress'; task: Id; done: number; total: number }
  | { type: 'answer'; task: Id; answer: ExplainAnswer }
  | { type: 'error'; task: Id; name: string; message: string };
