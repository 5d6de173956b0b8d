/**
 * Augmentations in the compiled program against a plain reference, images, boxes and masks; and what their random
 * numbers depend on: the image, the epoch and the seed, never the batch or the threads.
 */
import { describe, expect, it } from 'vitest';
import { augmentationKind, augmentationKinds } from '../../src/engine/augmentations/registry.ts';
import { compile } from '../../src/engine/compile/compile.ts';
import { hashName } from '../../src/engine/compile/hashName.ts';
import { defaultTraining, type Graph, type Training } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { type Picture, references } from './augmentationReference.ts';

const [HEIGHT, WIDTH, COUNT] = [11, 14, 6];

/** A network that reads images and answers with a box and a mask, so that both are moved. */
function network(channels: number): Graph {
  let graph = chain([['Input', 'input', { shape: [channels, HEIGHT, WIDTH] }]]);
  const add = (kind: string, name: string, source: string, params = {}) => {
    graph = addNode(graph, { ...newNode(graph, layerKind(kind)!, { x: 0, y: 0 }, params), name }, name).graph;
    graph = connect(graph, { source, target: name, input: 0 });
  };
  add('Flatten', 'flatten', 'input');
  add('Linear', 'numbers', 'flatten', { outFeatures: 4 });
  add('Output', 'box', 'numbers', { answer: 'box' });
  add('Conv2d', 'scores', 'input', { outChannels: 3 });
  add('Output', 'mask', 'scores', { answer: 'mask' });
  return graph;
}

const losses: Training['losses'] = [
  { answer: 'box', kind: 'SmoothL1Loss', params: {}, weight: 1 },
  { answer: 'mask', kind: 'CrossEntropyLoss', params: {}, weight: 1 },
];

interface Given {
  augmentations: Training['augmentations'];
  channels?: number;
  indices: readonly number[];
  seed?: number;
  epoch?: number;
  backend?: BackendName;
  threads?: number;
}

const byte = (index: number, at: number) => ((index * 7919 + at * 2654435761) >>> 13) % 256;
const boxOf = (index: number) => [0.1 + index / 40, 0.2, 0.7, 0.6 + index / 20];
const classOf = (index: number, at: number) => Math.floor((at + index) / 5) % 3;

/** What the training program makes of images of a dataset, given by their places in it. */
function augmented(given: Given): Picture[] {
  const { augmentations, channels = 3, indices, seed = 5, epoch = 2, threads = 1 } = given;
  const backend = loadBackend(given.backend ?? 'reference');
  const model = compile({
    inference: infer(network(channels)),
    training: { ...defaultTraining, losses, augmentations },
    batch: COUNT,
    input: 'uint8',
    programs: ['train'],
    realBytes: backend.realBytes,
    start: MODEL_START,
    keepsOutputs: true,
  });
  const session = new Session(model, backend, threads);
  const [size, pixels] = [channels * HEIGHT * WIDTH, HEIGHT * WIDTH];
  try {
    session.initialise(1);
    session.setNormalization(new Array(channels).fill(0), new Array(channels).fill(1));
    const [box, mask] = model.heads.map(head => session.targets(head)) as [Float64Array, Int32Array];
    for (const [place, index] of indices.entries()) {
      session.indices[place] = index;
      for (let at = 0; at < size; at++) session.images[place * size + at] = byte(index, at);
      for (let at = 0; at < pixels; at++) mask[place * pixels + at] = classOf(index, at);
      box.set(boxOf(index), place * 4);
    }
    session.run('train', indices.length, { learningRate: 0, seed, step: 7, epoch });
    const images = session.reals(model.outputsOfNodes[0]!.tensor);
    return indices.map((_, place) => ({
      pixels: Float64Array.from(images.subarray(place * size, (place + 1) * size)),
      channels,
      height: HEIGHT,
      width: WIDTH,
      box: [...box.subarray(place * 4, place * 4 + 4)],
      mask: [...mask.subarray(place * pixels, (place + 1) * pixels)],
    }));
  } finally {
    session.close();
  }
}

