/**
 * The networks that are held against PyTorch, step by step: every example of every layer kind between two
 * layers that make its gradient visible, every example of every loss, every optimizer's settings, what happens to
 * gradients beside them, and the zoo's small networks.
 * Weights and batches follow a formula, so that only PyTorch's answers need to be kept.
 */

import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import {
  type Answer,
  defaultTraining,
  type Graph,
  newDocument,
  type ProjectDocument,
  type Training,
} from '../../src/engine/graph/document.ts';
import { addNode, changeNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { headAnswersOf, inputsOf } from '../../src/engine/graph/headAnswers.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKind, layerKinds } from '../../src/engine/layers/registry.ts';
import { type Shape, sizeOf } from '../../src/engine/layers/shape.ts';
import { lossKinds } from '../../src/engine/losses/registry.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

export interface Case {
  name: string;
  document: ProjectDocument;
  batch: number;
  /** How many steps to take on the same batch. */
  steps: number;
  /** Whether only the losses and sums over the tensors are kept (networkCases.ts). */
  brief?: boolean;
}

export const CLASSES = 5;

type Json = Training['losses'][number]['params'];

function documentOf(
  name: string,
  graph: Graph,
  optimizer: Record<string, number | boolean> = {},
): ProjectDocument {
  const document = newDocument(name, graph);
  const { training } = document;
  const params = { ...training.optimizer.params, ...optimizer };
  return { ...document, training: { ...training, learningRate: 0.1, optimizer: { kind: 'SGD', params } } };
}

/**
 * A layer under test behind a 1×1 convolution for each of its inputs, whose gradient shows the layer's, and
 * before class scores.
 */
function exampleCases(): Case[] {
  return layerKinds()
    .filter(kind => kind.inputs !== 0)
    .flatMap(({ kind, examples }) =>
      examples.map(({ params, input, others = [] }, i) => {
        const [, height = 1, width = 1] = input as [number, number?, number?];
        let graph = chain([['Input', 'input', { shape: [2, height, width] }]]);
        const add = (kindName: string, name: string, sources: readonly string[], set = {}) => {
          graph = addNode(
            graph,
            { ...newNode(graph, layerKind(kindName)!, { x: 0, y: 0 }, set), name },
            name,
          ).graph;
          for (const [input, source] of sources.entries())
            graph = connect(graph, { source, target: name, input });
          return name;
        };
        const feeders = [input, ...others].map((shape, branch) => {
          const before = { outChannels: shape[0], kernelSize: [1, 1], padding: [0, 0, 0, 0] };
          const conv = add('Conv2d', `before${branch}`, ['input'], before);
          return shape.length === 1 ? add('Flatten', `vector${branch}`, [conv]) : conv;
        });
        add(kind, 'layer', feeders, params);
        add('Flatten', 'flatten', ['layer']);
        add('Linear', 'head', ['flatten'], { outFeatures: CLASSES });
        return { name: `${kind}-${i}`, document: documentOf(kind, graph), batch: 3, steps: 1 };
      }),
    );
}

/** Activations on numbers up to ±10, where they bend and saturate: eight times what a convolution gives. */
function wideCases(): Case[] {
  const before = { outChannels: 7, kernelSize: [1, 1], padding: [0, 0, 0, 0] };
  const start = chain([
    ['Input', 'input', { shape: [2, 5, 5] }],
    ['Conv2d', 'before', before],
  ]);
  const eightfold = Array.from({ length: 8 }, (_, input) => ({ source: 'before', target: 'wide', input }));
  return layerKinds()
    .filter(({ family }) => family === 'activation')
    .map(({ kind }) => {
      let graph = start;
      const tail: [string, string, object][] = [
        ['Add', 'wide', {}],
        [kind, 'layer', {}],
        ['Flatten', 'flatten', {}],
        ['Linear', 'head', { outFeatures: CLASSES }],
      ];
      for (const [i, [kindName, name, set]] of tail.entries()) {
        const node = newNode(graph, layerKind(kindName)!, { x: 0, y: 0 }, { ...set });
        graph = addNode(graph, { ...node, name }, name).graph;
        const edges = i === 0 ? eightfold : [{ source: tail[i - 1]![1], target: name, input: 0 }];
        for (const edge of edges) graph = connect(graph, edge);
      }
      return { name: `${kind}-wide`, document: documentOf(kind, graph), batch: 3, steps: 1 };
    });
}

/** A small network whose weights are of every sort that an update may treat in its own way. */
function learner(): Graph {
  return chain([
    ['Input', 'input', { shape: [2, 4, 4] }],
    ['Conv2d', 'conv', { outChannels: 3, bias: false }],
    ['BatchNorm2d', 'norm'],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: CLASSES }],
  ]);
}

