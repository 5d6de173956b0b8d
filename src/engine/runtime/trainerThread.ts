/** Entry of the thread that trains one run. */
import { parentPort, workerData } from 'node:worker_threads';
import { type TrainerOptions, train } from './trainer.ts';

train(workerData as TrainerOptions, message => parentPort!.postMessage(message));
