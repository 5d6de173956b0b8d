/** Long-running work with progress, cancellable within a second. Sends at most five events in two seconds. */
import type { StudioEvent } from '../../../bridge/contract.ts';
import type { Job } from '../../../bridge/datasetCalls.ts';
import type { Id } from '../../../bridge/ids.ts';
import { explained } from '../../errorSentences.ts';
import { UserError } from '../../userError.ts';
import { shortened } from './quote.ts';

/** Milliseconds between two events; together with the dataset's events, five per second. */
const EVENT_INTERVAL_MS = 400;
/** Number of ended jobs that are kept. */
const REMEMBERED_JOBS = 20;

/** What the work has at hand. */
export interface JobProgress {
  readonly signal: AbortSignal;
  /** Sets the total, as soon as it is known. */
  total(count: number): void;
  /** Adds to the progress. Returns whether the window should be updated. */
  advance(count: number): boolean;
}

interface JobEntry {
  job: Job;
  controller: AbortController;
  ended: Promise<void>;
}

export class Jobs {
  readonly #emit: (event: StudioEvent) => void;
  readonly #folder: string;
  readonly #entries = new Map<Id, JobEntry>();

  /** @param folder the workspace, for messages about its disk */
  constructor(emit: (event: StudioEvent) => void, folder: string) {
    this.#emit = emit;
    this.#folder = folder;
  }

  list(): Job[] {
    return [...this.#entries.values()].map(({ job }) => ({ ...job }));
  }

  /** Starts the work that makes a dataset. The job has the id of the dataset. */
  start(id: Id, title: string, work: (progress: JobProgress) => Promise<void>): void {
    const controller = new AbortController();
    const job: Job = {
      id,
      title,
      state: 'running',
      done: 0,
      total: null,
      rate: 0,
      error: null,
      dataset: null,
    };
    const ended = this.#run(job, controller.signal, work);
    // Not unhandled: awaiting `ended` is optional.
    ended.catch(() => undefined);
    this.#entries.set(id, { job, controller, ended });
    this.#forgetOldest();
    this.#tell(job);
  }

  /** @throws UserError where there is no such job. No effect on an ended one. */
  cancel(id: Id): void {
    const entry = this.#entries.get(id);
    if (!entry) throw new UserError('This job is not known any more.');
    entry.controller.abort(new UserError('The import was cancelled.'));
  }

  /** Resolves when the job ends, and rejects with its error; undefined where there is none. */
  ended(id: Id): Promise<void> | undefined {
    return this.#entries.get(id)?.ended;
  }

  /** Resolves when an active job ends; undefined where there is none. */
  running(id: Id): Promise<void> | undefined {
    const entry = this.#entries.get(id);
    return entry?.job.state === 'running' ? entry.ended : undefined;
  }

  /** Cancels all jobs and waits for their cleanup. */
  async close(): Promise<void> {
    for (const id of this.#entries.keys()) this.cancel(id);
    await Promise.allSettled([...this.#entries.values()].map(({ ended }) => ended));
  }

  async #run(job: Job, signal: AbortSignal, work: (progress: JobProgress) => Promise<void>): Promise<void> {
    try {
      await work(this.#progressOf(job, signal));
      job.state = 'done';
      job.dataset = job.id;
    } catch (error) {
      const said = explained(error, this.#folder);
      job.state = signal.aborted ? 'cancelled' : 'failed';
      job.error = signal.aborted ? null : shortened(said.message);
      throw said;
    } finally {
      job.rate = 0;
      this.#tell(job);
    }
  }

  #progressOf(job: Job, signal: AbortSignal): JobProgress {
    let toldAt = performance.now();
    let toldDone = 0;
    return {
      signal,
      total: count => {
        job.total = count;
        this.#tell(job);
      },
      advance: count => {
        job.done += count;
        const now = performance.now();
        if (now - toldAt < EVENT_INTERVAL_MS) return false;
        const rate = ((job.done - toldDone) / (now - toldAt)) * 1000;
        job.rate = job.rate === 0 ? rate : (job.rate + rate) / 2;
        toldAt = now;
        toldDone = job.done;
        this.#tell(job);
        return true;
      },
    };
  }

  #tell(job: Job): void {
    this.#emit({ type: 'job', job: { ...job } });
  }

  #forgetOldest(): void {
    const over = this.#entries.size - REMEMBERED_JOBS;
    const ended = [...this.#entries.values()].filter(({ job }) => job.state !== 'running');
    for (const { job } of ended.slice(0, Math.max(0, over))) this.#entries.delete(job.id);
  }
}
