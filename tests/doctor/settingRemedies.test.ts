/** What keeps a document from being trained by its settings has a way out that mends it, as one change. */
import { expect, it } from 'vitest';
import { settingRemedies } from '../../src/engine/doctor/settingRemedies.ts';
import { applyRepair } from '../../src/engine/graph/applyRepair.ts';
import { type LossTerm, newDocument, type Training } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { localizer } from '../../src/engine/zoo/localizer.ts';
import { unet } from '../../src/engine/zoo/unet.ts';

const networks = { lenet, localizer, unet };

const shapes = {
  name: 'shapes',
  classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  imageShape: [3, 32, 32] as const,
  boxes: true,
  maskClasses: ['ground', 'shape'],
};

const term = (
  kind: string,
  answer: LossTerm['answer'] = 'class',
  params: LossTerm['params'] = {},
): LossTerm => ({
  answer,
  kind,
  params,
  weight: 1,
});

const broken: Readonly<
  Record<string, { settings: Partial<Training>; title: string; network?: keyof typeof networks }>
> = {
  'answer-without-loss': {
    settings: {},
    title: 'Judge the box by SmoothL1Loss',
    network: 'localizer',
  },
  'no-output-for-answer': {
    settings: { losses: [term('CrossEntropyLoss'), term('SmoothL1Loss', 'box'), term('DiceLoss', 'mask')] },
    title: 'Remove the losses without an answer',
    network: 'localizer',
  },
  'output-is-no-class-score': { settings: {}, title: 'Judge a mask by CrossEntropyLoss', network: 'unet' },
  'loss-does-not-fit': { settings: { losses: [term('DiceLoss')] }, title: 'Use CrossEntropyLoss' },
  'wrong-weight-count': {
    settings: { losses: [term('CrossEntropyLoss', 'class', { weight: [1, 2, 3], labelSmoothing: 0.1 })] },
    title: 'Let all classes count alike',
  },
  'more-parts-than-images': {
    settings: { batchSize: 4, accumulate: 8 },
    title: 'Compute the batch at once',
  },
  'warmup-too-long': { settings: { epochs: 10, warmup: 12 }, title: 'Warm up for a tenth of the run' },
  'invalid-loss': {
    settings: { losses: [term('CrossEntropyLoss', 'class', { labelSmoothing: 7 })] },
    title: 'Set wrong values back',
  },
  'invalid-optimizer': {
    settings: { optimizer: { kind: 'Adam', params: { beta1: 'much', weightDecay: 0.1 } } },
    title: 'Set wrong values back',
  },
  'invalid-schedule': {
    settings: { schedule: { kind: 'StepLR', params: { gamma: -1 } } },
    title: 'Set wrong values back',
  },
  'invalid-augmentation': {
    settings: { augmentations: [{ kind: 'RandomRotation', params: { degrees: 'far' } }] },
    title: 'Set wrong values back',
  },
};

it.each(Object.keys(broken))('%s is mended', code => {
  const { settings, title, network = 'lenet' } = broken[code]!;
  const plain = newDocument('broken', networks[network].build([3, 32, 32], network === 'unet' ? 2 : 10));
  const document = { ...plain, dataset: 'shapes', training: { ...plain.training, ...settings } };
  const inference = infer(document.graph);
  const diagnosis = diagnoseTraining(document, inference, shapes).find(each => each.code === code);
  expect(diagnosis, 'the document is broken as it should be').toBeDefined();
  const [remedy] = settingRemedies(diagnosis!, document, inference);
  expect(remedy!.title).toBe(title);
  const mended = remedy!.apply(document);
  expect(diagnoseTraining(mended, inference, shapes).map(each => each.code)).toEqual([]);
  // What was right stays.
  if (code === 'wrong-weight-count')
    expect(mended.training.losses[0]!.params).toEqual({ weight: [], labelSmoothing: 0.1 });
  if (code === 'invalid-optimizer') expect(mended.training.optimizer.params.weightDecay).toBe(0.1);
});

it('leads a network that was drawn for other classes to its mask', () => {
  const plain = newDocument('mask', unet.build([3, 32, 32], 10));
  const [term] = broken['no-output-for-answer']!.settings.losses!.filter(each => each.answer === 'mask');
  const document = { ...plain, dataset: 'shapes', training: { ...plain.training, losses: [term!] } };
  const [diagnosis] = diagnoseTraining(document, infer(document.graph), shapes);
  expect(diagnosis).toMatchObject({
    code: 'wrong-mask-classes',
    repairs: [{ title: expect.stringMatching(/^Give \w+ 2 channels$/) }],
  });
  const graph = applyRepair(document.graph, diagnosis!.node, diagnosis!.repairs[0]!);
  expect(diagnoseTraining({ ...document, graph }, infer(graph), shapes)).toEqual([]);
});
