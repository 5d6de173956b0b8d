/** Who trains, validates and tests: alike in every class, by seed, and the same when images are added. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SplitRule } from '../../src/bridge/datasetCalls.ts';
import type { FormatEntry } from '../../src/main/studio/datasets/formats/datasetFormat.ts';
import { assignSplits } from '../../src/main/studio/datasets/versions/splitImages.ts';
import { openWorkshop, putClasses } from './workshop.ts';

const ruleOf = (seed: number): SplitRule => ({ by: 'source', val: 0.1, test: 0.1, seed });

function entriesOf(counts: readonly number[], split: FormatEntry['split'] = null): FormatEntry[] {
  return counts.flatMap((count, label) =>
    Array.from({ length: count }, (_, index) => ({ path: `${label}/${index}.png`, label, split })),
  );
}

const share = (splits: readonly string[], wanted: string) =>
  splits.filter(split => split === wanted).length / splits.length;

test('about a tenth of each class validates, and a tenth tests', () => {
  const entries = entriesOf([2000, 4000, 8000]);
  const splits = assignSplits(entries, ruleOf(1));
  for (const label of [0, 1, 2]) {
    const ofClass = splits.filter((_, index) => entries[index]!.label === label);
    for (const split of ['val', 'test']) {
      expect(share(ofClass, split)).toBeGreaterThan(0.08);
      expect(share(ofClass, split)).toBeLessThan(0.12);
    }
  }
});

test('the same seed divides alike, another does not', () => {
  const entries = entriesOf([100, 100]);
  expect(assignSplits(entries, ruleOf(1))).toEqual(assignSplits(entries, ruleOf(1)));
  expect(assignSplits(entries, ruleOf(1))).not.toEqual(assignSplits(entries, ruleOf(2)));
});

test('every class of three or more images has one in each split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 3, max: 40 }), { minLength: 2, maxLength: 6 }),
      fc.nat(),
      (counts, seed) => {
        const entries = entriesOf(counts);
        const splits = assignSplits(entries, ruleOf(seed));
        for (const label of counts.keys()) {
          const present = new Set(splits.filter((_, index) => entries[index]!.label === label));
          expect([...present].sort()).toEqual(['test', 'train', 'val']);
        }
      },
    ),
  );
});

test('what the source says is honoured', () => {
  const train = entriesOf([500, 500], 'train');
  const test = entriesOf([50, 50], 'test').map(entry => ({ ...entry, path: `test/${entry.path}` }));
  const val = test.map(entry => ({ ...entry, path: `val/${entry.path}`, split: 'val' as const }));
  const both = assignSplits([...train, ...test, ...val], ruleOf(1));
  expect(both).toEqual([...train, ...test, ...val].map(({ split }) => split));
  const testOnly = assignSplits([...train, ...test], ruleOf(1));
  expect(share(testOnly.slice(0, 1000), 'val')).toBeCloseTo(0.1, 1);
  expect(share(testOnly.slice(0, 1000), 'test')).toBe(0);
  expect(new Set(testOnly.slice(1000))).toEqual(new Set(['test']));
});

test('images keep their places when others are added to the folder', async () => {
  const { desk, importFolder, imagesOf } = await openWorkshop();
  await putClasses(desk, { a: 60, b: 60 });
  const before = imagesOf((await importFolder(desk, 'before')).id);
  await putClasses(desk, { a: 90, aa: 20, b: 75 });
  const after = imagesOf((await importFolder(desk, 'after')).id);
  const places = new Map(after.map(({ path, split }) => [path, split]));
  expect(after).toHaveLength(185);
  expect(before.map(({ path }) => places.get(path))).toEqual(before.map(({ split }) => split));
});
