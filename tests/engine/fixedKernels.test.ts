/** Convolutions that start as a known kernel: what is in their weights before any training. */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { initialKernels } from '../../src/engine/layers/fixedKernels.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

/** The weights of a Conv2d of three filters over two channels, as a run begins with them. */
function beginning(start: string | number[]) {
  const graph = chain([
    ['Input', 'input', { shape: [2, 5, 5] }],
    ['Conv2d', 'conv', { outChannels: 3, weights: start }],
    ['Flatten', 'flatten'],
  ]);
  const backend = loadBackend('wasm');
  const model = compile({
    inference: infer(graph),
    training: newDocument('kernels', graph).training,
    batch: 1,
    input: 'real',
    programs: ['train'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  const session = new Session(model, backend, 1);
  try {
    session.initialise(1);
    return new Map(session.weights().map(({ name, values }) => [name, [...values]]));
  } finally {
    session.close();
  }
}

it('lay the kernel over every input channel of every filter, without a bias', () => {
  const weights = beginning('top edge');
  const kernel = [-1, -1, -1, 0, 0, 0, 1, 1, 1];
  expect(weights.get('conv.weight')).toEqual(Array.from({ length: 6 }, () => kernel).flat());
  expect(weights.get('conv.bias')).toEqual([0, 0, 0]);
});

it('are numbers of one’s own where they are given, over every input channel', () => {
  const kernel = [0.1, -2, 3, 0, 0.25, 1e-4, 7, -0.3, 2];
  const given = Array.from({ length: 6 }, () => kernel).flat();
  expect(beginning(kernel).get('conv.weight')).toEqual([...Float32Array.from(given)]);
});

it('answer to flat brightness with nothing (edges), itself (blur, sharpen) or a multiple (cross)', () => {
  const sums = initialKernels.slice(1).map(start => {
    const kernel = beginning(start).get('conv.weight')!.slice(0, 9);
    return [start, kernel.reduce((sum, value) => sum + value, 0)];
  });
  expect(Object.fromEntries(sums)).toEqual({
    'top edge': 0,
    'bottom edge': 0,
    'left edge': 0,
    'right edge': 0,
    blur: 1,
    sharpen: 1,
    cross: 5,
  });
});