function plain(index: number, channels: number): Picture {
  const pixels = Float64Array.from({ length: channels * HEIGHT * WIDTH }, (_, at) => byte(index, at) / 255);
  const mask = Array.from({ length: HEIGHT * WIDTH }, (_, at) => classOf(index, at));
  return { pixels, channels, height: HEIGHT, width: WIDTH, box: boxOf(index), mask };
}

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (each, i) => Math.abs(each - b[i]!)));

/** What has tests of its own: noise below, FGSM in fgsm.test.ts. */
const OTHERS = ['GaussianNoise', 'FGSM'];

const rows = augmentationKinds().flatMap(({ kind, examples }) =>
  examples.flatMap((params, i) =>
    [3, 1].map(channels => [`${kind}-${i}, ${channels} channels`, kind, params, channels] as const),
  ),
);

describe.each(['reference', 'wasm'] as const)('%s', backend => {
  it.each(rows.filter(([, kind]) => !OTHERS.includes(kind)))('%s', (_, kind, params, channels) => {
    const full = augmentationKind(kind)!.schema.parse(params) as Record<string, number>;
    const indices = [3, 0, 12, 7, 1, 40];
    const augmentations = [{ kind, params: full }];
    const actual = augmented({ augmentations, channels, indices, backend });
    for (const [place, index] of indices.entries()) {
      const draws = { seed: 5, epoch: 2, key: hashName(`augmentation0.${kind}`), index };
      const wanted = references[kind]!(plain(index, channels), full, draws);
      // Parameters pass through float32.
      expect(largest(actual[place]!.pixels, wanted.pixels), `image ${index}`).toBeLessThan(2e-5);
      expect(largest(actual[place]!.box, wanted.box), `box ${index}`).toBeLessThan(1e-5);
      expect(actual[place]!.mask, `mask ${index}`).toEqual(wanted.mask);
    }
  });
});

it('adds noise of the wanted strength to the wanted share of images', () => {
  const indices = [0, 1, 2, 3, 4, 5];
  const noise = (p: number) => [{ kind: 'GaussianNoise', params: { p, std: 0.1 } }];
  const differences = augmented({ augmentations: noise(1), indices }).flatMap(({ pixels }, i) =>
    Array.from(pixels, (each, at) => each - plain(i, 3).pixels[at]!),
  );
  const mean = differences.reduce((sum, each) => sum + each, 0) / differences.length;
  const deviation = Math.sqrt(
    differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / differences.length,
  );
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(deviation).toBeGreaterThan(0.095);
  expect(deviation).toBeLessThan(0.105);
  const untouched = augmented({ augmentations: noise(0), indices });
  expect(largest(untouched[2]!.pixels, plain(2, 3).pixels)).toBeLessThan(1e-9);
});

const several: Training['augmentations'] = [
  { kind: 'RandomHorizontalFlip', params: {} },
  { kind: 'RandomRotation', params: { degrees: 20 } },
  { kind: 'RandomHue', params: { amount: 0.2 } },
  { kind: 'GaussianNoise', params: { p: 0.7 } },
  { kind: 'RandomErasing', params: {} },
];

it('depends on the image, not on its batch, its place or the threads', () => {
  const together = augmented({ augmentations: several, indices: [9, 4, 2, 8, 6, 1] });
  const [alone] = augmented({ augmentations: several, indices: [8] });
  const threads = augmented({ augmentations: several, indices: [8, 9], threads: 3 });
  expect(alone).toEqual(together[3]);
  expect(threads).toEqual([together[3], together[0]]);
});

it('is another in the next epoch and for another seed', () => {
  const indices = [0, 1, 2, 3, 4, 5];
  const first = augmented({ augmentations: several, indices });
  for (const other of [{ epoch: 3 }, { seed: 6 }]) {
    const changed = augmented({ augmentations: several, indices, ...other });
    expect(
      changed.filter(({ pixels }, i) => largest(pixels, first[i]!.pixels) > 0.01).length,
    ).toBeGreaterThan(4);
  }
});

it('has a reference, examples and a row for every kind', () => {
  const missing = augmentationKinds().filter(
    ({ kind, examples }) => examples.length === 0 || (!(kind in references) && !OTHERS.includes(kind)),
  );
  expect(missing).toEqual([]);
});
