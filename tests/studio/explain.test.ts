/** Explain as a window asks for it: over a channel, computed in its thread; what is refused, cancelled, trained. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { StudioCalls, StudioEvent } from '../../src/bridge/contract.ts';
import type {
  AnswerTo,
  ExplainQuestion,
  LabPoint,
  LabVariant,
  ProbeQuestion,
} from '../../src/bridge/explainCalls.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { smallCnn } from '../../src/engine/zoo/smallCnn.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { variantOf } from '../../src/main/studio/explain/labVariants.ts';
import { labVariants } from '../../src/main/studio/explain/regularisationLab.ts';
import { openStudio, type Studio } from '../../src/main/studio/studio.ts';
import { idOf } from '../ids.ts';

let workspace: string;
let studio: Studio;
let calls: StudioCalls;
let events: StudioEvent[];

beforeEach(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'receptive-explain-'));
  studio = await openStudio({ workspace, roots: [], workers: 2, restarted: false });
  const [windowEnd, studioEnd] = queueChannels();
  events = [];
  studio.connect(studioEnd);
  calls = connectWindow(windowEnd, { event: event => void events.push(event) }) as unknown as StudioCalls;
});
afterEach(async () => {
  await studio.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** Tasks, as a window names them. */
const [FIRST, SECOND] = [idOf(1), idOf(2)];

const ask = <Q extends ExplainQuestion>(task: Id, question: Q): Promise<AnswerTo<Q>> =>
  calls.explain(task, question);

const document = newDocument('small', smallCnn.build([3, 32, 32], 4));
const seeded = { document, weights: { from: 'seed' } } as const;
const pixels = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i / 7));
const image = { from: 'values', values: pixels(3 * 32 * 32) } as const;

it('convolves numbers with given weights, as arithmetic does', async () => {
  const graph = chain([
    ['Input', 'input', { shape: [1, 3, 3] }],
    ['Conv2d', 'layer', { outChannels: 1, kernelSize: [2, 2], padding: [0, 0, 0, 0] }],
  ]);
  const tensors = { 'layer.weight': Float32Array.of(1, -1, 2, 0), 'layer.bias': Float32Array.of(0.5) };
  const answer = await ask(FIRST, {
    kind: 'probe',
    subject: { document: newDocument('toy', graph), weights: { from: 'given', tensors } },
    images: [{ from: 'values', values: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) }],
    outputs: ['layer'],
  });
  expect(answer.images[0]!.outputs.layer).toEqual({
    shape: [1, 2, 2],
    values: Float32Array.of(7.5, 9.5, 13.5, 15.5),
  });
});

it('decodes a file as training does, and says what of it is no image', async () => {
  const bytes = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#ff8000' } })
    .png()
    .toBuffer();
  const file = { from: 'file', bytes: new Uint8Array(bytes) } as const;
  const { predictions } = await ask(FIRST, { kind: 'predict', subject: seeded, images: [file] });
  const { picture, probabilities } = predictions[0]!;
  const at = (c: number, y: number) => picture.values[(c * 32 + y) * 32 + 16]!;
  // Fitted in whole: black above, orange in the middle.
  expect([at(0, 0), at(0, 16), at(1, 16), at(2, 16)].map(value => Math.round(value * 255))).toEqual([
    0, 255, 128, 0,
  ]);
  expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1);
  const broken = { from: 'file', bytes: new TextEncoder().encode('no image') } as const;
  await expect(ask(SECOND, { kind: 'predict', subject: seeded, images: [broken] })).rejects.toThrow(
    'It is not an image, whatever its name says.',
  );
});

