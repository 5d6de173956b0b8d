/** Entry of a worker thread of the pool. */
import { workerData } from 'node:worker_threads';
import { serve, type WorkerOptions } from './pool.ts';

serve(workerData as WorkerOptions);
