/**
 * What a document chooses for its training and cannot have is named with its place, in the same words wherever it is
 * looked at: by inspection, beside the Train button, and where a step is compiled.
 */
import { describe, expect, it } from 'vitest';
import { diagnoseSettings } from '../../src/engine/graph/diagnostics/settingRules.ts';
import { defaultTraining, newDocument, type Training } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const graph = chain([
  ['Input', 'input', { shape: [1, 4, 4] }],
  ['Flatten', 'flatten'],
  ['Linear', 'fc', { outFeatures: 2 }],
]);
const dataset = { name: 'd', classes: ['a', 'b'], imageShape: [1, 4, 4] as const };
const { losses } = defaultTraining;
const loss = losses[0]!;

const wrong: readonly [message: string, changed: Partial<Training>][] = [
  ['training.optimizer: there is no optimizer “Adagrad”.', { optimizer: { kind: 'Adagrad', params: {} } }],
  ['training.optimizer.momentum: SGD, Momentum: ', { optimizer: { kind: 'SGD', params: { momentum: 7 } } }],
  [
    'training.optimizer.speed: SGD, There is no parameter speed.',
    { optimizer: { kind: 'SGD', params: { speed: 1 } } },
  ],
  ['training.schedule: there is no schedule “Never”.', { schedule: { kind: 'Never', params: {} } }],
  [
    'training.schedule.pctStart: OneCycleLR, Rising part: At most 0.99.',
    { schedule: { kind: 'OneCycleLR', params: { pctStart: 2 } } },
  ],
  ['training.losses.0: there is no loss “Guess”.', { losses: [{ ...loss, kind: 'Guess' }] }],
  [
    'training.losses.1.labelSmoothing: CrossEntropyLoss, Label smoothing: At most 1.',
    { losses: [loss, { ...loss, params: { labelSmoothing: 3 } }] },
  ],
  ['training.losses.0: GIoULoss judges no class.', { losses: [{ ...loss, kind: 'GIoULoss' }] }],
  [
    'training.augmentations.1: there is no augmentation “Mirror”.',
    {
      augmentations: [
        { kind: 'RandomHorizontalFlip', params: {} },
        { kind: 'Mirror', params: {} },
      ],
    },
  ],
  [
    'training.augmentations.0.degrees: RandomRotation, ',
    { augmentations: [{ kind: 'RandomRotation', params: { degrees: 999 } }] },
  ],
  [
    'training.augmentations.0.degrees: RandomRotation, ',
    { augmentations: [{ kind: 'RandomRotation', params: { degrees: 'far' } }] },
  ],
];

/** What a step, which is given its weights, is not refused by. */
const beginning: readonly [message: string, changed: Partial<Training>][] = [
  [
    'training.start.weights: there are no weights “resnet9000”. There are: efficientnet_lite0.',
    { start: { weights: 'resnet9000', normalization: 'dataset' } },
  ],
];

describe.each([...wrong, ...beginning])('%s', (message, changed) => {
  const training = { ...defaultTraining, ...changed };
  const document = { ...newDocument('chosen', graph), training };

  it('is what inspection says, and the Train button', () => {
    const [found, ...others] = diagnoseSettings(document, infer(graph));
    expect(others).toEqual([]);
    expect(found).toMatchObject({ node: null, severity: 'error' });
    expect(found!.message.startsWith(message)).toBe(true);
    expect(diagnoseTraining(document, infer(graph), dataset)[0]).toEqual(found);
  });

  it('is said beside what is wrong with the network', () => {
    const broken = { ...graph, edges: graph.edges.slice(1) };
    expect(diagnoseSettings(document, infer(broken))[0]!.message).toContain(message);
  });

  it('is what a step is refused by', () => {
    // No step computes a schedule: it is given its learning rate.
    if ('schedule' in changed || 'start' in changed) return;
    const input = { name: 'input', shape: [2, 1, 4, 4], values: new Float32Array(32) };
    const batch = new Map([['input', input]]);
    const step = () => singleStep({ document, weights: new Map(), batch, backend: 'wasm', threads: 1 });
    expect(step).toThrow(message);
  });
});
