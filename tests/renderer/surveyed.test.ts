/** A survey that grows with its history says what one from scratch says. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import { packRuns, unpackRuns } from '../../src/bridge/runPages.ts';
import { differingIn, type Survey, survey } from '../../src/experiments/survey.ts';
import { type Surveyed, surveyed } from '../../src/renderer/runs/surveyed.ts';

const name = fc.constantFrom('lr', 'seed', 'optimizer', 'optimizer.momentum', 'network');
const runs = fc.uniqueArray(
  fc.record({
    id: fc.integer({ min: 0, max: 30 }).map(String),
    settings: fc.dictionary(name, fc.oneof(fc.integer({ min: 0, max: 2 }), fc.constantFrom('a', 'b')), {
      noNullPrototype: true,
    }),
    metrics: fc.dictionary(fc.constantFrom('val.loss', 'test.loss', 'val.f1'), fc.double(), {
      noNullPrototype: true,
    }),
  }),
  { selector: ({ id }) => id, maxLength: 12 },
) as unknown as fc.Arbitrary<RunSummary[]>;

const sets = ({ settings, differing, texts, metrics }: Survey) =>
  [settings, differing, texts, metrics].map(names => [...names].sort());

it('whatever comes, goes and changes', () => {
  fc.assert(
    fc.property(fc.array(runs, { minLength: 1, maxLength: 6 }), histories => {
      let known: Surveyed | null = null;
      // Growth alone first, as pages of a history come, then anything.
      const all = histories[0]!;
      for (const history of [all.slice(0, 3), all.slice(0, 7), all, ...histories]) {
        known = surveyed(known, history);
        expect(sets(known.survey)).toEqual(sets(survey(history)));
        expect(differingIn(history, known.survey).sort()).toEqual([...survey(history).differing].sort());
      }
    }),
  );
});

it('pages hold what they were made of', () => {
  fc.assert(
    fc.property(runs, history => {
      expect(unpackRuns(packRuns(history, null))).toEqual(history);
    }),
  );
});
