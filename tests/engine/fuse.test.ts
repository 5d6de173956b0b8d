/**
 * What one pass can compute is one instruction on the fast backends: less to do and less memory, and the same numbers,
 * to the bit where the arithmetic is the same.
 */
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import type { ProgramName } from '../../src/engine/compile/program.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { defaultTraining, type Graph, newDocument } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { Prober } from '../../src/engine/runtime/explain/prober.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { batchOf, CLASSES, formula, joining, weightsOf } from '../oracles/cases.ts';
import { fastBackends } from './backends.ts';

const BATCH = 5;

interface Options {
  realBytes?: 4 | 8;
  program?: ProgramName;
  /** To be looked at: then nothing may be joined. */
  keepsOutputs?: boolean;
}

const modelOf = (graph: Graph, { realBytes = 4, program = 'train', keepsOutputs = false }: Options = {}) =>
  compile({
    inference: infer(graph),
    training: defaultTraining,
    batch: BATCH,
    input: 'real',
    programs: [program],
    realBytes,
    start: MODEL_START,
    keepsOutputs,
  });

const count = (model: ReturnType<typeof modelOf>, names: RegExp, program: ProgramName = 'train') =>
  model.instructions[program].filter(({ name }) => names.test(name)).length;

it('leaves no pass for what follows a convolution or a normalisation, except where it is looked at', () => {
  const cuts = /^(relu|activation)Forward/;
  // Behind a normalisation by the batch's statistics only one that cuts to zero is joined.
  expect(count(modelOf(joining()), cuts)).toBe(1);
  expect(count(modelOf(joining(), { realBytes: 8 }), cuts)).toBe(6);
  expect(count(modelOf(joining(), { keepsOutputs: true }), cuts)).toBe(6);
  const evaluated = modelOf(joining(), { program: 'evaluate' });
  expect(count(evaluated, /^(relu|activation|batchNorm|add)Forward/, 'evaluate')).toBe(0);
  expect(count(evaluated, /^foldNorm/, 'evaluate')).toBe(4);
});

it('takes no memory for what is not stored', () => {
  const wide = chain([
    ['Input', 'input', { shape: [2, 16, 16] }],
    ['Conv2d', 'conv1', { outChannels: 32 }],
    ['LeakyReLU', 'leaky'],
    ['Conv2d', 'conv2', { outChannels: 2 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 3 }],
  ]);
  const between = BATCH * 32 * 14 * 14 * 4;
  const saved = modelOf(wide, { keepsOutputs: true }).end - modelOf(wide).end;
  expect(saved).toBeGreaterThanOrEqual(between);
});

type Layer = readonly [kind: string, params: object, channels: number];

/** A layer of each way that the kernels compute convolutions in, and how many channels it gets. */
const layers: readonly Layer[] = [
  ['Conv2d', { outChannels: 32 }, 16],
  ['Conv2d', { outChannels: 21, padding: [1, 0, 2, 1] }, 18],
  ['Conv2d', { outChannels: 37, stride: [2, 2] }, 9],
  ['Conv2d', { outChannels: 16, kernelSize: [5, 5], bias: false }, 1],
  ['Conv2d', { outChannels: 24, kernelSize: [1, 1] }, 40],
  ['Conv2d', { outChannels: 32, kernelSize: [1, 1] }, 3],
  ['Conv2d', { outChannels: 33, groups: 33, padding: [1, 1, 1, 1] }, 33],
  ['Conv2d', { outChannels: 32, groups: 4 }, 32],
  ['Conv2d', { outChannels: 48, groups: 3, stride: [2, 1] }, 48],
  ['ConvTranspose2d', { outChannels: 32 }, 16],
  ['ConvTranspose2d', { outChannels: 9, kernelSize: [2, 2], stride: [2, 2] }, 6],
  ['ConvTranspose2d', { outChannels: 12, groups: 12, stride: [2, 1] }, 12],
];

const cuts: readonly (readonly [kind: string, params: Record<string, unknown>])[] = [
  ['ReLU', {}],
  ['ReLU6', {}],
  ['LeakyReLU', { negativeSlope: 0.3 }],
];

/** The layer twice, added where the shape stays, with a cut behind each. */
function networkOf([kind, params, channels]: Layer, cut: (typeof cuts)[number]): Graph {
  const before = { outChannels: channels, kernelSize: [1, 1], padding: [0, 0, 0, 0] };
  let graph = chain([
    ['Input', 'input', { shape: [2, 10, 11] }],
    ['Conv2d', 'before', before],
    [kind, 'layer1', { ...params }],
    [cut[0], 'cut1', cut[1]],
  ]);
  const add = (kindName: string, name: string, sources: readonly string[], set: object = {}) => {
    const node = newNode(graph, layerKind(kindName)!, { x: 0, y: 0 }, { ...set });
    graph = addNode(graph, { ...node, name }, name).graph;
    for (const [input, source] of sources.entries()) graph = connect(graph, { source, target: name, input });
  };
  add(kind, 'layer2', ['before'], params);
  add('Add', 'sum', ['layer2', 'cut1']);
  add(cut[0], 'cut2', ['sum'], cut[1]);
  add('Flatten', 'flatten', ['cut2']);
  add('Linear', 'hidden', ['flatten'], { outFeatures: 18 });
  add(cut[0], 'cut3', ['hidden'], cut[1]);
  add('Linear', 'head', ['cut3'], { outFeatures: 3 });
  return graph;
}

