/** Entry of the thread for measurements before a run: the duration of a step, a good learning rate. */
import { parentPort, workerData } from 'node:worker_threads';
import { largestBatch, measure } from './measureTraining.ts';
import { findRate, SEARCH_STEPS } from './rateFinder.ts';
import { failed } from './trainerMessages.ts';
import type { TrialMessage, TrialOptions } from './trial.ts';

const post = (message: TrialMessage) => parentPort!.postMessage(message);
const { what, document, data, threads } = workerData as TrialOptions;
try {
  if (what === 'measure') {
    const largest = largestBatch(document, data.splits.train.length, threads, process.availableMemory());
    post({ type: 'measured', measured: measure(document, data, threads), largest });
  } else {
    const found = findRate(document, data, threads, SEARCH_STEPS, point => post({ type: 'point', point }));
    post({ type: 'found', found });
  }
} catch (error) {
  post(failed(error));
}
