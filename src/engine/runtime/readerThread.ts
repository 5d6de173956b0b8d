/** Entry of the thread that reads the next batch. */
import { workerData } from 'node:worker_threads';
import { type ReaderOptions, serveReads } from './prefetch.ts';

serveReads(workerData as ReaderOptions);