it('refuses what is not there or does not fit, in plain words', async () => {
  const question: ProbeQuestion = { kind: 'probe', subject: seeded, images: [image], outputs: ['conv1'] };
  const refused = (change: object) => ask(FIRST, { ...question, ...change } as ExplainQuestion);
  await expect(refused({ outputs: ['gone'] })).rejects.toThrow('This layer is not in the network any more.');
  await expect(refused({ images: [{ from: 'values', values: pixels(5) }] })).rejects.toThrow('takes 3×32×32');
  const run = { document, weights: { from: 'run', run: idOf(9), kind: 'best' } };
  await expect(refused({ subject: run })).rejects.toThrow('This run is not here any more');
  const given = { document, weights: { from: 'given', tensors: {} } };
  await expect(refused({ subject: given })).rejects.toThrow('conv1.weight is missing');
  await expect(refused({ images: [] })).rejects.toThrow('explain was called wrongly');
  const faulty = newDocument(
    'faulty',
    chain([
      ['Input', 'input', { shape: [3, 8, 8] }],
      ['Linear', 'fc', {}],
    ]),
  );
  await expect(
    refused({ subject: { ...seeded, document: faulty }, images: [{ from: 'values', values: pixels(192) }] }),
  ).rejects.toThrow(/Linear/);
  await expect(ask(FIRST, { kind: 'slide', subject: seeded, image, size: [33, 33] })).rejects.toThrow(
    '3×33×33',
  );
});

const large = { from: 'values', values: pixels(3 * 256 * 256) } as const;

it.each([
  { kind: 'occlude', subject: seeded, image, target: 1, patch: 2, stride: 1 },
  { kind: 'slide', subject: seeded, image: large, size: [256, 256] },
] as const)('tells how far it is, and ends when nobody wants the answer: $kind', async question => {
  const work = ask(FIRST, question as ExplainQuestion);
  await vi.waitFor(
    () => expect(events.some(event => event.type === 'explaining' && event.task === FIRST)).toBe(true),
    { timeout: 30_000, interval: 5 },
  );
  await calls.cancelExplain(FIRST);
  await expect(work).rejects.toThrow('Cancelled.');
  // The thread is free for the next question.
  const { predictions } = await ask(SECOND, { kind: 'predict', subject: seeded, images: [image] });
  expect(predictions).toHaveLength(1);
});

it('makes each variant of the lab a network that works, different from the plain one', () => {
  const texts = labVariants.map(variant => {
    const made = variantOf({ ...document, dataset: 'shapes' }, variant, 3);
    expect(diagnose(infer(made.graph)).filter(({ severity }) => severity === 'error')).toEqual([]);
    return JSON.stringify(made);
  });
  expect(new Set(texts).size).toBe(labVariants.length);
});

it('trains variants one after the other and tells of each epoch', async () => {
  await vi.waitFor(async () => expect((await calls.snapshot()).datasets[0]?.state).toBe('ready'), {
    timeout: 60_000,
    interval: 50,
  });
  const own = { ...newDocument('lab', smallCnn.build([3, 32, 32], 10)), dataset: 'shapes' };
  const found = await calls.runLab(FIRST, {
    document: own,
    variants: ['plain', 'batchNorm'],
    epochs: 2,
    images: 40,
  });
  expect(Object.values(found).map(points => points.map(({ epoch }: LabPoint) => epoch))).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(found.plain).not.toEqual(found.batchNorm);
  expect(events.filter(({ type }) => type === 'lab')).toHaveLength(4);
  expect((await calls.snapshot()).runs).toEqual([]);
});

it('ends the lab in the middle of a training when it is cancelled', async () => {
  await vi.waitFor(async () => expect((await calls.snapshot()).datasets[0]?.state).toBe('ready'), {
    timeout: 60_000,
    interval: 50,
  });
  const own = { ...newDocument('lab', smallCnn.build([3, 32, 32], 10)), dataset: 'shapes' };
  const question = { document: own, variants: ['plain', 'l2'] as LabVariant[], epochs: 200, images: 400 };
  const work = calls.runLab(FIRST, question);
  await vi.waitFor(() => expect(events.some(({ type }) => type === 'lab')).toBe(true), {
    timeout: 60_000,
    interval: 5,
  });
  await calls.cancelExplain(FIRST);
  await expect(work).rejects.toThrow('Cancelled.');
  expect(events.some(event => event.type === 'lab' && event.variant === 'l2')).toBe(false);
});
