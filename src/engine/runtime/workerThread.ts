/** Entry of a worker thread of the pool. */
import { parentPort } from 'node:worker_threads';
import { serve } from './pool.ts';

parentPort!.once('message', serve);
