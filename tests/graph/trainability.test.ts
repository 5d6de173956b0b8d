/** Whether a document can be trained: each thing that is in the way, said where it is. */
import { describe, expect, it } from 'vitest';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import {
  defaultTraining,
  type Graph,
  newDocument,
  parseDocument,
  type Training,
} from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { setFrozen } from '../../src/engine/graph/freezing.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { type DatasetFacts, diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { lossKinds } from '../../src/engine/losses/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const shapes: DatasetFacts = {
  name: 'shapes',
  classes: ['circle', 'square', 'star'],
  imageShape: [3, 8, 8],
  boxes: true,
  maskClasses: ['ground', 'shape'],
};

const plain: DatasetFacts = { name: 'pets', classes: ['cat', 'dog', 'fox'], imageShape: [3, 8, 8] };

function append(graph: Graph, source: string, ...layers: [string, string, object?][]): Graph {
  let [current, behind] = [graph, source];
  for (const [kind, name, params = {}] of layers) {
    const node = newNode(current, layerKind(kind)!, { x: 0, y: 0 }, params);
    current = addNode(current, { ...node, name }, name).graph;
    current = connect(current, { source: behind, target: name, input: 0 });
    behind = name;
  }
  return current;
}

const trunk = chain([
  ['Input', 'input', { shape: [3, 8, 8] }],
  ['Conv2d', 'conv', { outChannels: 4 }],
  ['Flatten', 'flatten'],
]);
const classifier = append(trunk, 'flatten', ['Linear', 'scores', { outFeatures: 3 }]);
const localizer = append(
  append(classifier, 'scores', ['Output', 'class', { answer: 'class' }]),
  'flatten',
  ['Linear', 'numbers', { outFeatures: 4 }],
  ['Output', 'box', { answer: 'box' }],
);
const segmenter = append(
  chain([['Input', 'input', { shape: [3, 8, 8] }]]),
  'input',
  ['Conv2d', 'conv', { outChannels: 2 }],
  ['Output', 'mask', { answer: 'mask' }],
);

const term = (answer: Training['losses'][number]['answer'], kind: string, params = {}) => ({
  answer,
  kind,
  params,
  weight: 1,
});
const byClass = term('class', 'CrossEntropyLoss');
const byBox = term('box', 'SmoothL1Loss');
const byMask = term('mask', 'CrossEntropyLoss');

function obstacles(
  graph: Graph,
  losses: Training['losses'],
  dataset = shapes,
  others: Partial<Training> = {},
) {
  const document = { ...newDocument('tried', graph), training: { ...defaultTraining, losses, ...others } };
  return diagnoseTraining(document, infer(graph), dataset);
}

it.each([
  ['a classifier', classifier, [byClass], plain],
  ['a classifier with two losses', classifier, [byClass, term('class', 'MSELoss')], plain],
  ['a localizer', localizer, [byClass, byBox, term('box', 'GIoULoss')], shapes],
  ['a segmenter', segmenter, [byMask, term('mask', 'DiceLoss')], shapes],
] as const)('%s can be trained', (_, graph, losses, dataset) => {
  expect(obstacles(graph, [...losses], dataset)).toEqual([]);
});

describe('says', () => {
  it.each([
    ['that no Output gives a box', classifier, [byClass, byBox], shapes, 'no-output-for-answer', /box/],
    [
      'that an answer has no loss',
      localizer,
      [byClass],
      shapes,
      'answer-without-loss',
      /box answers the box/,
    ],
    [
      'that there are no boxes',
      localizer,
      [byClass, byBox],
      plain,
      'dataset-without-box',
      /pets has no boxes to learn from: a dataset is needed/,
    ],
    [
      'that there are no masks',
      segmenter,
      [byMask],
      plain,
      'dataset-without-mask',
      /pets has no masks to learn from: a dataset is needed/,
    ],
    [
      'that a loss judges no boxes',
      localizer,
      [byClass, term('box', 'DiceLoss')],
      shapes,
      'loss-does-not-fit',
      /SmoothL1Loss/,
    ],
    ['that there is no such loss', classifier, [term('class', 'Guess')], plain, 'unknown-loss', /Guess/],
    [
      'that a parameter is wrong',
      classifier,
      [term('class', 'CrossEntropyLoss', { labelSmoothing: 2 })],
      plain,
      'invalid-loss',
      /labelSmoothing/,
    ],
    [
      'that weights are missing',
      classifier,
      [term('class', 'CrossEntropyLoss', { weight: [1, 2] })],
      plain,
      'wrong-weight-count',
      /2 class weights for 3/,
    ],
    [
      'that the mask has other classes',
      segmenter,
      [byMask],
      { ...shapes, maskClasses: ['a', 'b', 'c'] },
      'wrong-mask-classes',
      /3 are wanted/,
    ],
    [
      'that the images are others',
      classifier,
      [byClass],
      { ...plain, imageShape: [1, 8, 8] },
      'input-differs-from-dataset',
      /1×8×8/,
    ],
  ] as const)('%s', (_, graph, losses, dataset, code, message) => {
    const found = obstacles(graph, [...losses], dataset as DatasetFacts);
    expect(found.map(each => each.code)).toContain(code);
    expect(found.find(each => each.code === code)!.message).toMatch(message);
  });

  it.each([
    ['a schedule', { schedule: { kind: 'Never', params: {} } }, 'unknown-schedule'],
    [
      'an augmentation',
      { augmentations: [{ kind: 'RandomRotation', params: { degrees: 999 } }] },
      'invalid-augmentation',
    ],
    ['parts', { accumulate: 100, batchSize: 10 }, 'more-parts-than-images'],
    ['a warm-up', { warmup: 10, epochs: 10 }, 'warmup-too-long'],
  ] as const)('that %s cannot be as it is', (_, others, code) => {
    const settings = others as unknown as Partial<Training>;
    expect(obstacles(classifier, [byClass], plain, settings).map(each => each.code)).toEqual([code]);
  });
});

