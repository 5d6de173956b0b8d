/** Rows and columns of the runs' table: order, groups, and which columns are there. */
import { expect, test } from 'vitest';
import { survey } from '../../src/experiments/survey.ts';
import { columnsOf, shownColumns } from '../../src/renderer/runs/runColumns.ts';
import { groupedRows, meanOf, sorted } from '../../src/renderer/runs/tableRows.ts';
import { runSummary } from '../experiments/runSummary.ts';
import { idOf } from '../ids.ts';

const run = (n: number, optimizer: string, accuracy: number | undefined, more: object = {}) =>
  runSummary({
    id: idOf(n),
    name: `run ${n}`,
    settings: { optimizer, epochs: 5 },
    metrics: accuracy === undefined ? {} : { 'test.accuracy': accuracy },
    ...more,
  });

const runs = [run(2, 'SGD', 0.5), run(10, 'Adam', undefined), run(1, 'Adam', Number.NaN), run(3, 'SGD', 0.9)];
const known = survey(runs);
const columns = columnsOf(known);
const column = (id: string) => columns.find(each => each.id === id)!;
const ids = (all: readonly { id: string }[]) => all.map(({ id }) => id);

test('what has no figure comes last, whichever way; words sort by the numbers in them', () => {
  expect(ids(sorted(runs, column('test.accuracy'), false))).toEqual([2, 3, 10, 1].map(idOf));
  expect(ids(sorted(runs, column('test.accuracy'), true))).toEqual([3, 2, 10, 1].map(idOf));
  const byName = { ...column('dataset'), value: ({ name }: { name: string }) => name };
  expect(ids(sorted(runs, byName, false))).toEqual([1, 2, 3, 10].map(idOf));
  expect(ids(sorted(runs, undefined, false))).toEqual(ids(runs));
});

test('groups stand in the order of their first run, and fold', () => {
  const optimizer = column('setting:optimizer');
  const titles = groupedRows(runs, optimizer, new Set(['Adam'])).map(row =>
    row.kind === 'group' ? row.title : row.run.id,
  );
  expect(titles).toEqual(['optimizer SGD', idOf(2), idOf(3), 'optimizer Adam']);
  expect(meanOf(runs, column('test.accuracy'))).toBeCloseTo(0.7);
  expect(meanOf([runs[1]!], column('test.accuracy'))).toBeUndefined();
});

test('columns are those picked, with the settings that differ, or with all', () => {
  const shown = (settings: 'picked' | 'differing' | 'all') =>
    ids(shownColumns(columns, ['dataset', 'setting:epochs'], settings, known.differing));
  const mixed = ['seconds', 'dataset', 'test.accuracy', 'settings'];
  const inOrder = ['settings', 'test.accuracy', 'dataset', 'seconds'];
  expect(ids(shownColumns(columns, mixed, 'picked', []))).toEqual(inOrder);
  expect(shown('picked')).toEqual(['dataset', 'setting:epochs']);
  expect(shown('differing')).toEqual(['dataset', 'setting:optimizer', 'setting:epochs']);
  expect(shown('all')).toEqual(['dataset', 'setting:optimizer', 'setting:epochs']);
});
