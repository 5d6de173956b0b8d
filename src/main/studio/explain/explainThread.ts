/** Entry of the thread that answers Explain's questions, one after the other. */
import { parentPort } from 'node:worker_threads';
import { explained } from '../../errorSentences.ts';
import { UserError } from '../../userError.ts';
import { answer } from './explainAnswers.ts';
import type { ThreadMessage, ThreadQuestion } from './explainMessages.ts';

const port = parentPort!;
const send = (message: ThreadMessage) => port.postMessage(message);

/** Milliseconds between two progress reports. */
const PROGRESS_INTERVAL_MS = 100;

port.on('message', ({ task, question, material, threads, cancelled }: ThreadQuestion) => {
  const word = new Int32Array(cancelled);
  const requireWanted = () => {
    if (Atomics.load(word, 0) === 1) throw new UserError('Cancelled.');
  };
  let told = performance.now();
  const progress = (done: number, total: number) => {
    requireWanted();
    if (performance.now() - told < PROGRESS_INTERVAL_MS) return;
    told = performance.now();
    send({ type: 'progress', task, done, total });
  };
  try {
    requireWanted();
    send({ type: 'answer', task, answer: answer(question, { material, threads, progress }) });
  } catch (error) {
    const { name, message } = explained(error, '.');
    send({ type: 'error', task, name, message });
  }
});
