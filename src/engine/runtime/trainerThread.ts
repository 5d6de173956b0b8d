/** Entry of the thread that trains one run. */
import { parentPort, workerData } from 'node:worker_threads';
import { train } from './trainer.ts';
import type { TrainerOptions } from './trainerMessages.ts';

train(workerData as TrainerOptions, message => parentPort!.postMessage(message));
