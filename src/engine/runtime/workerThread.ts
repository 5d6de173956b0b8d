/** Entry of a worker thread, which serves one pool after the other. */
import { parentPort } from 'node:worker_threads';
import { serve } from './pool.ts';

parentPort!.on('message', serve);
