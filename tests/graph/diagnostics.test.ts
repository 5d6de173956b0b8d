/**
 * Every diagnosis, in one table: a network that shows it, and the same after its first repair, which no longer
 * does and has no error that it had not before.
 */
import { describe, expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import type { Diagnosis } from '../../src/engine/graph/diagnosis.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../src/engine/graph/diagnostics/settingRules.ts';
import { defaultTraining, type Edge, type Graph, type Training } from '../../src/engine/graph/document.ts';
import { addNode, connect, insertAfter, newNode, setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { rankRepairs } from '../../src/engine/graph/repairs.ts';
import { toggleBypass } from '../../src/engine/graph/rewire.ts';
import { diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';

const NO_PADDING = [0, 0, 0, 0];

/** A sound classifier: image, these layers, ReLU, Flatten, Linear. */
function net(shape: readonly number[], ...links: ChainLink[]): Graph {
  // A row that needs a kind which is not registered is not tried.
  const known = links.filter(([kind]) => layerKind(kind));
  const end: ChainLink[] = [
    ['ReLU', 'end'],
    ['Flatten', 'flatten'],
    ['Linear', 'head'],
  ];
  return chain([['Input', 'input', { shape }], ...known, ...end]);
}

const base = net([3, 8, 8], ['Conv2d', 'conv'], ['ReLU', 'relu'], ['MaxPool2d', 'pool']);

/** With one more node, and edges to it or from it. */
function plus(graph: Graph, kind: string, name: string, ...edges: Edge[]): Graph {
  const node = { ...newNode(graph, layerKind(kind)!, { x: 300, y: 90 }), name };
  return edges.reduce(connect, addNode(graph, node, name).graph);
}

const rewired = (graph: Graph, edges: Edge[]): Graph => ({ ...graph, edges });
const renamed = (graph: Graph, id: string, change: object): Graph => ({
  ...graph,
  nodes: { ...graph.nodes, [id]: { ...graph.nodes[id]!, ...change } },
});
const wire = (source: string, target: string, input = 0): Edge => ({ source, target, input });

/** Input, two convolutions beside each other, what joins them, then Flatten and Linear. */
function branched(merge: string, left: object, right: object): Graph {
  let graph = net([3, 8, 8], ['Conv2d', 'left', { ...left }], ['ReLU', 'relu'], ['Flatten', 'vector']);
  graph = plus(graph, 'Conv2d', 'right', wire('input', 'right'));
  graph = plus(setParams(graph, 'right', right), merge, 'merge');
  graph = rewired(
    graph,
    graph.edges.filter(({ target }) => target !== 'vector'),
  );
  return [wire('relu', 'merge', 0), wire('right', 'merge', 1), wire('merge', 'vector')].reduce(
    connect,
    graph,
  );
}

/** Class scores at two places, each marked as an answer. */
function withOutputs(first: object, second: object): Graph {
  const graph = plus(base, 'Output', 'first', wire('head', 'first'));
  const both = plus(graph, 'Output', 'second', wire('head', 'second'));
  return setParams(setParams(both, 'first', first), 'second', second);
}

const chainOf = (...links: ChainLink[]) => chain(links);
const image = (shape: readonly number[]): ChainLink => ['Input', 'input', { shape }];
const twoInputs = plus(base, 'Input', 'second');

const errors: [code: string, graph: Graph][] = [
  ['unknown-kind', renamed(base, 'conv', { kind: 'Conv2D ' })],
  ['invalid-parameter', setParams(base, 'conv', { outChannels: -1 })],
  ['invalid-parameter', setParams(base, 'conv', { colour: 'red' })],
  ['open-input', rewired(base, base.edges.slice(1))],
  ['open-input', plus(base, 'Add', 'add', wire('relu', 'add'))],
  ['unused-node', plus(base, 'ReLU', 'forgotten')],
  ['duplicate-name', renamed(base, 'conv', { name: 'head' })],
  ['cycle', rewired(base, [...base.edges.slice(1), wire('relu', 'conv')])],
  ['dangling-edge', rewired(base, [...base.edges, wire('gone', 'head', 1)])],
  ['no-such-input', rewired(base, [...base.edges, wire('conv', 'head', 1)])],
  ['input-taken-twice', rewired(base, [...base.edges, wire('conv', 'head')])],
  ['no-input', chainOf(['Conv2d', 'conv'], ['Flatten', 'flatten'], ['Linear', 'head'])],
  ['several-inputs', rewired(twoInputs, [wire('second', 'conv'), ...base.edges.slice(1)])],
  ['several-outputs', plus(base, 'MaxPool2d', 'side', wire('relu', 'side'))],
  ['answered-twice', withOutputs({ answer: 'class' }, { answer: 'class' })],
  ['output-is-no-box', withOutputs({ answer: 'class' }, { answer: 'box' })],
  ['output-is-no-mask', insertAfter(base, 'head', { kind: 'Output', params: { answer: 'mask' } })],
  ['output-is-no-class-score', chainOf(image([3, 8, 8]), ['Conv2d', 'conv'], ['Output', 'output'])],
  ['channels-not-divisible-by-groups', setParams(base, 'conv', { groups: 2 })],
  ['same-padding-with-stride', setParams(base, 'conv', { padding: 'same', stride: [2, 2] })],
  ['kernel-larger-than-input', setParams(base, 'conv', { kernelSize: [11, 11], padding: NO_PADDING })],
  ['pooled-to-nothing', setParams(base, 'pool', { kernelSize: [9, 9] })],
  ['pool-padding-too-large', setParams(base, 'pool', { padding: [2, 2] })],
  ['wants-image', net([3, 8, 8], ['Conv2d', 'conv'], ['Flatten', 'early'], ['MaxPool2d', 'pool'])],
  ['linear-wants-vector', chainOf(image([3, 8, 8]), ['Conv2d', 'conv'], ['Linear', 'head'])],
  ['shapes-differ', branched('Add', { outChannels: 8 }, { outChannels: 12, stride: [2, 2] })],
  ['shapes-differ', branched('Multiply', { outChannels: 8 }, { outChannels: 12 })],
  ['sizes-differ', branched('Concat', { outChannels: 8 }, { outChannels: 12, stride: [2, 2] })],
];

const twice = ['Conv2d', 'second', { outChannels: 16 }] as const;
const huge = chainOf(
  image([64, 30, 30]),
  ['Conv2d', 'conv'],
  ['Flatten', 'flatten'],
  ['Linear', 'head', { outFeatures: 2000 }],
);

const warnings: [code: string, graph: Graph, ...needs: string[]][] = [
  ['empty-network', { nodes: {}, edges: [] }],
  ['reserved-name', renamed(base, 'conv', { name: 'forward' })],
  [
    'output-is-no-class-score',
    chainOf(image([1, 28, 28]), ['Conv2d', 'c1'], ['ReLU', 'r'], ['Conv2d', 'c2', { outChannels: 1 }]),
  ],
  [
    'output-is-no-class-score',
    chainOf(image([1, 3, 3]), ['Conv2d', 'conv', { outChannels: 7, padding: NO_PADDING }]),
  ],
  ['output-rectified', insertAfter(base, 'head', { kind: 'ReLU', params: {} })],
  ['no-nonlinearity-between', net([3, 8, 8], ['Conv2d', 'conv'], twice)],
  ['activation-after-activation', net([3, 8, 8], ['Conv2d', 'conv'], ['ReLU', 'relu'])],
  ['merges-itself', plusMerge('Add')],
  ['layer-does-nothing', net([3, 8, 8], ['MaxPool2d', 'pool', { kernelSize: [1, 1], stride: [1, 1] }])],
  ['layer-does-nothing', net([3, 8, 8], ['Flatten', 'early'])],
  ['unread-pixels', net([3, 9, 9], ['Conv2d', 'conv'], ['ReLU', 'relu'], ['MaxPool2d', 'pool'])],
  ['unread-pixels', net([3, 8, 8], ['Conv2d', 'conv', { padding: NO_PADDING, stride: [2, 2] }])],
  ['stride-larger-than-window', setParams(base, 'pool', { stride: [3, 3] })],
  [
    'stride-larger-than-window',
    net([3, 11, 11], ['Conv2d', 'conv', { padding: NO_PADDING, stride: [4, 4] }]),
  ],
  ['even-kernel-same-padding', setParams(base, 'conv', { kernelSize: [4, 4], padding: 'same' })],
  ['padding-too-large', setParams(base, 'conv', { kernelSize: [1, 1] })],
  ['dilation-larger-than-input', setParams(base, 'conv', { dilation: [5, 5], padding: [5, 5, 5, 5] })],
  [
    'stride-without-widening',
    net(
      [3, 16, 16],
      ['Conv2d', 'conv', { outChannels: 8 }],
      ['ReLU', 'r1'],
      ['Conv2d', 'down', { outChannels: 8, stride: [2, 2] }],
      ['ReLU', 'r2'],
    ),
  ],
  ['linear-very-large', huge],
  ['flatten-large-image', net([3, 64, 64], ['Conv2d', 'conv'], ['ReLU', 'relu'])],
  [
    'nothing-to-train',
    chainOf(image([1, 4, 4]), ['Conv2d', 'conv', { frozen: true, outChannels: 4 }], ['Flatten', 'flatten']),
  ],
  [
    'receptive-field-too-small',
    net([3, 64, 64], ['Conv2d', 'conv'], ['ReLU', 'relu'], ['GlobalAvgPool2d', 'gap']),
    'GlobalAvgPool2d',
  ],
  [
    'bias-before-batch-norm',
    net([3, 8, 8], ['Conv2d', 'conv'], ['BatchNorm2d', 'norm'], ['ReLU', 'relu']),
    'BatchNorm2d',
  ],
  [
    'dropout-before-batch-norm',
    net([3, 8, 8], ['Conv2d', 'conv', { bias: false }], ['Dropout2d', 'drop'], ['BatchNorm2d', 'norm']),
    'BatchNorm2d',
    'Dropout2d',
  ],
  ['dropout-last', insertAfter(base, 'head', { kind: 'Dropout', params: {} }), 'Dropout'],
];

function plusMerge(kind: string): Graph {
  const graph = plus(base, kind, 'merge', wire('relu', 'merge', 0), wire('relu', 'merge', 1));
  return [wire('merge', 'pool')].reduce(connect, graph);
}

const errorsOf = (diagnoses: readonly Diagnosis[]) =>
  diagnoses.filter(({ severity }) => severity === 'error').length;

/** Shows the diagnosis, takes its best repair, and shows that it is gone. @returns the repaired graph */
function shownAndMended(graph: Graph, code: string): Graph {
  const inference = infer(graph);
  const diagnosis = diagnose(inference).find(other => other.code === code);
  expect(diagnose(inference).map(other => other.code)).toContain(code);
  expect(diagnosis!.message).toMatch(/^[^\n]{20,240}\.$/);
  const titles = diagnosis!.repairs.map(({ title }) => title);
  expect(titles, 'no repair is offered twice').toEqual([...new Set(titles)]);
  const [best] = rankRepairs(graph, inference, diagnosis!);
  expect(best, 'it offers a repair').toBeDefined();
  const mended = applyRepair(graph, diagnosis!.node, best!.repair);
  const after = diagnose(infer(mended));
  expect(after.filter(other => other.code === code).map(({ message }) => message)).toEqual([]);
  const own = diagnosis!.severity === 'error' ? 1 : 0;
  expect(errorsOf(after)).toBeLessThanOrEqual(errorsOf(diagnose(inference)) - own);
  return mended;
}

const isThere = (kinds: readonly string[]) => kinds.every(kind => layerKind(kind));

describe('errors: shown, and mended by their first repair', () => {
  it.each(errors)('%s', (code, graph) => {
    expect(errorsOf(diagnose(infer(shownAndMended(graph, code))))).toBe(0);
  });
});

describe('warnings: shown, and mended by their first repair', () => {
  it.each(warnings.filter(([, , ...needs]) => isThere(needs)))('%s', (code, graph) => {
    expect(errorsOf(diagnose(infer(graph))), 'a warning stands in no one’s way').toBe(0);
    shownAndMended(graph, code);
  });
});

describe('how the network is to be trained', () => {
  const train = (change: Partial<Training>) => ({ ...defaultTraining, ...change });
  const rows: [code: string, graph: Graph, training: Training, ...needs: string[]][] = [
    ['one-class-score', setParams(base, 'head', { outFeatures: 1 }), defaultTraining],
    [
      'softmax-before-loss',
      insertAfter(base, 'head', { kind: 'Softmax', params: {} }),
      defaultTraining,
      'Softmax',
    ],
    [
      'batch-norm-batch-one',
      net([3, 8, 8], ['Conv2d', 'conv', { bias: false }], ['BatchNorm2d', 'norm']),
      train({ batchSize: 1 }),
      'BatchNorm2d',
    ],
  ];
  it.each(rows.filter(([, , , ...needs]) => isThere(needs)))('%s', (code, graph, training) => {
    const inference = infer(graph);
    const diagnosis = diagnoseSettings({ training }, inference).find(other => other.code === code)!;
    expect(diagnosis).toMatchObject({ severity: 'warning' });
    const mended = applyRepair(graph, diagnosis.node, rankRepairs(graph, inference, diagnosis)[0]!.repair);
    expect(diagnose(infer(mended))).toEqual([]);
    expect(diagnoseSettings({ training }, infer(mended))).toEqual([]);
    expect(diagnoseSettings({ training: train({ batchSize: 64 }) }, inference)).toHaveLength(
      code.startsWith('batch') ? 0 : 1,
    );
  });

  const dataset = { name: 'd', classes: ['a', 'b', 'c'], imageShape: [3, 8, 8] as const };
  const network = (graph: Graph) => ({
    receptive: 2 as const,
    name: 'n',
    graph,
    dataset: 'd',
    training: defaultTraining,
  });
  const ends: [code: string, graph: Graph][] = [
    ['wrong-class-count', base],
    ['wrong-class-count', insertAfter(base, 'head', { kind: 'ReLU', params: {} })],
    [
      'wrong-class-count',
      chainOf(
        image([3, 8, 8]),
        ['Conv2d', 'conv', { kernelSize: [8, 8], padding: NO_PADDING }],
        ['Flatten', 'f'],
      ),
    ],
    ['output-is-no-class-score', chainOf(image([3, 8, 8]), ['Conv2d', 'conv'])],
    ['input-differs-from-dataset', net([1, 8, 8], ['Conv2d', 'conv'])],
  ];
  it.each(ends)('%s: the dataset’s classes and images', (code, graph) => {
    const [diagnosis] = diagnoseTraining(network(graph), infer(graph), dataset);
    expect(diagnosis).toMatchObject({ code, severity: 'error' });
    const mended = applyRepair(graph, diagnosis!.node, diagnosis!.repairs[0]!);
    const left = diagnoseTraining(network(mended), infer(mended), dataset).map(other => other.code);
    expect(left).not.toContain(code);
  });
});

it('are at least thirty', () => {
  const codes = new Set([...errors, ...warnings].map(([code]) => code));
  expect(codes.size).toBeGreaterThanOrEqual(40);
});

describe('what is meant is not warned of', () => {
  const sound: [string, Graph][] = [
    [
      'a linear bottleneck',
      net([64, 8, 8], ['Conv2d', 'narrow', { outChannels: 8 }], ['Conv2d', 'wide', { outChannels: 64 }]),
    ],
    [
      'a depthwise separable convolution',
      net(
        [32, 8, 8],
        ['Conv2d', 'depthwise', { outChannels: 32, groups: 32 }],
        ['Conv2d', 'pointwise', { outChannels: 64 }],
      ),
    ],
    [
      'a shortcut of stride 2',
      net(
        [32, 9, 9],
        ['Conv2d', 'short', { outChannels: 64, kernelSize: [1, 1], stride: [2, 2], padding: NO_PADDING }],
      ),
    ],
    ['a row that the padding reaches', net([3, 8, 8], ['Conv2d', 'conv', { stride: [2, 2] }])],
    [
      'one unread row of 224',
      net(
        [3, 224, 8],
        ['Conv2d', 'conv', { kernelSize: [3, 3], stride: [2, 1], padding: [0, 0, 1, 1] }],
        ['ReLU', 'r'],
        ['MaxPool2d', 'p', { kernelSize: [111, 1], stride: [111, 1] }],
      ),
    ],
  ];
  it.each(sound)('%s', (_, graph) => {
    expect(diagnose(infer(graph)).map(({ code }) => code)).toEqual([]);
  });
});

it('a warning goes when what a node feeds changes, and comes back with it', () => {
  const before = infer(net([3, 8, 8], ['Conv2d', 'conv'], twice));
  const plain = net([3, 8, 8], ['Conv2d', 'conv'], twice);
  const bent = insertAfter(plain, 'conv', { kind: 'ReLU', params: {} });
  const after = infer(bent, before);
  expect(diagnose(before).map(({ code }) => code)).toContain('no-nonlinearity-between');
  expect(diagnose(after)).toEqual([]);
  expect(diagnose(infer(plain, after))).toEqual(diagnose(before));
});

it('looks past bypassed layers where it counts activations', () => {
  const graph = net([3, 8, 8], ['Conv2d', 'conv'], ['ReLU', 'relu'], ['MaxPool2d', 'pool']);
  const doubled = (of: Graph) => diagnose(infer(of)).filter(({ message }) => message.includes('directly'));
  expect(doubled(graph)).toEqual([]);
  // The pooling between two activations is passed by: they follow each other.
  expect(doubled(toggleBypass(graph, ['pool'])).map(({ node }) => node)).toEqual(['end']);
  expect(doubled(toggleBypass(graph, ['relu', 'pool']))).toEqual([]);
});
