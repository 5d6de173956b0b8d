/** The networks that explain.py writes with torch.nn: one with a branch and padding, and two that slide. */
import { addNode, connect, insertAfter, newNode } from '../../src/engine/graph/edits.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

export const LABEL = 3;
export const EPSILON = 0.07;
export const TARGET = 1;
export const normalization = { mean: [0.4, 0.5, 0.6], std: [0.3, 0.25, 0.2] };

export function branching() {
  const upper = chain([
    ['Input', 'input', { shape: [3, 12, 12] }],
    ['Conv2d', 'conv1', { outChannels: 4 }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'first'],
    ['Conv2d', 'conv2', { outChannels: 4 }],
  ]);
  const add = { ...newNode(upper, layerKind('Add')!, { x: 0, y: 600 }), name: 'sum' };
  let { graph } = addNode(upper, add, 'sum');
  graph = connect(graph, { source: 'first', target: 'sum', input: 0 });
  graph = connect(graph, { source: 'conv2', target: 'sum', input: 1 });
  const rest = [
    ['MaxPool2d', 'pooled', {}],
    ['Dropout', 'drop', {}],
    ['Flatten', 'flatten', {}],
    ['Linear', 'fc', { outFeatures: 5 }],
  ] as const;
  let before = 'sum';
  for (const [kind, name, params] of rest) {
    const node = { ...newNode(graph, layerKind(kind)!, { x: 0, y: 700 }, params), name };
    graph = connect(addNode(graph, node, name).graph, { source: before, target: name, input: 0 });
    before = name;
  }
  return graph;
}

export const slidingGraph = chain([
  ['Input', 'input', { shape: [3, 29, 29] }],
  ['Conv2d', 'conv1', { outChannels: 6, kernelSize: [5, 5], stride: [2, 2], padding: [0, 0, 0, 0] }],
  ['ReLU', 'relu1'],
  ['Conv2d', 'conv2', { outChannels: 8, stride: [2, 2], padding: [0, 0, 0, 0] }],
  ['ReLU', 'relu2'],
  ['MaxPool2d', 'pool'],
  ['Flatten', 'flatten'],
  ['Linear', 'fc1', { outFeatures: 10 }],
  ['ReLU', 'relu3'],
  ['Linear', 'fc2', { outFeatures: 4 }],
]);

/** Residual, padded, and ended by an average over all of the image. */
export function pooledGraph() {
  const upper = chain([
    ['Input', 'input', { shape: [3, 32, 32] }],
    ['Conv2d', 'conv1', { outChannels: 6, stride: [2, 2] }],
    ['ReLU', 'first'],
    ['Conv2d', 'conv2', { outChannels: 6 }],
  ]);
  const joined = addNode(
    upper,
    { ...newNode(upper, layerKind('Add')!, { x: 0, y: 600 }), name: 'sum' },
    'sum',
  );
  const wired = ['first', 'conv2'].reduce(
    (graph, source, input) => connect(graph, { source, target: 'sum', input }),
    joined.graph,
  );
  return insertAfter(wired, 'sum', [
    { kind: 'ReLU', params: {} },
    { kind: 'GlobalAvgPool2d', params: {} },
    { kind: 'Flatten', params: {} },
    { kind: 'Dropout', params: {} },
    { kind: 'Linear', params: { outFeatures: 4 } },
  ]);
}
