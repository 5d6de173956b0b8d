/** Metrics by hand: few images, whose figures can be counted on paper. */
import { describe, expect, it } from 'vitest';
import { Evidence } from '../../src/engine/metrics/evidence.ts';
import { classFigures } from '../../src/engine/metrics/perClass.ts';
import { figuresOf } from '../../src/engine/metrics/registry.ts';

/** Class scores whose best is the wanted class. */
function scoresFor(classes: readonly number[], count: number): number[] {
  return classes.flatMap(own => Array.from({ length: count }, (_, c) => (c === own ? 1 : -c / 100)));
}

describe('classes', () => {
  // Truly a a a b b c; answered a a b b c c. A second batch whose last place is not filled.
  const evidence = new Evidence('class', ['a', 'b', 'c']);
  const add = (targets: number[], predictions: number[], count: number) => {
    const scores = predictions.map((each, i) => Number(each === targets[i]));
    evidence.add({ count, output: scoresFor(predictions, 3), targets, predictions, scores });
  };
  add([0, 0, 0, 1], [0, 0, 1, 1], 4);
  add([1, 2, 0, 0], [2, 2, 0, 0], 2);

  it('counts which class was taken for which', () => {
    expect(evidence.confusion.map(row => [...row])).toEqual([
      [2, 1, 0],
      [0, 1, 1],
      [0, 0, 1],
    ]);
  });

  it('gives accuracy, and precision, recall and F1 of each class and on average', () => {
    const figures = figuresOf(evidence);
    expect(figures.accuracy).toBeCloseTo(4 / 6);
    expect(figures.precision).toBeCloseTo((1 + 1 / 2 + 1 / 2) / 3);
    expect(figures.recall).toBeCloseTo((2 / 3 + 1 / 2 + 1) / 3);
    expect(figures.f1).toBeCloseTo((4 / 5 + 1 / 2 + 2 / 3) / 3);
    expect(figures).not.toHaveProperty('top5');
    expect(classFigures(evidence)[0]).toMatchObject({ precision: 1, support: 3 });
  });
});

it('counts a class among the five best', () => {
  const classes = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const evidence = new Evidence('class', classes);
  // Scores fall from a to g: the first five are found, the sixth is not.
  const output = [0, 1].flatMap(() => classes.map((_, c) => -c));
  evidence.add({ count: 2, output, targets: [4, 5], predictions: [0, 0], scores: [0, 0] });
  expect(figuresOf(evidence).top5).toBe(0.5);
});

it('takes the overlap of masks class by class over all pixels, classes that are nowhere left out', () => {
  const evidence = new Evidence('mask', ['ground', 'thing', 'nowhere']);
  const targets = [0, 0, 1, 1, 0, 0, 0, 1];
  const predictions = [0, 1, 1, 1, 0, 0, 0, 0];
  evidence.add({ count: 2, output: [], targets, predictions, scores: [3 / 4, 3 / 4] });
  const figures = figuresOf(evidence);
  expect(figures.pixelAccuracy).toBe(0.75);
  expect(figures.maskIou).toBeCloseTo((4 / 6 + 2 / 4) / 2);
});

it('averages the overlap of boxes', () => {
  const evidence = new Evidence('box', []);
  evidence.add({ count: 2, output: [], targets: [], predictions: null, scores: [0.5, 1, 9] });
  expect(figuresOf(evidence)).toEqual({ boxIou: 0.75 });
});
