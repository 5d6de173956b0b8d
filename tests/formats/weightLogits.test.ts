/**
 * Networks with weights of torchvision's and timm's files answer as PyTorch does: a `.pth` with their names and shapes
 * is read, matched with the zoo and computed (tests/oracles/weights.py, by the same formula).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { fitsOfZoo } from '../../src/engine/formats/fitZoo.ts';
import { takenWeights } from '../../src/engine/formats/matchWeights.ts';
import { openWeights } from '../../src/engine/formats/openWeights.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { sizeOf } from '../../src/engine/layers/shape.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { backends } from '../engine/backends.ts';
import { formula } from '../oracles/cases.ts';
import { memorySource } from './memorySource.ts';
import { type GivenTensor, torchArchive } from './torchArchive.ts';

const TOLERANCE = 1e-3;

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../oracles/expected/${name}.json`, import.meta.url), 'utf8'));

const { networks }: { networks: Record<string, readonly (readonly [string, ...number[]])[]> } =
  read('weightNames');
const {
  size,
  images,
  gains,
  logits,
}: {
  size: number;
  images: number;
  gains: Record<string, number>;
  logits: Record<string, readonly number[]>;
} = read('weightLogits');

/** As weights.py has it. */
function valuesOf(name: string, shape: readonly number[], gain: number): Float32Array {
  const kind = name.slice(name.lastIndexOf('.') + 1);
  if (kind === 'num_batches_tracked') return Float32Array.of(7);
  if (kind === 'weight' && shape.length > 1)
    return formula(name, shape, gain * Math.sqrt(6 / sizeOf(shape.slice(1))), true).values as Float32Array;
  const shift = kind === 'weight' || kind === 'running_var' ? 1 : 0;
  return Float32Array.from(formula(name, shape, 0.25, true).values, value => value + shift);
}

function fileOf(path: string): Uint8Array {
  const tensors = networks[path]!.map(([name, ...shape]): GivenTensor => {
    return { name, shape, values: valuesOf(name, shape, gains[path]!) };
  });
  return torchArchive(tensors);
}

/** Channels last, image after image. */
function inputImages(): Float32Array {
  const { values } = formula('input', [images, 3, size, size], 1, true);
  const pixels = size * size;
  return Float32Array.from(values, (_, i) => {
    const [image, pixel, channel] = [Math.floor(i / (3 * pixels)), Math.floor(i / 3) % pixels, i % 3];
    return values[image * 3 * pixels + channel * pixels + pixel]!;
  });
}

function answers(file: Uint8Array, backendName: BackendName): ArrayLike<number> {
  const { tensors } = openWeights(memorySource(file));
  const [fit] = fitsOfZoo([...tensors.values()], 1);
  const backend = loadBackend(backendName);
  const model = compile({
    inference: infer(fit!.model.build([3, size, size], fit!.size.classes)),
    training: defaultTraining,
    batch: images,
    input: 'real',
    programs: ['evaluate'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  const session = new Session(model, backend, 2);
  try {
    expect(session.restore(takenWeights(fit!.matches, tensors))).toEqual([]);
    session.realImages.set(inputImages());
    session.run('evaluate', images, { learningRate: 0, seed: 1, step: 0 });
    return Float64Array.from(session.output('evaluate'));
  } finally {
    session.close();
  }
}

/** Numbers that the reference, in plain loops, has done with in a second. */
const FEW = 8_000_000;

describe.each(Object.keys(logits))('%s', path => {
  const file = fileOf(path);
  const rows = backends.filter(([title]) => title !== 'reference' || file.length / 4 < FEW);
  it.each(rows)('by %s', (_, use) => {
    const actual = answers(file, use());
    const wanted = logits[path]!;
    expect(actual.length).toBe(wanted.length);
    const differences = wanted.map((value, i) => Math.abs(value - actual[i]!));
    expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
  });

  it('tells the images apart, or no wrong weight would show', () => {
    const half = logits[path]!.length / 2;
    const [first, second] = [logits[path]!.slice(0, half), logits[path]!.slice(half)];
    expect(Math.max(...first.map((value, i) => Math.abs(value - second[i]!)))).toBeGreaterThan(0.1);
  });
});
