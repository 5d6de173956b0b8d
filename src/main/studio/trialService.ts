/**
 * Measurements before a run: the time that it would take, and a good learning rate. One at a time, and not during a
 * run, which would distort the result.
 */
import { statfsSync } from 'node:fs';
import type { StudioEvent } from '../../bridge/contract.ts';
import type { Id } from '../../bridge/ids.ts';
import type { Forecast, Preflight, RateSearch } from '../../bridge/trialCalls.ts';
import { CompileError } from '../../engine/compile/program.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { sizeOf } from '../../engine/layers/shape.ts';
import { SEARCH_STEPS } from '../../engine/runtime/rateFinder.ts';
import { Session } from '../../engine/runtime/session.ts';
import type { Failed } from '../../engine/runtime/trainerMessages.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import { compileForTraining } from '../../engine/runtime/trainingModel.ts';
import { Trial, type TrialMessage, type TrialOptions } from '../../engine/runtime/trial.ts';
import { explained } from '../errorSentences.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasetService.ts';
import { threadsOf } from './runBackend.ts';
import type { Runs } from './runService.ts';
import { requireTrainable } from './runSettings.ts';

export interface TrialsOptions {
  datasets: Datasets;
  runs: Runs;
  emit: (event: StudioEvent) => void;
  /** Threads of the engine. */
  workers: number;
  /** The workspace's folder. */
  folder: string;
}

/** Milliseconds between two events of a search. */
const EVENT_INTERVAL_MS = 150;
const FLOAT_BYTES = 4;

export class Trials {
  readonly #options: TrialsOptions;
  #current: Trial | null = null;
  #search: RateSearch | null = null;

  constructor(options: TrialsOptions) {
    this.#options = options;
  }

  /** The last search, ended or active. */
  get search(): RateSearch | null {
    return this.#search;
  }

  /** The memory that training would take, exactly. @throws UserError where the network cannot be compiled */
  forecast(document: ProjectDocument): Forecast {
    const { folder } = this.#options;
    try {
      const model = compileForTraining(document);
      const { weights, optimizer, activations } = model.sizes;
      const tensors = model.parameters.map(({ weight, slots }) => ({
        bytes: FLOAT_BYTES * sizeOf(weight.shape),
        slots: Object.keys(slots).length,
      }));
      const { bavail, bsize } = statfsSync(folder);
      return {
        bytes: Session.bytes(model, threadsOf(document, this.#options.workers)),
        weightBytes: weights,
        optimizerBytes: optimizer,
        activationBytes: activations,
        bestBytes: tensors.reduce((sum, { bytes }) => sum + bytes, 0),
        lastBytes: tensors.reduce((sum, { bytes, slots }) => sum + bytes * (1 + slots), 0),
        freeBytes: bavail * bsize,
      };
    } catch (error) {
      if (error instanceof CompileError) throw new UserError(error.message);
      throw error;
    }
  }

  /**
   * Measures a few steps. A previous measurement is cancelled; a search, which the user started, is not.
   *
   * @throws UserError where a run or a search is active, the document cannot be trained, or another measurement was
   * started meanwhile
   */
  preflight(document: ProjectDocument): Promise<Preflight> {
    if (this.#search?.state === 'running')
      throw new UserError('A learning rate is looked for: what a run takes is measured after it.');
    const data = this.#begin(document);
    return new Promise((resolve, reject) => {
      const trial = this.#start({ what: 'measure', document, data }, message => {
        if (message.type === 'failed') reject(this.#explain(message, document));
        if (message.type === 'measured') resolve({ ...message.measured, largest: message.largest });
      });
      // No effect if already resolved; this is for a cancelled trial.
      void trial.ended.then(() => reject(new UserError('The measurement was cancelled.')));
    });
  }

  /** Starts a search for a learning rate; progress is sent as `rateSearch` events. @throws UserError as `preflight` */
  findRate(project: Id, document: ProjectDocument): void {
    const data = this.#begin(document);
    const search: RateSearch = {
      project,
      state: 'running',
      steps: SEARCH_STEPS,
      points: [],
      suggestion: null,
      error: null,
    };
    this.#search = search;
    let told = performance.now();
    this.#tell();
    this.#start({ what: 'findRate', document, data }, message => {
      if (message.type === 'point') {
        search.points.push(message.point);
        if (performance.now() - told < EVENT_INTERVAL_MS) return;
        told = performance.now();
      } else if (message.type === 'found') {
        Object.assign(search, { state: 'done', suggestion: message.found.suggestion });
      } else if (message.type === 'failed') {
        Object.assign(search, { state: 'failed', error: this.#explain(message, document).message });
      }
      this.#tell();
    });
  }

  /** Cancels the current measurement or search. */
  cancel(): void {
    this.#current?.cancel();
    this.#current = null;
    if (this.#search?.state !== 'running') return;
    this.#search.state = 'cancelled';
    this.#tell();
  }

  async close(): Promise<void> {
    const ended = this.#current?.ended;
    this.cancel();
    await ended;
  }

  /** The error as a sentence. After damage in the cache, its repair is started. */
  #explain({ message, name = '', refusal, damagedImage }: Failed, { dataset }: ProjectDocument): UserError {
    const { folder, datasets } = this.#options;
    if (damagedImage === undefined || dataset === null)
      return new UserError(explained({ message, name, ...refusal }, folder).message);
    // Its job reports the result.
    datasets.mendCache(dataset).catch(() => undefined);
    return new UserError(
      `The cache of ${dataset} is damaged at image ${damagedImage}: it is filled again, try anew after that.`,
    );
  }

  #begin(document: ProjectDocument): TrainingData {
    const { runs, datasets } = this.#options;
    const [active] = runs.active();
    if (active) throw new UserError(`${active.name} is under way: nothing can be tried out beside it.`);
    if (!document.dataset) throw new UserError('Choose a dataset to train on first.');
    const data = datasets.trainingData(document.dataset);
    requireTrainable(document, document.dataset, data);
    this.cancel();
    return data;
  }

  #start(options: Omit<TrialOptions, 'threads'>, onMessage: (message: TrialMessage) => void): Trial {
    const threads = threadsOf(options.document, this.#options.workers);
    const trial = new Trial({ ...options, threads }, onMessage);
    this.#current = trial;
    void trial.ended.then(() => {
      if (this.#current === trial) this.#current = null;
    });
    return trial;
  }

  #tell(): void {
    if (this.#search)
      this.#options.emit({
        type: 'rateSearch',
        search: { ...this.#search, points: [...this.#search.points] },
      });
  }
}
