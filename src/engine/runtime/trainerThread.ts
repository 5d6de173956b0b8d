/** Entry of the thread that trains one run. */
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { train } from './trainer.ts';
import type { TrainerOptions } from './trainerMessages.ts';

const options = workerData as TrainerOptions;
// On Linux this applies to this thread and those it starts; elsewhere to the whole process, which draws no window.
if (options.yields) setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
train(options, message => parentPort!.postMessage(message));