/** By kind, then by what is tried. Several steps each: averages and momentum show from the second on. */
const optimizerSettings: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  SGD: {
    plain: { momentum: 0 },
    momentum: { momentum: 0.9 },
    nesterov: { momentum: 0.9, nesterov: true },
    decay: { momentum: 0.8, weightDecay: 0.01 },
  },
  Adam: {
    plain: {},
    decay: { weightDecay: 0.1, beta1: 0.8, beta2: 0.95 },
    amsgrad: { amsgrad: true, beta2: 0.5 },
    eps: { eps: 0.01 },
  },
  AdamW: { plain: {}, decay: { weightDecay: 0.5 }, amsgrad: { amsgrad: true, beta1: 0 } },
  RMSprop: {
    plain: {},
    momentum: { momentum: 0.9, weightDecay: 0.05 },
    centered: { centered: true, alpha: 0.9 },
    all: { centered: true, momentum: 0.5, eps: 0.001, weightDecay: 0.1 },
  },
};

function optimizerCases(): Case[] {
  return Object.entries(optimizerSettings).flatMap(([kind, settings]) =>
    Object.entries(settings).map(([name, params]) => ({
      name: `${kind}-${name}`,
      document: trainedWith(learner(), { optimizer: { kind, params: { ...params } }, learningRate: 0.01 }),
      batch: 4,
      steps: 5,
    })),
  );
}

export function trainedWith(graph: Graph, training: Partial<Training>): ProjectDocument {
  const document = newDocument('trained', graph);
  const merged = { ...document.training, learningRate: 0.1, ...training };
  return { ...document, training: merged };
}

const momentum = { kind: 'SGD', params: { momentum: 0.9, weightDecay: 0.1 } };

/** What happens to gradients and weights beside the optimizer. */
function regularisationCases(): Case[] {
  const off = defaultTraining.regularisation;
  const settings = {
    groups: { decayAll: false },
    l1: { l1: 0.02, decayAll: false },
    clipNorm: { clipNorm: 0.1 },
    clipValue: { clipValue: 0.01 },
    ema: { ema: 0.8 },
    all: { l1: 0.01, clipNorm: 0.2, clipValue: 0.05, ema: 0.5, decayAll: false },
  };
  const tried = Object.entries(settings).map(([name, set]) => ({
    name: `regularisation-${name}`,
    document: trainedWith(learner(), { optimizer: momentum, regularisation: { ...off, ...set } }),
    batch: 4,
    steps: 5,
  }));
  const inParts = {
    name: 'accumulation-parts',
    document: trainedWith(learner(), {
      optimizer: momentum,
      regularisation: { ...off, ...settings.all },
      accumulate: 3,
    }),
    batch: 8,
    steps: 3,
  };
  const frozen = ['conv', 'norm'].reduce((graph, id) => changeNode(graph, id, { frozen: true }), learner());
  const behind = changeNode(learner(), 'norm', { frozen: true });
  return [
    ...tried,
    inParts,
    { name: 'frozen-both', document: trainedWith(frozen, { optimizer: momentum }), batch: 4, steps: 5 },
    { name: 'frozen-norm', document: trainedWith(behind, { optimizer: momentum }), batch: 4, steps: 5 },
  ];
}

/** Layers in groups that learn at rates of their own. */
function rateCases(): Case[] {
  const rates = [
    { layers: 'conv*', factor: 0.25 },
    { layers: '*', factor: 3 },
  ];
  const [ratesOfNorms, decayAll] = [[{ layers: 'n?rm', factor: 0.5 }], false];
  const settings: Readonly<Record<string, Partial<Training>>> = {
    SGD: { optimizer: momentum, rates },
    AdamW: { optimizer: { kind: 'AdamW', params: { weightDecay: 0.5 } }, rates, learningRate: 0.01 },
    RMSprop: { optimizer: { kind: 'RMSprop', params: { momentum: 0.9 } }, rates, learningRate: 0.01 },
    norms: {
      optimizer: momentum,
      rates: ratesOfNorms,
      regularisation: { ...defaultTraining.regularisation, decayAll },
    },
  };
  return Object.entries(settings).map(([name, set]) => ({
    name: `rates-${name}`,
    document: trainedWith(learner(), set),
    batch: 4,
    steps: 5,
  }));
}

