/** The filter language: what it finds, what it says of what it cannot read, and that nothing makes it throw. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import { parseFilter } from '../../src/experiments/filter.ts';
import { survey } from '../../src/experiments/survey.ts';
import { idOf } from '../ids.ts';
import { runSummary } from './runSummary.ts';

const [GOOD, BAD] = [idOf(1), idOf(2)];

const runs: RunSummary[] = [
  runSummary({
    id: GOOD,
    name: 'wide net',
    tags: ['baseline', 'paper 2'],
    notes: 'the reference',
    settings: {
      optimizer: 'Adam',
      'optimizer.beta1': 0.9,
      learningRate: 0.001,
      batchSize: 64,
      nesterov: true,
    },
    metrics: { 'test.accuracy': 0.95, 'val.accuracy': 0.97, 'val.loss': 0.2 },
  }),
  runSummary({
    id: BAD,
    name: 'narrow',
    state: 'stopped',
    startedAt: Date.parse('2025-12-31'),
    settings: {
      optimizer: 'SGD',
      'optimizer.momentum': 0.9,
      learningRate: 0.02,
      batchSize: 32,
      nesterov: false,
    },
    metrics: { 'val.accuracy': 0.5, 'val.loss': Number.NaN },
  }),
];
const known = survey(runs);

function found(text: string): string[] {
  const filter = parseFilter(text, known);
  if (!filter.ok) throw new Error(`${filter.message} at ${filter.at}`);
  return runs.filter(filter.matches).map(({ id }) => id);
}

test.each([
  ['', [GOOD, BAD]],
  ['accuracy > 0.9 and optimizer.kind = adam and tag:baseline', [GOOD]],
  ['accuracy>=0.5', [GOOD, BAD]],
  ['accuracy < 60%', [BAD]],
  ['val.loss < 1', [GOOD]],
  ['not val.loss < 1', [BAD]],
  ['lr = 1e-3', [GOOD]],
  ['momentum = 0.9', [BAD]],
  ['momentum != 0.9', [GOOD]],
  ['tag:"paper 2" or state = stopped', [GOOD, BAD]],
  ['(tag:baseline or tag:other) nesterov = on', [GOOD]],
  ['name:NARROW', [BAD]],
  ['wide', [GOOD]],
  ['adam wide', [GOOD]],
  ['"wide net" and not stopped', [GOOD]],
  ['started >= 2026-01-01', [GOOD]],
  ['or = 1 or wide', undefined],
] as const)('%s', (text, expected) => {
  if (expected) expect(found(text)).toEqual(expected);
  else expect(() => found(text)).toThrow('No run has or.');
});

test.each([
  ['accuracy >', 'A value is missing after >.', 10],
  ['acuracy > 1', 'No run has acuracy.', 0],
  ['learn = 1', 'No run has learn. Is it learningRate?', 0],
  ['lr > fast', '> wants a number or a day; this is fast.', 5],
  ['(wide', 'This parenthesis is not closed.', 0],
  ['wide)', 'This parenthesis closes nothing.', 4],
  ['name = "wide', 'This quotation has no end.', 7],
  ['wide and', 'Something is missing at the end.', 8],
  ['wide and (> 3)', 'A name is missing before >.', 10],
  ['state ! running', '! cannot stand here.', 6],
  ['('.repeat(10_000), 'This is nested too deeply.', 65],
])('%s is wrong at a place', (text, message, at) => {
  expect(parseFilter(text, known)).toEqual({ ok: false, message, at });
});

describe('whatever is written', () => {
  const pieces = fc.constantFrom(
    ...[
      'accuracy',
      'lr',
      'tag',
      'wide',
      'and',
      'or',
      'not',
      '(',
      ')',
      '=',
      '>',
      '!=',
      ':',
      '0.9',
      '"a b"',
      '"',
      '\\',
      ' ',
      '🙂',
    ],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 30 }).map(all => all.join(' ')),
  );

  it('is an answer, or an error inside the text', () => {
    fc.assert(
      fc.property(texts, text => {
        const filter = parseFilter(text, known);
        if (filter.ok) for (const run of runs) expect(typeof filter.matches(run)).toBe('boolean');
        else {
          expect(filter.at).toBeGreaterThanOrEqual(0);
          expect(filter.at).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  /** An expression as text, and what it is of a run, worked out by itself. */
  interface Written {
    text: string;
    of: (run: RunSummary) => boolean;
  }
  const leaf: fc.Arbitrary<Written> = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }).map(value => ({
      text: `val.accuracy > ${value}`,
      of: (run: RunSummary) => run.metrics['val.accuracy']! > value,
    })),
    fc.constantFrom('SGD', 'Adam').map(kind => ({
      text: `optimizer = ${kind}`,
      of: (run: RunSummary) => run.settings.optimizer === kind,
    })),
  );
  const { expression } = fc.letrec<{ expression: Written }>(tie => ({
    expression: fc.oneof(
      { maxDepth: 5 },
      leaf,
      tie('expression').map(({ text, of }) => ({ text: `not (${text})`, of: (run: RunSummary) => !of(run) })),
      fc.tuple(tie('expression'), tie('expression'), fc.boolean()).map(([a, b, isAnd]) => ({
        text: `(${a.text}) ${isAnd ? 'and' : 'or'} (${b.text})`,
        of: (run: RunSummary) => (isAnd ? a.of(run) && b.of(run) : a.of(run) || b.of(run)),
      })),
    ),
  }));

  it('means what it says', () => {
    fc.assert(
      fc.property(expression, ({ text, of }) => {
        expect(found(text)).toEqual(runs.filter(of).map(({ id }) => id));
      }),
    );
  });
});

test('a survey names what differs, and what some runs lack', () => {
  expect(known.differing).toEqual([
    'optimizer',
    'optimizer.beta1',
    'learningRate',
    'batchSize',
    'nesterov',
    'optimizer.momentum',
  ]);
  expect(survey([runs[0]!]).differing).toEqual([]);
});
