/** The next batch is read while a program runs: the same bytes as without, in memory that was counted before. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { Batches } from '../../src/engine/runtime/batches.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { shuffled } from '../../src/engine/runtime/philox.ts';
import { Prefetch } from '../../src/engine/runtime/prefetch.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const [COUNT, CHANNELS, SIDE, BATCH] = [64, 3, 12, 8];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-prefetch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function masked(): TrainingData {
  const [imagesPath, path] = [join(folder, 'images.bin'), join(folder, 'masks.bin')];
  const bytes = (count: number, modulus: number) =>
    Uint8Array.from({ length: count }, (_, i) => ((i * 2654435761) >>> 13) % modulus);
  writeFileSync(imagesPath, bytes(COUNT * CHANNELS * SIDE ** 2, 256));
  writeFileSync(path, bytes(COUNT * SIDE ** 2, 3));
  return {
    imagesPath,
    imageShape: [CHANNELS, SIDE, SIDE],
    classes: ['a'],
    labels: new Int32Array(COUNT),
    masks: { path, classes: ['a', 'b', 'c'] },
    splits: {
      train: Int32Array.from({ length: COUNT }, (_, i) => i),
      val: new Int32Array(),
      test: new Int32Array(),
    },
    mean: [0, 0, 0],
    std: [1, 1, 1],
    fingerprint: 'masked',
  };
}

function sessionOf(stages: boolean): Session {
  const graph = chain([
    ['Input', 'input', { shape: [CHANNELS, SIDE, SIDE] }],
    ['Conv2d', 'scores', { outChannels: 3 }],
    ['Output', 'output', { answer: 'mask' }],
  ]);
  const losses = [{ answer: 'mask' as const, kind: 'CrossEntropyLoss', params: {}, weight: 1 }];
  const model = compile({
    inference: infer(graph),
    training: { ...defaultTraining, losses },
    batch: BATCH,
    input: 'uint8',
    programs: ['train'],
    realBytes: 4,
    start: MODEL_START,
    stages,
  });
  return new Session(model, loadBackend(), 1);
}

/** What a session holds of the first images. */
const heldBy = (session: Session, count: number) => ({
  images: session.images.slice(0, count * CHANNELS * SIDE ** 2),
  masks: session.targets(session.model.heads[0]!).slice(0, count * SIDE ** 2),
  indices: session.indices.slice(0, count),
});

it('reads what was asked for, and nothing else', async () => {
  const data = masked();
  const size = CHANNELS * SIDE ** 2;
  const to = new Uint8Array(new SharedArrayBuffer(BATCH * size));
  const prefetch = new Prefetch([{ path: data.imagesPath, size, to }], BATCH);
  const asked = Int32Array.of(7, 60, 0);
  prefetch.begin(asked);
  expect(prefetch.take(Int32Array.of(7, 60))).toBe(false);
  // Until its thread has begun, nobody waits for it.
  await vi.waitFor(() => expect(prefetch.take(asked)).toBe(true), { timeout: 120_000, interval: 20 });
  const file = readFileSync(data.imagesPath);
  for (const [i, position] of asked.entries()) {
    const read = to.slice(i * size, (i + 1) * size);
    expect(read).toEqual(new Uint8Array(file.subarray(position * size, (position + 1) * size)));
  }
  prefetch.close();
});

it('gives the same batches as without', async () => {
  const data = masked();
  const sessions = [sessionOf(true), sessionOf(false)] as const;
  const [ahead, plain] = sessions.map(session => new Batches(data, session)) as [Batches, Batches];
  const order = shuffled(data.splits.train, 3, 0);
  // The last one is smaller; one is asked for that is not taken.
  const batches = [0, 8, 16, 24, 32, 40].map(at => order.subarray(at, Math.min(at + 8, 45)));
  for (let round = 0; round < 40; round++) {
    for (const [i, batch] of batches.entries()) {
      ahead.load(batch, batches[i === 2 ? 0 : i + 1]);
      plain.load(batch);
      expect(heldBy(sessions[0], batch.length)).toEqual(heldBy(sessions[1], batch.length));
    }
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  for (const each of [ahead, plain, ...sessions]) each.close();
});

it('counts the room for the next batch', () => {
  const [staged, plain] = [sessionOf(true), sessionOf(false)];
  expect(staged.model.end - plain.model.end).toBe(BATCH * (CHANNELS + 1) * SIDE ** 2);
  for (const session of [staged, plain]) session.close();
});

it('says that the cache is too short, whoever met it', () => {
  const data = masked();
  const session = sessionOf(true);
  const batches = new Batches(data, session);
  truncateSync(data.imagesPath, 10 * CHANNELS * SIDE ** 2);
  batches.load(Int32Array.of(1, 2), Int32Array.of(3, 40));
  expect(() => batches.load(Int32Array.of(3, 40))).toThrow(/import it again/);
  for (const each of [batches, session]) each.close();
});
