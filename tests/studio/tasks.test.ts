/**
 * Localization and segmentation from a folder to a figure: shapes whose boxes and masks are known are written as COCO
 * and as images with masks, imported, trained on, and measured. The figures are those of the run's own answers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { chain, sizeFor, withModel, type ZooModel } from '../../src/engine/zoo/zoo.ts';
import { type Drawn, draw, images, png, toCoco } from '../datasets/drawn.ts';
import { put } from '../datasets/workshop.ts';
import { type Calls, reaches, state, temporaryStudios } from './temporaryStudios.ts';

const { open } = temporaryStudios();
const desk = mkdtempSync(join(tmpdir(), 'receptive-tasks-'));
let drawn: Drawn[];

beforeAll(async () => {
  drawn = await draw(300);
});
afterAll(() => rmSync(desk, { recursive: true, force: true }));

/** Three convolutions that keep every pixel in its place. */
const segmenter: ZooModel = {
  ...zooModel('unet')!,
  build([channels, height, width], classes) {
    const conv = (name: string, outChannels: number) =>
      ['Conv2d', name, { outChannels, kernelSize: [3, 3], padding: [1, 1, 1, 1] }] as const;
    return chain([
      ['Input', 'input', { shape: [channels, height, width] }],
      conv('conv1', 12),
      ['ReLU', 'relu1'],
      conv('conv2', 12),
      ['ReLU', 'relu2'],
      conv('scores', classes),
    ]);
  },
};

async function imported(calls: Calls, path: string, name: string) {
  const id = await calls.importDataset({ path, name });
  await expect.poll(async () => (await calls.dataset(id)).state, { timeout: 60_000 }).toBe('ready');
  return calls.dataset(id);
}

/** Trains a network of the zoo on a dataset; gives the finished run. */
async function trained(calls: Calls, model: ZooModel, dataset: string, epochs: number) {
  const facts = (await calls.snapshot()).datasets.find(({ name }) => name === dataset)!;
  const document = withModel(newDocument(dataset), model, sizeFor(model, facts));
  const training = { ...document.training, epochs, batchSize: 16, learningRate: 0.003 };
  const optimizer = { kind: 'Adam', params: {} } as const;
  const project = await calls.createProject({
    ...document,
    dataset,
    training: { ...training, optimizer },
  });
  const { id } = await calls.startRun({ project: project.id, name: null });
  await reaches(calls, id, 'finished');
  return state(calls, id);
}

describe('a folder with', () => {
  it('boxes trains a localizer, whose overlap is measured', async () => {
    const { calls } = await open();
    const folder = await put(join(desk, 'coco'), {
      ...(await images(drawn, 'images/')),
      'annotations/instances.json': JSON.stringify(toCoco(drawn)),
    });
    expect(await imported(calls, folder, 'boxes')).toMatchObject({
      format: 'coco',
      boxes: true,
      rejects: [],
    });
    const run = await trained(calls, zooModel('localizer')!, 'boxes', 12);
    const evaluation = (await calls.runEvaluation(run.id, 'test'))!;
    expect(evaluation.heads.map(({ answer }) => answer)).toEqual(['class', 'box']);
    expect(evaluation.heads[0]!.classes).toEqual(
      [...new Set(drawn.map(({ className }) => className))].sort(),
    );
    expect(run.metrics['test.boxIou']).toBeGreaterThan(0.45);
    // The answers that a window sees overlap with the drawn boxes as the figure says.
    const { images: seen } = (await calls.runSamples(run.id))!;
    const overlaps = seen.map(({ box, answers }) => iou(box!, answers[1]!.values));
    expect(overlaps.reduce((sum, each) => sum + each, 0) / overlaps.length).toBeGreaterThan(0.35);
  });

  it('masks trains a segmenter, whose overlap is measured', async () => {
    const { calls } = await open();
    const masks = drawn.map(async ({ path, mask }) => [`masks/${path}.png`, await png(mask, 1)] as const);
    const folder = await put(join(desk, 'masks'), {
      ...(await images(drawn, 'images/')),
      ...Object.fromEntries(await Promise.all(masks)),
    });
    expect(await imported(calls, folder, 'masks')).toMatchObject({ format: 'masks', rejects: [] });
    const run = await trained(calls, segmenter, 'masks', 6);
    const evaluation = (await calls.runEvaluation(run.id, 'test'))!;
    // Whoever answers nothing but ground is right of most pixels, and overlaps with half of nothing.
    expect(run.metrics['test.maskIou']).toBeGreaterThan(0.6);
    const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
    const { confusion } = evaluation.heads[0]!;
    expect(sum(confusion.flat())).toBe(evaluation.images * 32 * 32);
    const overlaps = confusion.map(
      (row, at) => row[at]! / (sum(row) + sum(confusion.map(each => each[at]!)) - row[at]!),
    );
    expect(sum(overlaps) / overlaps.length).toBeCloseTo(run.metrics['test.maskIou']!, 6);
  });
});

/** Of left, top, right, bottom: how much both hold of what either holds. */
function iou(a: readonly number[], b: readonly number[]): number {
  const across = Math.min(a[2]!, b[2]!) - Math.max(a[0]!, b[0]!);
  const down = Math.min(a[3]!, b[3]!) - Math.max(a[1]!, b[1]!);
  const both = Math.max(0, across) * Math.max(0, down);
  const area = (box: readonly number[]) => (box[2]! - box[0]!) * (box[3]! - box[1]!);
  return both / (area(a) + area(b) - both);
}