/** Convolutions of every sort, each with what joins it in evaluation: a normalisation, a shortcut, a cut. */
export function joining(): Graph {
  const trunk = chain([
    ['Input', 'input', { shape: [2, 9, 10] }],
    ['Conv2d', 'stem', { outChannels: 16, padding: [1, 1, 1, 1] }],
    ['BatchNorm2d', 'stem_norm'],
    ['ReLU', 'stem_relu'],
    ['Conv2d', 'conv', { outChannels: 16, padding: [1, 1, 1, 1], bias: false }],
    ['BatchNorm2d', 'norm'],
    ['Add', 'add'],
  ]);
  return appended(connect(trunk, { source: 'stem_relu', target: 'add', input: 1 }), 'add', [
    ['ReLU', 'relu', {}],
    ['Conv2d', 'depthwise', { outChannels: 16, padding: [1, 1, 1, 1], stride: [2, 2], groups: 16 }],
    ['BatchNorm2d', 'depthwise_norm', {}],
    ['ReLU6', 'relu6', {}],
    ['Conv2d', 'wide', { outChannels: 20, padding: [1, 1, 1, 1], groups: 2 }],
    ['LeakyReLU', 'leaky', { negativeSlope: 0.2 }],
    ['ConvTranspose2d', 'transposed', { outChannels: 17 }],
    ['BatchNorm2d', 'transposed_norm', { affine: false }],
    ['LeakyReLU', 'last_leaky', {}],
    ['Flatten', 'flatten', {}],
    ['Linear', 'hidden', { outFeatures: 19 }],
    ['ReLU', 'hidden_relu', {}],
    ['Linear', 'head', { outFeatures: CLASSES }],
  ]);
}

/** The end that an answer asks for, behind a convolution that makes the loss's gradient visible. */
function endingIn(answer: Answer, channels?: number): Graph {
  const input = chain([
    ['Input', 'input', { shape: [2, 5, 4] }],
    ['Conv2d', 'conv', { outChannels: answer === 'mask' ? (channels ?? 3) : 3 }],
  ]);
  const tails: Record<Answer, [string, string, object][]> = {
    class: [
      ['Flatten', 'flatten', {}],
      ['Linear', 'head', { outFeatures: channels ?? CLASSES }],
    ],
    box: [
      ['Flatten', 'flatten', {}],
      ['Linear', 'head', { outFeatures: 4 }],
      ['Sigmoid', 'sigmoid', {}],
    ],
    mask: [],
  };
  return appended(input, 'conv', [...tails[answer], ['Output', `${answer}Output`, { answer }]]);
}

/** Layers one after the other behind a node. */
function appended(graph: Graph, behind: string, layers: readonly [string, string, object][]): Graph {
  let [current, source] = [graph, behind];
  for (const [kind, name, params] of layers) {
    const node = newNode(current, layerKind(kind)!, { x: 0, y: 0 }, params);
    current = addNode(current, { ...node, name }, name).graph;
    current = connect(current, { source, target: name, input: 0 });
    source = name;
  }
  return current;
}

/** Every example of every loss, then what one alone does not show. */
function lossCases(): Case[] {
  const one = (name: string, graph: Graph, losses: Training['losses']): Case => ({
    name,
    document: trainedWith(graph, { losses }),
    batch: 3,
    steps: 1,
  });
  const examples = lossKinds().flatMap(({ kind, examples }) =>
    examples.map(({ answer, params }, i) =>
      one(`${kind}-${i}`, endingIn(answer), [{ answer, kind, params: params as Json, weight: i + 1 }]),
    ),
  );
  const binary = (['class', 'mask'] as const).map(answer =>
    one(`BCEWithLogitsLoss-one-${answer}`, endingIn(answer, 1), [
      { answer, kind: 'BCEWithLogitsLoss', params: {}, weight: 1 },
    ]),
  );
  const masks = one('DiceLoss-one', endingIn('mask', 1), [
    { answer: 'mask', kind: 'DiceLoss', params: {}, weight: 1 },
    { answer: 'mask', kind: 'BCEWithLogitsLoss', params: {}, weight: 0.5 },
  ]);
  return [...examples, ...binary, masks, one('localizer-losses', localizer(), localizing)];
}

export const localizing: Training['losses'] = [
  { answer: 'class', kind: 'CrossEntropyLoss', params: { labelSmoothing: 0.1 }, weight: 1 },
  { answer: 'box', kind: 'SmoothL1Loss', params: { beta: 0.1 }, weight: 2 },
  { answer: 'box', kind: 'GIoULoss', params: {}, weight: 0.5 },
];

/** A class and a box from the same features. */
function localizer(): Graph {
  const trunk = chain([
    ['Input', 'input', { shape: [2, 8, 8] }],
    ['Conv2d', 'conv1', { outChannels: 6, bias: false }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'relu'],
    ['MaxPool2d', 'pool'],
    ['Flatten', 'flatten'],
  ]);
  const classes = appended(trunk, 'flatten', [
    ['Linear', 'class_scores', { outFeatures: CLASSES }],
    ['Output', 'classOutput', { answer: 'class' }],
  ]);
  return appended(classes, 'flatten', [
    ['Linear', 'box_numbers', { outFeatures: 4 }],
    ['Sigmoid', 'box_shares', {}],
    ['Output', 'boxOutput', { answer: 'box' }],
  ]);
}

