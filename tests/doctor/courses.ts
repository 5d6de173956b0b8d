/**
 * Runs made to show one illness each, and some that are well: small networks on the sample's shapes, and on
 * Fashion-MNIST, whose classes a network tells apart at once, and never wholly. What they recorded is committed in
 * runs/; `npx node tests/doctor/writeRuns.ts [name…]` makes them anew, those on Fashion-MNIST where FASHION_MNIST
 * names the folder that holds its files.
 */
import type { Graph, LossTerm, ProjectDocument } from '../../src/engine/graph/document.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';

type ImageShape = readonly [number, number, number];

export interface Course {
  /** Whose images it learns from; the sample's where nothing is written. */
  readonly data?: 'fashion';
  /** Of the images that are trained with; of each class so many, where a list is given. */
  readonly images: number | readonly number[];
  readonly graph: Graph;
  readonly training: Partial<ProjectDocument['training']>;
}

export const CLASSES = 10;
const SHAPES: ImageShape = [3, 32, 32];
export const FASHION: ImageShape = [1, 28, 28];

const cnn = (width: number, activation = 'ReLU', shape = SHAPES) =>
  chain([
    ['Input', 'input', { shape }],
    ['Conv2d', 'conv1', { outChannels: width }],
    [activation, 'act1'],
    ['MaxPool2d', 'pool1'],
    ['Conv2d', 'conv2', { outChannels: 2 * width }],
    [activation, 'act2'],
    ['MaxPool2d', 'pool2'],
    ['Flatten', 'flatten'],
    ['Linear', 'fc1', { outFeatures: 64 }],
    [activation, 'act3'],
    ['Linear', 'fc2', { outFeatures: CLASSES }],
  ]);

/** Many convolutions one after the other. */
const deep = (depth: number, activation: string, shape = SHAPES) =>
  chain([
    ['Input', 'input', { shape }],
    ['MaxPool2d', 'pool'],
    ...Array.from({ length: depth }, (_, i): ChainLink[] => [
      ['Conv2d', `conv${i + 1}`, { outChannels: 12 }],
      [activation, `act${i + 1}`],
    ]).flat(),
    ['GlobalAvgPool2d', 'average'],
    ['Flatten', 'flatten'],
    ['Linear', 'fc', { outFeatures: CLASSES }],
  ]);

/** Convolutions after each of which the same is added up four times: on the way back, gradients grow as much. */
function swelling(depth: number): Graph {
  const graph = deep(depth, 'Add');
  const adding = Object.keys(graph.nodes).filter(id => graph.nodes[id]!.kind === 'Add');
  const repeated = graph.edges
    .filter(({ target }) => adding.includes(target))
    .flatMap(edge => [1, 2, 3].map(input => ({ ...edge, input })));
  return { ...graph, edges: [...graph.edges, ...repeated] };
}

const loss = (params: LossTerm['params'] = {}): LossTerm[] => [
  { answer: 'class', kind: 'CrossEntropyLoss', params, weight: 1 },
];
const sgd = { kind: 'SGD', params: { momentum: 0.9, weightDecay: 0, nesterov: false } };

export const courses: Readonly<Record<string, Course>> = {
  healthy: { images: 1200, graph: cnn(8), training: { epochs: 12, batchSize: 32, learningRate: 0.02 } },
  'healthy-short': {
    images: 1200,
    graph: cnn(8),
    training: { epochs: 2, batchSize: 32, learningRate: 0.02 },
  },
  overfitting: { images: 150, graph: cnn(24), training: { epochs: 30, batchSize: 16, learningRate: 0.02 } },
  underfitting: {
    images: 800,
    graph: chain([
      ['Input', 'input', { shape: [3, 32, 32] }],
      ['AvgPool2d', 'pool', { kernelSize: [8, 8], stride: [8, 8] }],
      ['Flatten', 'flatten'],
      ['Linear', 'fc', { outFeatures: CLASSES }],
    ]),
    training: { epochs: 20, batchSize: 32, learningRate: 0.01 },
  },
  crawling: { images: 800, graph: cnn(8), training: { epochs: 8, batchSize: 32, learningRate: 0.0004 } },
  diverging: { images: 400, graph: cnn(8), training: { epochs: 5, batchSize: 32, learningRate: 30 } },
  plateau: {
    images: 800,
    graph: cnn(6, 'LeakyReLU'),
    training: { epochs: 14, batchSize: 8, learningRate: 0.016, seed: 1, optimizer: sgd },
  },
  'dead-units': {
    images: 600,
    graph: cnn(12),
    training: { epochs: 8, batchSize: 32, learningRate: 0.3, optimizer: sgd },
  },
  vanishing: {
    images: 400,
    graph: deep(12, 'Sigmoid'),
    training: { epochs: 8, batchSize: 32, learningRate: 0.02 },
  },
  exploding: {
    images: 400,
    graph: swelling(8),
    training: { epochs: 8, batchSize: 32, learningRate: 1e-6 },
  },
  imbalanced: {
    images: [400, 400, 400, 12, 12, 12, 12, 12, 12, 12],
    graph: cnn(8),
    training: { epochs: 6, batchSize: 32, learningRate: 0.02, losses: loss() },
  },
  'fashion-healthy': {
    data: 'fashion',
    images: 1000,
    graph: cnn(8, 'ReLU', FASHION),
    training: { epochs: 6, batchSize: 32, learningRate: 0.02 },
  },
  'fashion-adam': {
    data: 'fashion',
    images: 600,
    graph: cnn(8, 'ReLU', FASHION),
    training: { epochs: 8, batchSize: 32, learningRate: 0.001, optimizer: { kind: 'Adam', params: {} } },
  },
  'fashion-overfitting': {
    data: 'fashion',
    images: 150,
    graph: cnn(24, 'ReLU', FASHION),
    training: { epochs: 60, batchSize: 16, learningRate: 0.02 },
  },
  'fashion-crawling': {
    data: 'fashion',
    images: 600,
    graph: cnn(8, 'ReLU', FASHION),
    training: { epochs: 8, batchSize: 32, learningRate: 0.00004 },
  },
  'fashion-diverging': {
    data: 'fashion',
    images: 400,
    graph: cnn(8, 'ReLU', FASHION),
    training: { epochs: 5, batchSize: 32, learningRate: 30 },
  },
  'fashion-dead-units': {
    data: 'fashion',
    images: 600,
    graph: cnn(12, 'ReLU', FASHION),
    training: { epochs: 8, batchSize: 32, learningRate: 0.3, optimizer: sgd },
  },
  'fashion-vanishing': {
    data: 'fashion',
    images: 400,
    graph: deep(12, 'Sigmoid', FASHION),
    training: { epochs: 8, batchSize: 32, learningRate: 0.02 },
  },
  'fashion-imbalanced': {
    data: 'fashion',
    images: [4, 4, 4, 4, 4, 4, 4, 300, 300, 300],
    graph: cnn(8, 'ReLU', FASHION),
    training: { epochs: 5, batchSize: 32, learningRate: 0.02, losses: loss() },
  },
};
