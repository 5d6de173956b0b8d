/** Entry of the thread that trains one run. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { train } from './trainer.ts';
import type { TrainerOptions } from './trainerMessages.ts';

const options = workerData as TrainerOptions;
// Of this thread and those it will start, on Linux; elsewhere of the whole process, which draws no window.
if (options.yields) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
train(options, message => parentPort!.postMessage(message));
