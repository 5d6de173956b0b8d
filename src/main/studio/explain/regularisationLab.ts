/** The regularisation lab: short runs of a small network on few images, which are not recorded. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StudioEvent } from '../../../bridge/contract.ts';
import type { LabPoint, LabQuestion, LabVariant } from '../../../bridge/explainCalls.ts';
import type { Id } from '../../../bridge/ids.ts';
import { chooseBackend } from '../../../engine/runtime/chooseBackend.ts';
import { TrainerHandle } from '../../../engine/runtime/trainerHandle.ts';
import type { TrainingData } from '../../../engine/runtime/trainingData.ts';
import { removeInside } from '../../removal.ts';
import { UserError } from '../../userError.ts';
import type { Datasets } from '../datasets/datasetService.ts';
import { requireTrainable } from '../runSettings.ts';
import { variantOf } from './labVariants.ts';

export interface LabOptions {
  datasets: Datasets;
  emit: (event: StudioEvent) => void;
  workers: number;
}

/** The most validation images per epoch. */
const MOST_VALIDATION = 500;

export class Lab {
  readonly #options: LabOptions;
  readonly #under = new Map<Id, { cancelled: boolean; training: TrainerHandle | null }>();

  constructor(options: LabOptions) {
    this.#options = options;
  }

  /**
   * Trains each variant in turn and reports every epoch.
   * @returns the points of each variant
   * @throws UserError where the network cannot be trained, or it was cancelled
   */
  async run(task: Id, question: LabQuestion): Promise<Record<string, LabPoint[]>> {
    const { datasets, emit } = this.#options;
    const { document, variants, epochs, images } = question;
    if (document.dataset === null) throw new UserError('Choose a dataset in Train first.');
    const data = firstImages(datasets.trainingData(document.dataset), images);
    const state = { cancelled: false, training: null };
    this.#under.set(task, state);
    const points: Record<string, LabPoint[]> = {};
    try {
      for (const variant of variants) {
        const own = variantOf(document, variant, epochs);
        requireTrainable(own, document.dataset, data);
        points[variant] = [];
        await this.#train(state, own, data, point => {
          points[variant]!.push(point);
          emit({ type: 'lab', task, variant, point });
        });
        if (state.cancelled) throw new UserError('Cancelled.');
      }
      return points;
    } finally {
      this.#under.delete(task);
    }
  }

  cancel(task: Id): void {
    const state = this.#under.get(task);
    if (!state) return;
    state.cancelled = true;
    state.training?.stop();
  }

  async close(): Promise<void> {
    const ends = [...this.#under].map(([task, { training }]) => {
      this.cancel(task);
      return training?.ended;
    });
    await Promise.all(ends);
  }

  async #train(
    state: { cancelled: boolean; training: TrainerHandle | null },
    document: LabQuestion['document'],
    data: TrainingData,
    tell: (point: LabPoint) => void,
  ): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'receptive-lab-'));
    let failure: string | undefined;
    try {
      if (state.cancelled) return;
      const { name: backend } = chooseBackend(document.training.computing.backend);
      const options = {
        document,
        data,
        backend,
        threads: this.#options.workers,
        yields: true,
        folder,
        resumeFrom: null,
      };
      state.training = new TrainerHandle(options, message => {
        if (message.type === 'failed') failure = message.message;
        if (message.type !== 'epoch') return;
        const { epoch, trainLoss, trainAccuracy, valLoss, valAccuracy } = message.point;
        tell({ epoch, trainLoss, trainAccuracy, valLoss, valAccuracy });
      });
      await state.training.ended;
    } finally {
      state.training = null;
      await removeInside(tmpdir(), folder);
    }
    if (failure !== undefined) throw new UserError(failure);
  }
}

/** The first images of the training split, few enough to be memorised. */
function firstImages(data: TrainingData, count: number): TrainingData {
  const { train, val } = data.splits;
  const spread = (images: Int32Array, most: number) => {
    const step = Math.max(1, Math.floor(images.length / most));
    return images.filter((_, i) => i % step === 0).slice(0, most);
  };
  return {
    ...data,
    splits: { train: spread(train, count), val: spread(val, MOST_VALIDATION), test: new Int32Array() },
  };
}

/** In display order. */
export const labVariants = [
  'plain',
  'batchNorm',
  'dropout',
  'l1',
  'l2',
  'noise',
  'augmentation',
  'earlyStopping',
] as const satisfies readonly LabVariant[];
