/** What runs answered: how a split was answered last, and the images that a network is asked about while it learns. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Id, RunEvaluation, RunSamples, Split } from '../../bridge/contract.ts';
import { sizeOf } from '../../engine/layers/shape.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import type { RunRecord } from '../database/runs.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import type { Datasets } from './datasets/datasets.ts';

/** Numbers of a box. */
const BOX = 4;

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
    const heads = kept.heads.map(({ scores: _, ...head }) => head);
    return { split, epoch: kept.epoch, dataset, images: kept.losses.length, heads };
  }

  /** Null where nothing was asked yet, or the dataset is not here any more as it was. */
  samples(id: Id): RunSamples | null {
    const run = this.#record(id);
    const kept = this.#workspace.runs.samples(id);
    const data = kept && this.#dataOf(run);
    if (!data || run.datasetId === null) return null;
    const images = kept.images.map(({ index, answers }) => ({ index, answers, ...truthOf(data, index) }));
    return { step: kept.step, dataset: run.datasetId, images };
  }

  #record(id: Id): RunRecord {
    const record = this.#workspace.runs.getRun(id);
    if (!record) throw new UserError('This run is not here any more: it was deleted.');
    return record;
  }

  /** What it was trained on, where that version is still here. */
  #dataOf({ datasetId, dataFingerprint }: RunRecord): TrainingData | undefined {
    if (datasetId === null || this.#workspace.datasets.get(datasetId)?.state !== 'ready') return undefined;
    if (!this.#datasets.hasVersion(datasetId, dataFingerprint)) return undefined;
    return this.#datasets.trainingData(datasetId, dataFingerprint);
  }
}

function truthOf({ labels, boxes, masks, imageShape }: TrainingData, index: number) {
  return {
    label: labels[index]!,
    box: boxes ? [...boxes.subarray(BOX * index, BOX * (index + 1))] : null,
    mask: masks ? readBytes(masks.path, index, sizeOf(imageShape.slice(1))) : null,
  };
}

function readBytes(path: string, index: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, size, index * size);
  } finally {
    closeSync(file);
  }
  return bytes;
}
