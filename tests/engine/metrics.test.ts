/** Metrics by hand: few images, whose figures can be counted on paper. Each metric has a row for each answer it measures. */
import { expect, it } from 'vitest';
import { accuracy } from '../../src/engine/metrics/accuracy.ts';
import { boxIou } from '../../src/engine/metrics/boxIou.ts';
import { Evidence } from '../../src/engine/metrics/evidence.ts';
import { maskIou } from '../../src/engine/metrics/maskIou.ts';
import type { Metric } from '../../src/engine/metrics/metric.ts';
import { classFigures, perClass } from '../../src/engine/metrics/perClass.ts';
import { figuresOf, metrics } from '../../src/engine/metrics/registry.ts';
import { topK } from '../../src/engine/metrics/topK.ts';

/** Class scores whose best is the wanted class. */
function scoresFor(classes: readonly number[], count: number): number[] {
  return classes.flatMap(own => Array.from({ length: count }, (_, c) => (c === own ? 1 : -c / 100)));
}

/** Truly a a a b b c; answered a a b b c c. In two batches, the second one's last places not filled. */
function threeClasses(): Evidence {
  const evidence = new Evidence('class', ['a', 'b', 'c']);
  const add = (targets: number[], predictions: number[], count: number) => {
    const scores = predictions.map((each, i) => Number(each === targets[i]));
    evidence.add({ count, output: scoresFor(predictions, 3), targets, predictions, scores });
  };
  add([0, 0, 0, 1], [0, 0, 1, 1], 4);
  add([1, 2, 0, 0], [2, 2, 0, 0], 2);
  return evidence;
}

/** Scores fall from a to g: of two images the class of the first is fifth, that of the second sixth. */
function sevenClasses(): Evidence {
  const classes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const evidence = new Evidence('class', classes);
  const output = [0, 1].flatMap(() => classes.map((_, c) => -c));
  evidence.add({ count: 2, output, targets: [4, 5], predictions: [0, 0], scores: [0, 0] });
  return evidence;
}

/** Two images of four pixels; one class is nowhere. */
function twoMasks(): Evidence {
  const evidence = new Evidence('mask', ['ground', 'thing', 'nowhere']);
  const targets = [0, 0, 1, 1, 0, 0, 0, 1];
  const predictions = [0, 1, 1, 1, 0, 0, 0, 0];
  evidence.add({ count: 2, output: [], targets, predictions, scores: [3 / 4, 3 / 4] });
  return evidence;
}

/** The third place is not filled. */
function twoBoxes(): Evidence {
  const evidence = new Evidence('box', []);
  evidence.add({ count: 2, output: [], targets: [], predictions: null, scores: [0.5, 1, 9] });
  return evidence;
}

const perClassMeans = {
  precision: (1 + 1 / 2 + 1 / 2) / 3,
  recall: (2 / 3 + 1 / 2 + 1) / 3,
  f1: (4 / 5 + 1 / 2 + 2 / 3) / 3,
};

const rows: readonly (readonly [name: string, Metric, Evidence, Record<string, number>])[] = [
  ['the share of images that are right', accuracy, threeClasses(), { accuracy: 4 / 6 }],
  ['the share of pixels that are right', accuracy, twoMasks(), { pixelAccuracy: 3 / 4 }],
  ['classes among the five best', topK, sevenClasses(), { top5: 1 / 2 }],
  ['nothing of the five best of three classes', topK, threeClasses(), {}],
  ['means over the classes', perClass, threeClasses(), perClassMeans],
  [
    'overlap of masks by class, those left out that are nowhere',
    maskIou,
    twoMasks(),
    { maskIou: (4 / 6 + 2 / 4) / 2 },
  ],
  ['overlap of boxes', boxIou, twoBoxes(), { boxIou: 0.75 }],
];

it.each(rows)('counts %s', (_, metric, evidence, wanted) => {
  const figures = metric.of(evidence);
  expect(Object.keys(figures)).toEqual(Object.keys(wanted));
  for (const [name, value] of Object.entries(wanted)) expect(figures[name], name).toBeCloseTo(value, 12);
});

it('has a row for every metric and every answer that it measures', () => {
  const missing = metrics.flatMap(metric =>
    metric.answers.filter(
      answer => !rows.some(([, each, { answer: tried }]) => each === metric && tried === answer),
    ),
  );
  expect(missing).toEqual([]);
});

it('gives all figures of an answer, and no other’s', () => {
  expect(Object.keys(figuresOf(threeClasses()))).toEqual(['accuracy', 'precision', 'recall', 'f1']);
  expect(Object.keys(figuresOf(twoMasks()))).toEqual(['pixelAccuracy', 'maskIou']);
  expect(Object.keys(figuresOf(twoBoxes()))).toEqual(['boxIou']);
});

it('counts which class was taken for which, and what each class is worth', () => {
  const evidence = threeClasses();
  expect(evidence.confusion.map(row => [...row])).toEqual([
    [2, 1, 0],
    [0, 1, 1],
    [0, 0, 1],
  ]);
  expect(classFigures(evidence)[0]).toEqual({ precision: 1, recall: 2 / 3, f1: 4 / 5, support: 3 });
});
