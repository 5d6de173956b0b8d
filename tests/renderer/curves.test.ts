/** Curves as charts draw them: thinned without losing what matters, and groups that depend on themselves alone. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { meanBand } from '../../src/experiments/bands.ts';
import { alignedData } from '../../src/renderer/ui/curvePlot.ts';
import { smooth, thin, thinByColumn } from '../../src/renderer/ui/smoothing.ts';

const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ noNaN: true, min: -1e6, max: 1e6 }) },
  { weight: 1, arbitrary: fc.constant(Number.NaN) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const isNumber = (each: number | null | undefined): each is number =>
  typeof each === 'number' && !Number.isNaN(each);

describe('a thinned curve', () => {
  it('keeps its ends and its extremes, in order, and is no longer than asked for', () => {
    const curves = fc.array(value, { maxLength: 3000 });
    fc.assert(
      fc.property(curves, fc.integer({ min: 10, max: 400 }), (values, most) => {
        const kept = thin(values, most);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, Math.min(values.length, most)) + 2);
        if (values.length === 0) return;
        expect([kept[0], kept.at(-1)]).toEqual([0, values.length - 1]);
        const numbers = values.filter(isNumber);
        const left = kept.map(i => values[i]).filter(isNumber);
        if (numbers.length === 0) return;
        expect(Math.min(...left)).toBe(Math.min(...numbers));
        expect(Math.max(...left)).toBe(Math.max(...numbers));
      }),
    );
  });
});

describe('curves in a crowd', () => {
  it('keep the extremes of every column, in order', () => {
    const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), y: value }), { maxLength: 500 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 64 }), (points, width) => {
        let at = 0;
        const x = points.map(({ gap }) => (at += gap));
        const y = points.map(point => point.y);
        const kept = thinByColumn(x, y, width);
        expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b));
        const columns = (places: readonly number[]) => Map.groupBy(places, i => Math.floor(x[i]! / width));
        const [all, left] = [columns([...x.keys()]), columns(kept)];
        expect([...left.keys()]).toEqual([...all.keys()]);
        for (const [column, places] of all) {
          const ends = (of: readonly number[]) => {
            const numbers = of.map(i => y[i]).filter(isNumber);
            return [Math.min(...numbers), Math.max(...numbers)];
          };
          expect(ends(left.get(column)!)).toEqual(ends(places));
          expect(left.get(column)!.length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it('share their places, and none moves further than a pixel; epochs stay whole', () => {
    const many = Array.from({ length: 100 }, (_, run) => {
      const x = Array.from({ length: 4000 }, (_, i) => i + 1);
      return { label: `run ${run}`, hue: '', x, y: x.map(at => Math.sin(at * run)) };
    });
    const [places, ...values] = alignedData(many);
    expect(places.length).toBeLessThan(2100);
    for (const [run, { y }] of many.entries()) {
      const drawn = [...values[run]!].filter(isNumber);
      expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([Math.min(...y), Math.max(...y)]);
    }
    const epochs = many.map(curve => ({ ...curve, x: curve.x.slice(0, 80), y: curve.y.slice(0, 80) }));
    expect(alignedData(epochs)[0]).toEqual(epochs[0]!.x);
  });
});

test('a constant curve stays constant, however smooth', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (level, weight) => {
        for (const each of smooth([level, level, level], weight)) expect(each).toBeCloseTo(level, 8);
      },
    ),
  );
});

describe('a mean of curves', () => {
  it('is what it is by hand', () => {
    const band = meanBand([
      { x: [0, 2, 4], y: [0, 2, 4] },
      { x: [0, 1, 2], y: [2, null, 4] },
    ]);
    expect(band.x).toEqual([0, 2, 4]);
    expect(band.mean).toEqual([1, 3, 4]);
    expect(band.high.map((high, i) => high - band.mean[i]!)).toEqual(
      [Math.SQRT2, Math.SQRT2, 0].map(each => expect.closeTo(each)),
    );
    const between = meanBand([
      { x: [0, 2], y: [0, 2] },
      { x: [1], y: [5] },
    ]);
    expect(between.mean).toEqual([0, 3, 2]);
  });

  it('lies between the lowest and the highest of its curves', () => {
    const curve = fc
      .array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.double({ min: -5, max: 5, noNaN: true })), {
        minLength: 1,
      })
      .map(points => {
        const sorted = [...new Map(points)].sort(([a], [b]) => a - b);
        return { x: sorted.map(([x]) => x), y: sorted.map(([, y]) => y) };
      });
    fc.assert(
      fc.property(fc.array(curve, { minLength: 1, maxLength: 5 }), curves => {
        const { mean, low, high } = meanBand(curves);
        const all = curves.flatMap(({ y }) => y);
        for (const [i, each] of mean.entries()) {
          expect(each).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
          expect(each).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
          expect(low[i]! <= each && each <= high[i]!).toBe(true);
        }
      }),
    );
  });
});