function networkCases(): Case[] {
  return [
    { name: 'joining', document: documentOf('joining', joining()), batch: 4, steps: 3 },
    { name: 'lenet', document: documentOf('lenet', lenet.build([1, 28, 28], 10)), batch: 4, steps: 1 },
    {
      name: 'simple_cnn',
      document: documentOf('simple_cnn', simpleCnn.build([3, 28, 28], 10)),
      batch: 9,
      steps: 3,
    },
  ];
}

export function cases(): Case[] {
  return [
    ...exampleCases(),
    ...wideCases(),
    ...optimizerCases(),
    ...regularisationCases(),
    ...rateCases(),
    ...lossCases(),
    ...networkCases(),
  ];
}

/** Between -1 and 1, as make.py has it. */
function noise(shift: number, i: number): number {
  let x = (i + shift * 7919) | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return (x >>> 0) / 2 ** 31 - 1;
}

/** The same numbers as make.py draws: a sine along the index, shifted by the name. */
export function formula(name: string, shape: readonly number[], scale: number, noisy = false): NamedTensor {
  let shift = 0;
  for (let i = 0; i < name.length; i++) shift = (shift * 31 + name.charCodeAt(i)) % 1009;
  const values = Float32Array.from({ length: sizeOf(shape) }, (_, i) => {
    return scale * (noisy ? noise(shift, i) : Math.sin(shift + 0.37 * i));
  });
  return { name, shape, values };
}

function repeated(name: string, shape: readonly number[], values: readonly number[]): NamedTensor {
  return {
    name,
    shape,
    values: Float32Array.from({ length: sizeOf(shape) }, (_, i) => values[i % values.length]!),
  };
}

/**
 * Where a layer's initial numbers are uniform, the formula's have the same size; given ones are kept; others
 * vary around a half.
 */
export function weightsOf({ document, brief: noisy }: Case): Map<string, NamedTensor> {
  const nodes = [...infer(document.graph).nodes.values()];
  const tensors = nodes.flatMap(({ node, figures }) =>
    figures!.weights.map(({ name, shape, initial }) => {
      const full = `${node.name}.${name}`;
      if ('uniform' in initial) return formula(full, shape, initial.uniform, noisy);
      if ('values' in initial) return repeated(full, shape, initial.values);
      const around = formula(full, shape, 0.4, noisy);
      return { ...around, values: Float32Array.from(around.values, value => value + 0.5) };
    }),
  );
  return new Map(tensors.map(tensor => [tensor.name, tensor]));
}

/** Pixels of a mask have classes in turn; boxes lie somewhere in the middle. */
function targetOf(
  answer: Answer,
  shape: Shape,
  batch: number,
): { shape: number[]; values: Int32Array | Float32Array } {
  if (answer === 'box') {
    const middle = formula('box', [batch, 4], 0.2);
    const values = middle.values.map((value, i) => value + (i % 4 < 2 ? 0.25 : 0.75));
    return { shape: [batch, 4], values };
  }
  const extents = [batch, ...shape.slice(1)];
  const classes = Math.max(2, shape[0]!);
  const stripes = (i: number) => (answer === 'mask' ? Math.floor(i / 5) : 0);
  const values = Int32Array.from({ length: sizeOf(extents) }, (_, i) => (i * 7 + 2 + stripes(i)) % classes);
  return { shape: extents, values };
}

/** What is true of a case's batch, by answer. */
export function targetsOf({ document, batch }: Case): Map<Answer, NamedTensor> {
  const inference = infer(document.graph);
  return new Map(
    headAnswersOf(inference, document.training.losses).map(({ node, answer }) => {
      const target = targetOf(answer, inference.nodes.get(node)!.figures!.shape, batch);
      return [answer, { name: 'target', ...target }];
    }),
  );
}

export function batchOf(each: Case): Map<string, NamedTensor> {
  const inference = infer(each.document.graph);
  const { shape } = inference.nodes.get(inputsOf(inference)[0]!)!.figures!;
  const tensors = new Map<string, NamedTensor>([
    ['input', formula('input', [each.batch, ...shape], 1, each.brief)],
  ]);
  const targets = targetsOf(each);
  for (const [answer, target] of targets) {
    const name = targets.size === 1 ? 'target' : `target.${answer}`;
    tensors.set(name, { ...target, name });
  }
  return tensors;
}