it('lets every Input have the image where their shapes are equal', () => {
  let graph = append(classifier, 'input', ['Conv2d', 'aside', { outChannels: 4 }], ['Flatten', 'flat2']);
  graph = addNode(
    graph,
    { ...newNode(graph, layerKind('Input')!, { x: 0, y: 0 }, { shape: [3, 8, 8] }), name: 'in2' },
    'in2',
  ).graph;
  graph = connect(graph, { source: 'in2', target: 'aside', input: 0 });
  graph = append(graph, 'flat2', ['Linear', 'more', { outFeatures: 3 }]);
  graph = addNode(graph, { ...newNode(graph, layerKind('Add')!, { x: 0, y: 0 }), name: 'sum' }, 'sum').graph;
  for (const [input, source] of ['scores', 'more'].entries())
    graph = connect(graph, { source, target: 'sum', input });
  expect(obstacles(graph, [byClass], plain)).toEqual([]);
});

it('counts frozen weights as parameters that do not learn', () => {
  const before = infer(classifier);
  const frozen = setFrozen(classifier, ['conv', 'scores'], true);
  expect(setFrozen(frozen, ['conv'], true)).toBe(frozen);
  const after = infer(setFrozen(frozen, ['scores'], false), before);
  expect(after.totals.parameters).toBe(before.totals.parameters);
  expect(before.totals.trainable - after.totals.trainable).toBe(
    before.nodes.get('conv')!.figures!.parameters,
  );
  const thawed = setFrozen(frozen, ['conv', 'scores'], false);
  expect(thawed).toEqual(classifier);
  expect(infer(thawed, after).totals).toEqual(before.totals);
});

it('reads a file that does not know of the newer settings as if they were off', () => {
  const { schedule, warmup, regularisation, stopping, augmentations, accumulate, ...older } = defaultTraining;
  const text = JSON.stringify({ ...newDocument('older', classifier), training: older });
  expect(parseDocument(text).training).toEqual({
    ...older,
    schedule,
    warmup,
    regularisation,
    stopping,
    augmentations,
    accumulate,
  });
  expect(schedule).toEqual({ kind: 'constant', params: {} });
});

it('has an example for every answer that a loss judges', () => {
  const missing = lossKinds().flatMap(({ kind, answers, examples }) =>
    answers.filter(answer => !examples.some(each => each.answer === answer)).map(answer => [kind, answer]),
  );
  expect(missing).toEqual([]);
});

it.each([
  ['a box beside the class', classifier, [byClass, byBox]],
  [
    'a box instead of the class',
    append(classifier, 'scores', ['Output', 'class', { answer: 'class' }]),
    [byBox],
  ],
  ['a class beside the mask', segmenter, [byMask, byClass]],
  ['a mask beside the class', classifier, [byClass, byMask]],
] as const)('leads by its first repairs to a network that learns %s', (_, start, losses) => {
  let graph = start;
  const codes: string[] = [];
  for (let [found] = obstacles(graph, [...losses]); found; [found] = obstacles(graph, [...losses])) {
    codes.push(found.code);
    expect(codes.length, codes.join(', ')).toBeLessThan(8);
    graph = applyRepair(graph, found.node, found.repairs[0]!);
  }
  expect(codes[0]).toBe('no-output-for-answer');
});
