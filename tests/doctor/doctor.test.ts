/**
 * The doctor over runs that the real engine recorded (writeRuns.ts): each illness is recognised where it is, told in
 * two sentences with the run's own numbers, and treated by steps that the project takes. Runs that are well get peace.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RecordedRun } from '../../src/engine/doctor/recordedRun.ts';
import { examine, treat } from '../../src/engine/doctor/registry.ts';
import {
  documentSchema,
  newDocument,
  type ProjectDocument,
  trainingSchema,
} from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { diagnoseTraining } from '../../src/engine/graph/trainability.ts';
import { compileForTraining } from '../../src/engine/runtime/trainingModel.ts';
import { courses } from './courses.ts';

const recorded = (name: string): RecordedRun =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'runs', `${name}.json`), 'utf8'));

const documentOf = ({ graph, training }: RecordedRun): ProjectDocument => ({
  ...newDocument('course', graph),
  dataset: 'shapes',
  // Settings that came later are off.
  training: trainingSchema.parse(training),
});

const shapes = {
  name: 'shapes',
  classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
  imageShape: [3, 32, 32] as const,
};

const ill: Readonly<Record<string, { illness: string; says: RegExp; remedies: readonly string[] }>> = {
  diverging: {
    illness: 'divergence',
    says: /The loss is \d+(\.\d+)? and began with 2\.3\d?, at a learning rate of 30\./,
    remedies: ['Lower the learning rate to 0.02', 'Clip gradients to a norm of 1', 'Warm up for one epoch'],
  },
  'dead-units': {
    illness: 'dead-units',
    says: /In act3, 100 % of the channels are zero for every image, and 1 more like it\./,
    remedies: [
      'Lower the learning rate to 0.03',
      'Use LeakyReLU in place of ReLU',
      'Add BatchNorm2d after each convolution',
    ],
  },
  exploding: {
    illness: 'exploding-gradients',
    says: /The gradients of \w+ are \d+ long/,
    remedies: [
      'Clip gradients to a norm of 1',
      'Add BatchNorm2d after each convolution',
      'Lower the learning rate to 1e-7',
    ],
  },
  vanishing: {
    illness: 'vanishing-gradients',
    says: /\d of 13 layers get almost no gradient: .*e-11 at conv1, where the last layers have 0\.\d+\./,
    remedies: ['Add BatchNorm2d after each convolution', 'Use ReLU in place of activations that flatten'],
  },
  imbalanced: {
    illness: 'class-imbalance',
    says: /between 12 and 400 training images.* 100 % are found, of the rare ones \d\d %/,
    remedies: ['Weigh classes by how rare they are'],
  },
  overfitting: {
    illness: 'overfitting',
    says: /Since epoch \d+ the validation loss rose from 1\.61 to 2\.\d+, .* by 35 %\./,
    remedies: [
      'Vary the images: translation and rotation',
      'Add Dropout before the last layer',
      'Use a weight decay of 0.0005',
    ],
  },
  underfitting: {
    illness: 'underfitting',
    says: /After 20 epochs the training loss is 1\.78.* 36 % of the training images/,
    remedies: ['Begin with a convolution and ReLU', 'Train for 60 epochs'],
  },
  crawling: {
    illness: 'underfitting',
    says: /The weights move by less than a thousandth at each step/,
    remedies: ['Raise the learning rate to 0.004', 'Double the channels', 'Train for 24 epochs'],
  },
  plateau: {
    illness: 'plateau',
    says: /the training loss was 1\.0\d on average, over the 5 before 0\.\d+, with a learning rate of 0\.016/,
    remedies: [
      'Lower the rate when the loss stays: ReduceLROnPlateau',
      'Let the rate fall over the run: CosineAnnealingLR',
    ],
  },
};

describe.each(Object.keys(ill))('a run that was made to show it: %s', name => {
  const run = recorded(name);
  const { illness, says, remedies } = ill[name]!;

  it('is recognised, and nothing else is, with its own numbers', () => {
    const found = examine(run);
    expect(found.map(each => each.illness.name)).toEqual([illness]);
    expect(found[0]!.text).toMatch(says);
    expect(found[0]!.text.match(/[.:] [A-Z]|\.$/g)!.length).toBeLessThanOrEqual(3);
  });

  it('is treated by changes that a project can take and train with', () => {
    const document = documentOf(run);
    const offered = treat(examine(run)[0]!, run, document);
    expect(offered.map(({ title }) => title)).toEqual(expect.arrayContaining([...remedies]));
    for (const remedy of offered) {
      const treated = remedy.apply(document);
      expect(treated, remedy.title).not.toEqual(document);
      expect(documentSchema.parse(treated)).toEqual(treated);
      expect(diagnoseTraining(treated, infer(treated.graph), shapes), remedy.title).toEqual([]);
      compileForTraining(treated);
      // What was taken is not offered again.
      const again = treat(examine(run)[0]!, run, treated).map(({ title }) => title);
      expect(again).not.toContain(remedy.title);
    }
  });
});

/** The same limits on images that are learnt otherwise: quickly at first, one class hardly ever. */
const fashionable: Readonly<Record<string, string>> = {
  'fashion-overfitting': 'overfitting',
  'fashion-crawling': 'underfitting',
  'fashion-diverging': 'divergence',
  'fashion-dead-units': 'dead-units',
  'fashion-vanishing': 'vanishing-gradients',
  'fashion-imbalanced': 'class-imbalance',
};

it.each(Object.entries(fashionable))('%s is recognised as %s alone', (name, illness) => {
  const run = recorded(name);
  const found = examine(run);
  expect(found.map(each => each.illness.name)).toEqual([illness]);
  expect(treat(found[0]!, run, documentOf(run)).length).toBeGreaterThan(0);
});

const well = ['healthy', 'healthy-short', 'fashion-healthy', 'fashion-adam'];

it.each(well)('a run that is well gets peace: %s', name => {
  expect(examine(recorded(name))).toEqual([]);
});

it('says nothing of any run that was made to be ill before there is something to see', () => {
  for (const name of Object.keys(courses)) {
    const { epochs, steps, ...run } = recorded(name);
    const begun: RecordedRun = {
      ...run,
      error: null,
      steps: { loss: steps.loss.slice(0, 2), learningRate: steps.learningRate.slice(0, 2) },
      epochs: { trainLoss: [], trainAccuracy: [], valLoss: [], valAccuracy: [] },
      health: [],
      recalls: null,
    };
    expect(examine(begun), name).toEqual([]);
  }
});

it('tells a divergence by the error that ended the run', () => {
  const run = recorded('healthy-short');
  const [found] = examine({ ...run, error: 'The loss became NaN at step 12: training diverged. …' });
  expect(found?.illness.name).toBe('divergence');
  expect(found?.text).toContain('no number with a learning rate of 0.02');
});

it('weighs classes so that all images together count as before', () => {
  const run = recorded('imbalanced');
  const [remedy] = treat(examine(run)[0]!, run, documentOf(run));
  const [term] = remedy!.apply(documentOf(run)).training.losses;
  const weights = term!.params.weight as number[];
  const counts = run.classCounts!;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const weighed = counts.reduce((sum, count, i) => sum + count * weights[i]!, 0);
  expect(weighed / total).toBeCloseTo(1, 2);
  expect(weights[3]! / weights[0]!).toBeCloseTo(400 / 12, 0);
});
