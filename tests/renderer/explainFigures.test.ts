/** What Explain's window works out by itself: figures beside pictures, held against counting by hand. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { statisticsOf } from '../../src/renderer/explain/figures/channelStatistics.ts';
import { stops } from '../../src/renderer/explain/guideStops.ts';
import { presets } from '../../src/renderer/explain/slidingWindow/presets.ts';
import { leftoverOf, reads, termsAt } from '../../src/renderer/explain/slidingWindow/windowGeometry.ts';
import { asOneStep } from '../../src/renderer/explain/views/benchSteps.ts';
import {
  change,
  coverage,
  kept,
  shifted,
  twoDots,
} from '../../src/renderer/explain/views/downsamplingFigures.ts';
import { ENGINE_BLOCK, im2colFigures } from '../../src/renderer/explain/views/im2colFigures.ts';
import { views } from '../../src/renderer/explain/views.ts';

const root = join(import.meta.dirname, '../..');

it('counts im2col as the notes do, and says what the kernels really pack', () => {
  const settings = { size: 227, channels: 3, filters: 96, kernelSize: 11, stride: 4, padding: 0 };
  const { rows, columns, columnBytes } = im2colFigures(settings, 55);
  expect([rows, columns, columnBytes]).toEqual([363, 3025, 363 * 3025 * 4]);
  const source = readFileSync(join(root, 'src/engine/kernels/constants.h'), 'utf8');
  const constant = (name: string) => Number(new RegExp(`#define ${name} (\\d+)`).exec(source)?.[1]);
  expect([ENGINE_BLOCK.windows, ENGINE_BLOCK.depth]).toEqual([
    constant('BLOCK_PIXELS'),
    constant('BLOCK_DEPTH'),
  ]);
});

it('knows which pixels windows read, leave over, and go beyond', () => {
  const window = { kernelSize: [3, 3], stride: [3, 3], dilation: [1, 1], sides: [0, 0, 0, 0] } as const;
  expect(leftoverOf(8, window, 0)).toEqual({ unread: 2, beyond: 1 });
  expect(leftoverOf(9, window, 0)).toBeNull();
  const spread = { ...window, dilation: [2, 2], stride: [1, 1] } as const;
  expect([0, 1, 2, 3, 4, 5, 6].filter(cell => reads(cell, 1, spread, 0))).toEqual([1, 3, 5]);
  for (const [extent, k, s] of [
    [32, 2, 2],
    [32, 3, 2],
    [32, 2, 5],
    [7, 3, 3],
  ] as const) {
    const read = new Set<number>();
    for (let at = 0; at + k <= extent; at += s) for (let i = 0; i < k; i++) read.add(at + i);
    expect(coverage(extent, k, s)).toBeCloseTo(read.size / extent);
  }
});

it('multiplies what the notes multiply: 1·1 + 0·0 + 0·1 + 1·0 + 1·1 + 0·0 + 1·1 + 1·0 + 1·1 = 4', () => {
  const { input, kernels } = presets['A cross on a 7×7 image']!;
  const window = { kernelSize: [3, 3], stride: [1, 1], dilation: [1, 1], sides: [0, 0, 0, 0] } as const;
  const [terms] = termsAt(input, kernels[0]!, window, [0, 3]);
  expect(terms!.map(({ x, w }) => [x, w])).toEqual([
    [1, 1],
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
    [0, 0],
    [1, 1],
    [1, 0],
    [1, 1],
  ]);
});

it('measures what is kept, moved and changed', () => {
  const shape = [1, 2, 4];
  const values = Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7);
  expect(kept({ shape, values }, { shape, values })).toBe(1);
  // Halves of 2×2: means 2.5 and 4.5; of a variance of 42, 34 are lost.
  expect(kept({ shape, values }, { shape: [1, 1, 2], values: Float32Array.of(2.5, 4.5) })).toBeCloseTo(
    1 - 34 / 42,
  );
  expect([...shifted({ shape, values }, 2)]).toEqual([0, 0, 0, 1, 4, 4, 4, 5]);
  expect(change(Float32Array.of(3, 4), Float32Array.of(0, 0))).toBe(1);
  expect(twoDots(32).reduce((a, b) => a + b, 0)).toBe(2);
  expect(statisticsOf(Float32Array.of(0, 0, 3, 1))).toMatchObject({
    mean: 1,
    low: 0,
    high: 3,
    zeros: 0.5,
    dead: false,
  });
  expect(statisticsOf(Float32Array.of(2, 2)).dead).toBe(true);
});

it('leads by stops that there are, with numbers that there are', () => {
  const registry = readFileSync(join(root, 'src/renderer/explain/views.ts'), 'utf8');
  const ids = new Set([...registry.matchAll(/ {4}id: '(\w+)'/g)].map(([, id]) => id));
  expect(new Set(stops.map(({ view }) => view))).toEqual(ids);
  for (const { preset } of stops) if (preset !== undefined) expect(presets).toHaveProperty([preset]);
});

it('joins the steps of a bench into the kernel that does the same at every place', () => {
  const step = (id: number, kernel: number[], relu = false) => ({ id, name: 'own' as const, kernel, relu });
  const [a, b] = [
    [1, -2, 0, 3, 5, 1, 0, 2, -1],
    [0, 1, 2, -3, 1, 0, 4, 0, 1],
  ] as const;
  const one = asOneStep([step(0, [...a]), step(1, [...b], true)]);
  expect([one?.kernel.length, one?.relu]).toEqual([25, true]);
  expect(asOneStep([step(0, [...a], true), step(1, [...b])])).toBeNull();
  expect(asOneStep([step(0, [...a])])).toBeNull();
  const image = Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => (3 * y + x * x) % 7));
  const slid = (rows: number[][], kernel: readonly number[]) => {
    const side = Math.sqrt(kernel.length);
    const places = Array.from({ length: rows.length - side + 1 }, (_, i) => i);
    return places.map(y =>
      places.map(x =>
        kernel.reduce((sum, w, i) => sum + w * rows[y + Math.floor(i / side)]![x + (i % side)]!, 0),
      ),
    );
  };
  expect(slid(image, one!.kernel)).toEqual(slid(slid(image, a), b));
});

it('has a test for every idea of the notes, each of them there', () => {
  const text = readFileSync(join(root, 'docs/syllabus.md'), 'utf8');
  const rows = text.split('\n').flatMap(line => {
    const [, notes, , where, tests] = line.split('|').map(cell => cell.trim());
    return Number(notes) ? [{ where: where!, tests: tests!.split('; ') }] : [];
  });
  expect(rows.length).toBeGreaterThan(40);
  for (const test of rows.flatMap(({ tests }) => tests)) {
    const [, path] = /^`(.+)`$/.exec(test) ?? [];
    const [spec, titles] = test.split(': ');
    const source = readFileSync(join(root, path ?? `tests/e2e/${spec}.spec.ts`), 'utf8');
    for (const title of titles?.split(/, (?=a |kernels |simple_cnn )/) ?? [])
      expect(source, test).toContain(`test('${title}`);
  }
  for (const { title } of views)
    expect(
      rows.some(({ where }) => where.includes(title)),
      title,
    ).toBe(true);
});