/** Everything that a training step finds. */
function step(graph: Graph, backend: BackendName, keepsOutputs: boolean): Map<string, Float32Array> {
  const session = new Session(modelOf(graph, { keepsOutputs }), loadBackend(backend), 1);
  try {
    session.initialise(3);
    session.realImages.set(formula('image', [session.realImages.length], 2).values);
    const [head] = session.model.heads;
    for (const i of session.targets(head!).keys()) session.targets(head!)[i] = i % 3;
    session.run('train', BATCH, { learningRate: 0, seed: 1, step: 0 });
    const output = Float32Array.from(session.output('train'));
    return new Map([
      ['losses', Float32Array.from(session.losses)],
      ['output', output],
      ...session.gradients().map(({ name, values }) => [name, values.slice()] as const),
    ]);
  } finally {
    session.close();
  }
}

const titleOf = ([kind, params, channels]: Layer) => `${kind} ${channels} → ${JSON.stringify(params)}`;

describe.each(layers.map(layer => [titleOf(layer), layer] as const))('%s', (_, layer) => {
  it.each(fastBackends)('comes to the same bits joined and one after the other: %s', (_, use) => {
    const backend = use();
    for (const cut of cuts) {
      const graph = networkOf(layer, cut);
      expect(diagnose(infer(graph)).filter(({ severity }) => severity === 'error')).toEqual([]);
      const [joined, plain] = [step(graph, backend, false), step(graph, backend, true)];
      expect(plain.size).toBeGreaterThan(6);
      for (const [name, values] of plain) expect(joined.get(name), `${cut[0]} ${name}`).toEqual(values);
    }
  });
});

const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));

it.each(fastBackends)('folds normalisations to the numbers of one after the other: %s', (_, use) => {
  const [backend, graph] = [use(), joining()];
  const each = { name: 'joining', document: newDocument('joining', graph), batch: BATCH, steps: 1 };
  const weights = new Map(
    [...weightsOf(each)].map(([name, { values }]) => [name, Float32Array.from(values, Number)]),
  );
  const images = Float32Array.from(batchOf(each).get('input')!.values, Number);
  const inference = infer(graph);
  const prober = new Prober({ inference, weights, batch: BATCH, backend });
  const session = new Session(modelOf(graph, { program: 'evaluate' }), loadBackend(backend), 2);
  try {
    prober.run(images);
    session.restore(name => weights.get(name));
    const [channels, pixels] = [2, 9 * 10];
    for (let i = 0; i < images.length; i++) {
      const [image, c, pixel] = [
        Math.floor(i / (channels * pixels)),
        Math.floor(i / pixels) % channels,
        i % pixels,
      ];
      session.realImages[(image * pixels + pixel) * channels + c] = images[i]!;
    }
    session.run('evaluate', BATCH);
    const folded = session.output('evaluate');
    const plain = Array.from({ length: BATCH }, (_, image) => [
      ...prober.output('head', image).values,
    ]).flat();
    expect(plain.length).toBe(folded.length);
    expect(largest(plain)).toBeGreaterThan(0.01);
    const differences = plain.map((value, i) => value - folded[i]!);
    expect(largest(differences) / largest(plain)).toBeLessThan(1e-5);
  } finally {
    prober.close();
    session.close();
  }
});

/** The reference joins nothing. */
function expectAsReference(graph: Graph, backend: BackendName): void {
  const each = { name: 'joining', document: newDocument('joining', graph), batch: BATCH, steps: 1 };
  const given = { document: each.document, weights: weightsOf(each), batch: batchOf(each), threads: 2 };
  const found = new Map(singleStep({ ...given, backend }).map(tensor => [tensor.name, tensor]));
  for (const { name, values } of singleStep({ ...given, backend: 'reference' })) {
    if (!/^(loss|output|grad\.(head|.*norm|.*weight))/.test(name)) continue;
    const differences = Array.from(values, (value, i) => value - found.get(name)!.values[i]!);
    expect(largest(differences) / largest(values), name).toBeLessThan(1e-4);
  }
}

it.each(fastBackends)('joins cuts to normalisations as the reference computes them: %s', (_, use) => {
  expectAsReference(joining(), use());
});

/** A maximum behind a ReLU, which a sum reads too where it `isShared`. */
function pooling(window: Record<string, unknown>, isShared: boolean): Graph {
  const trunk = chain([
    ['Input', 'input', { shape: [2, 10, 14] }],
    ['Conv2d', 'conv1', { outChannels: 21 }],
    ['ReLU', 'relu1'],
    ['MaxPool2d', 'pool', window],
    ...(isShared ? ([['Add', 'sum']] as const) : []),
    ['Conv2d', 'conv2', { outChannels: 16 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: CLASSES }],
  ]);
  return isShared ? connect(trunk, { source: 'relu1', target: 'sum', input: 1 }) : trunk;
}

it.each(fastBackends)('lets no gradient through a maximum that its ReLU would stop: %s', (_, use) => {
  const passes = (graph: Graph) => count(modelOf(graph), /^reluBackward/);
  for (const window of [{}, { kernelSize: [3, 3], stride: [1, 2], padding: [1, 0] }]) {
    const graph = pooling(window, false);
    expect(passes(graph)).toBe(0);
    expectAsReference(graph, use());
  }
  const shared = pooling({ kernelSize: [3, 3], stride: [1, 1], padding: [1, 1] }, true);
  expect(passes(shared)).toBe(1);
  expectAsReference(shared, use());
});
