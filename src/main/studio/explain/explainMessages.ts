/** What the studio and the thread that explains say to each other. */
import type { ExplainAnswer, ExplainQuestion } from '../../../bridge/explain.ts';
import type { Material } from './answers.ts';

export interface ThreadQuestion {
  task: string;
  question: ExplainQuestion;
  material: Material;
  threads: number;
  /** One word: 1 once nobody wants the answer. */
  cancelled: SharedArrayBuffer;
}

export type ThreadMessage =
  | { type: 'progress'; task: string; done: number; total: number }
  | { type: 'answer'; task: string; answer: ExplainAnswer }
  | { type: 'error'; task: string; name: string; message: string };
