/** A project from a pretrained network: a new head learns, the rest is frozen, and what does not fit is refused. */
import { describe, expect, it } from 'vitest';
import { repaired } from '../../src/engine/graph/applyRepair.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../src/engine/graph/diagnostics/settingRules.ts';
import { formatDocument, newDocument, parseDocument } from '../../src/engine/graph/document.ts';
import { frozenLayers, weightedLayers } from '../../src/engine/graph/freezeLayers.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { pretrainedWeights } from '../../src/engine/graph/pretrained.ts';
import { diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { transferred } from '../../src/engine/graph/transfer.ts';
import { fineTuned, fromPretrained, refusesTransfer } from '../../src/engine/zoo/fromPretrained.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';

const [weights] = pretrainedWeights();
if (!weights) throw new Error('no weights come with the program');
const classes = ['a', 'b', 'c'];

it.each([[[3, 224, 224]], [[3, 96, 160]], [[3, 33, 47]]] as const)(
  'on images of %j has nothing wrong, and a head alone that learns',
  input => {
    const before = { ...newDocument('photographs'), dataset: 'photographs' };
    const document = fromPretrained(before, weights, { input, classes: classes.length });
    const inference = infer(document.graph);
    expect(diagnose(inference)).toEqual([]);
    expect(diagnoseSettings(document, inference)).toEqual([]);
    expect(
      diagnoseTraining(document, inference, { name: 'photographs', classes, imageShape: input }),
    ).toEqual([]);
    expect(inference.totals.trainable).toBe(1280 * 3 + 3);
    expect(inference.totals.parameters).toBe(4_652_008 - 1281 * 997);
    expect(parseDocument(formatDocument(document))).toEqual(document);
    expect(document).toMatchObject({ name: 'photographs', dataset: 'photographs' });
    // Whatever the size of the images, all that is frozen is taken from the weights.
    const { build, input: published, classes: many } = zooModel(weights.name)!;
    const taken = transferred(infer(build(published, many)), inference);
    expect(taken.map(({ name, whole }) => [name, whole])).toEqual([
      ['backbone', true],
      ['classifier', false],
    ]);
    expect([...frozenLayers(inference)].every(id => id.startsWith('backbone/'))).toBe(true);
  },
);

it.each([
  [{ input: [1, 224, 224], classes: 3 }, /see red, green and blue; these images have one channel: prepare/],
  [{ input: [3, 28, 28], classes: 3 }, /28×28 are too small for it\. Prepare the dataset at 32×32 or larger/],
  [{ input: [3, 224, 224], classes: 1 }, /two classes or more/],
] as const)('is refused for %j', (size, sentence) => {
  expect(refusesTransfer(weights, size)).toMatch(sentence);
});

it('is for two classes, too', () => {
  expect(refusesTransfer(weights, { input: [3, 32, 32], classes: 2 })).toBeUndefined();
});

describe('fine-tuning', () => {
  const size = { input: [3, 64, 64], classes: 3 } as const;
  const head = fromPretrained(newDocument('photographs'), weights, size);

  it('opens the last stages, each slower than the one behind it, and warms up', () => {
    const tuned = fineTuned(head, weights, 2);
    if ('refusal' in tuned) throw new Error(tuned.refusal);
    const { document } = tuned;
    const inference = infer(document.graph);
    const kept = frozenLayers(inference);
    const learning = [...weightedLayers(inference)].filter(([id]) => !kept.has(id)).map(([, name]) => name);
    expect(learning.every(name => /stage[67].*conv|conv_head|classifier/.test(name))).toBe(true);
    // Four inverted residuals and one more, of three convolutions each; the last layers. Norms stay as they are.
    expect(learning).toHaveLength(5 * 3 + 1 + 1);
    expect(document.training.rates).toEqual([
      { layers: 'backbone.0.stage7', factor: 0.5 },
      { layers: 'backbone.0.conv_head', factor: 0.5 },
      { layers: 'backbone.0.stage6', factor: 0.25 },
    ]);
    expect(document.training.warmup).toBe(1);
    expect(diagnoseSettings(document, inference)).toEqual([]);
    expect(parseDocument(formatDocument(document))).toEqual(document);
    // To open fewer again takes nothing with it.
    const [less, atOnce] = [document, head].map(from => {
      const opened = fineTuned(from, weights, 1);
      if ('refusal' in opened) throw new Error(opened.refusal);
      return { training: opened.document.training, kept: frozenLayers(infer(opened.document.graph)) };
    });
    expect(less).toEqual(atOnce);
  });

  it('leaves no group of rates that means no layer unsaid', () => {
    const training = { ...head.training, rates: [{ layers: 'neck.*', factor: 0.1 }] };
    const [found] = diagnoseSettings({ training }, infer(head.graph));
    expect(found).toMatchObject({ severity: 'warning', code: 'rate-without-layers' });
    expect(repaired({ ...head, training }, null, found!.repairs[0]!).training.rates).toEqual([]);
  });

  it('is refused for a network that has nothing of it', () => {
    const other = newDocument('lenet', zooModel('lenet')!.build([1, 28, 28], 10));
    expect(fineTuned(other, weights)).toEqual({
      refusal: 'The network has no layers of EfficientNet-Lite0 to be fine-tuned.',
    });
  });
});
