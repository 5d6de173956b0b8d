/** Evaluations of runs: the latest of each split, and the sample images. */
import type { Split } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type {
  AnsweredImage,
  AnsweredQuery,
  PairedAnswers,
  RunEvaluation,
  RunSamples,
} from '../../bridge/runCalls.ts';
import { sizeOf } from '../../engine/layers/shape.ts';
import { CacheFile } from '../../engine/runtime/cacheFile.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import type { RunRecord } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasetService.ts';

/** Numbers per box. */
const BOX_NUMBERS = 4;
/** The least score of a right answer; for boxes an IoU. */
const RIGHT_SCORE = 0.5;

export class RunAnswers {
  readonly #workspace: Workspace;
  readonly #datasets: Datasets;

  constructor(workspace: Workspace, datasets: Datasets) {
    this.#workspace = workspace;
    this.#datasets = datasets;
  }

  /** Null where the split was not evaluated yet. */
  evaluation(id: Id, split: Split): RunEvaluation | null {
    const run = this.#record(id);
    const kept = this.#workspace.runs.evaluation(id, split);
    if (!kept) return null;
    const dataset = this.#dataOf(run) ? run.datasetId : null;
    const heads = kept.heads.map(({ answer, classes, confusion, perClass }) => ({
      answer,
      classes,
      confusion,
      perClass,
    }));
    return { split, epoch: kept.epoch, dataset, images: kept.losses.length, heads };
  }

  /** Null where there are none yet, or the dataset's version is gone. */
  samples(id: Id): RunSamples | null {
    const run = this.#record(id);
    const kept = this.#workspace.runs.samples(id);
    const data = kept && this.#dataOf(run);
    if (!data || run.datasetId === null) return null;
    const images = kept.images.map(({ index, answers }) => ({ index, answers, ...truthOf(data, index) }));
    return { step: kept.step, dataset: run.datasetId, images };
  }

  /** Largest loss first. @throws UserError where the dataset has changed */
  images(id: Id, query: AnsweredQuery): { total: number; images: AnsweredImage[] } {
    const { split, offset, limit } = query;
    const run = this.#record(id);
    const kept = this.#workspace.runs.evaluation(id, split);
    if (!kept) return { total: 0, images: [] };
    const data = this.#dataOf(run);
    if (!data) throw new UserError('The dataset has changed or gone since: its images cannot be shown.');
    const indices = data.splits[split];
    const found = [...indices.keys()]
      .filter(i => query.label === null || data.labels[indices[i]!] === query.label)
      .filter(i => query.answered === null || kept.predictions?.[i] === query.answered)
      .sort((a, b) => badness(kept.losses[b]!) - badness(kept.losses[a]!));
    const images = found.slice(offset, offset + limit).map((i): AnsweredImage => {
      const index = indices[i]!;
      const path = this.#workspace.datasets.image(run.datasetId!, index)?.path ?? '';
      const answered = kept.predictions?.[i] ?? null;
      return { index, path, label: data.labels[index]!, answered, loss: kept.losses[i]! };
    });
    return { total: found.length, images };
  }

  /** @throws UserError where the two were not evaluated on the same images */
  paired(first: Id, second: Id, split: Split): PairedAnswers {
    const [one, other] = [this.#record(first), this.#record(second)];
    const [a, b] = [this.#rightOf(one, split), this.#rightOf(other, split)];
    if (one.dataFingerprint !== other.dataFingerprint || a.length !== b.length)
      throw new UserError(`${one.name} and ${other.name} were not tried on the same images.`);
    const count = (right: boolean, too: boolean) =>
      a.filter((isRight, i) => isRight === right && b[i] === too).length;
    return {
      images: a.length,
      bothRight: count(true, true),
      onlyFirst: count(true, false),
      onlySecond: count(false, true),
      bothWrong: count(false, false),
    };
  }

  #rightOf({ id, name }: RunRecord, split: Split): boolean[] {
    const kept = this.#workspace.runs.evaluation(id, split);
    if (!kept) throw new UserError(`${name} was not tried on the ${split} images.`);
    return kept.heads[0]!.scores.map(score => score >= RIGHT_SCORE);
  }

  #record(id: Id): RunRecord {
    const record = this.#workspace.runs.getRun(id);
    if (!record) throw new UserError('This run is not here any more: it was deleted.');
    return record;
  }

  /** The data that it was trained on, if that version still exists. */
  #dataOf({ datasetId, dataFingerprint }: RunRecord): TrainingData | undefined {
    if (datasetId === null || this.#workspace.datasets.get(datasetId)?.state !== 'ready') return undefined;
    if (!this.#datasets.hasVersion(datasetId, dataFingerprint)) return undefined;
    return this.#datasets.trainingData(datasetId, dataFingerprint);
  }
}

/** NaN counts as the largest loss. */
const badness = (loss: number) => (Number.isFinite(loss) ? loss : Number.MAX_VALUE);

function truthOf({ labels, boxes, masks, imageShape }: TrainingData, index: number) {
  return {
    label: labels[index]!,
    box: boxes ? [...boxes.subarray(BOX_NUMBERS * index, BOX_NUMBERS * (index + 1))] : null,
    mask: masks ? readMask(masks, index, sizeOf(imageShape.slice(1))) : null,
  };
}

/** @throws CacheDamage */
function readMask(
  { path, digests }: NonNullable<TrainingData['masks']>,
  index: number,
  size: number,
): Uint8Array {
  const file = new CacheFile(path, size, digests);
  try {
    const mask = new Uint8Array(size);
    file.read(Int32Array.of(index), mask);
    return mask;
  } finally {
    file.close();
  }
}
