// @vitest-environment jsdom
/** The table of runs and its dialogs: sorted, grouped, chosen and renamed; what is kept of runs reaches the studio. */
import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, test } from 'vitest';
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import { AnnotateDialog, ExtendDialog } from '../../src/renderer/runs/annotateDialog.tsx';
import { openRunDialog } from '../../src/renderer/runs/openRunDialog.ts';
import type { Column } from '../../src/renderer/runs/runColumns.ts';
import { useComparison } from '../../src/renderer/runs/runSelection.ts';
import { RunsTable } from '../../src/renderer/runs/runsTable.tsx';
import { useTableView } from '../../src/renderer/runs/tableView.ts';
import { runSummary } from '../experiments/runSummary.ts';
import { idOf } from '../ids.ts';
import { draw, playStudio } from './window.tsx';

const accuracy: Column = {
  id: 'test.accuracy',
  title: 'Test accuracy',
  of: 'metric',
  width: 110,
  align: 'right',
  value: run => run.metrics['test.accuracy'],
  text: value => (typeof value === 'number' ? value.toFixed(2) : '–'),
  better: 'high',
};
const dataset: Column = {
  id: 'dataset',
  title: 'Dataset',
  of: 'run',
  width: 110,
  align: 'left',
  value: run => run.dataset,
  text: String,
};
const columns = [accuracy, dataset];

const runs: RunSummary[] = [
  { name: 'wide', dataset: 'shapes', metrics: { 'test.accuracy': 0.7 } },
  { name: 'deep', dataset: 'digits', metrics: { 'test.accuracy': 0.9 }, tags: ['good'] },
  { name: 'plain', dataset: 'shapes', metrics: { 'test.accuracy': 0.8 } },
].map((more, i) => runSummary({ id: idOf(i + 1), ...more }));
const [wide, deep, plain] = runs.map(({ id }) => id);

beforeEach(() => {
  useTableView.setState({ sort: null, groupBy: null, baseline: null });
  useComparison.setState({ hues: null, renaming: null });
});

const table = () => <RunsTable columns={columns} all={columns} runs={runs} />;
const chosen = () => Object.keys(useComparison.getState().hues ?? {});

/** The names that the table shows, from above. */
function names(): string[] {
  const found = ['wide', 'deep', 'plain'];
  return screen.getAllByRole('row').flatMap(row => found.filter(name => within(row).queryByText(name)));
}

test('a column is sorted by its head: the best first, then the other way, then as it was', async () => {
  const person = draw(table());
  expect(names()).toEqual(['wide', 'deep', 'plain']);
  const head = screen.getByRole('button', { name: 'Test accuracy' });
  await person.click(head);
  expect(names()).toEqual(['deep', 'plain', 'wide']);
  expect(screen.getByRole('columnheader', { name: 'Test accuracy' }).getAttribute('aria-sort')).toBe(
    'descending',
  );
  await person.click(head);
  expect(names()).toEqual(['wide', 'plain', 'deep']);
  await person.click(head);
  expect(names()).toEqual(['wide', 'deep', 'plain']);
});

test('runs are chosen by their row, by their box, and all at once', async () => {
  const person = draw(table());
  await person.click(screen.getByText('deep'));
  expect(chosen()).toEqual([deep]);
  await person.click(screen.getByRole('checkbox', { name: 'Compare plain' }));
  expect(chosen().toSorted()).toEqual([deep, plain].toSorted());
  const all = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Compare all that are shown' });
  expect(all.indeterminate).toBe(true);
  await person.click(all);
  expect(chosen()).toHaveLength(3);
  await person.click(all);
  expect(chosen()).toEqual([]);
});

test('groups show the mean of their runs, and close', async () => {
  useTableView.setState({ groupBy: 'dataset' });
  const person = draw(table());
  const group = screen.getByRole('button', { name: /shapes.*2 runs/ });
  screen.getByText('⌀ 0.7500');
  await person.click(group);
  expect(group.getAttribute('aria-expanded')).toBe('false');
  expect(names()).toEqual(['deep']);
});

test('a metric shows how far it is from the pinned run’s', async () => {
  await playStudio({}, { runs });
  useTableView.setState({ baseline: wide! });
  draw(table());
  const row = within(screen.getByText('deep').closest('tr')!);
  expect(row.getByText('+0.2000').dataset.tone).toBe('better');
});

test('a double click renames a run, Escape does not', async () => {
  const received = await playStudio({ renameRun: async () => {} }, { runs });
  const person = draw(table());
  await person.dblClick(screen.getByText('plain'));
  await person.keyboard('other{Escape}');
  expect(received).toEqual([]);
  await person.dblClick(screen.getByText('plain'));
  await person.keyboard('best of all{Enter}');
  await waitFor(() => expect(received).toEqual([{ call: 'renameRun', args: [plain, 'best of all'] }]));
});

test('notes and tags of several runs: only what was written is kept', async () => {
  const received = await playStudio({ annotateRuns: async () => {} }, { runs });
  const person = draw(<AnnotateDialog runs={runs.slice(0, 2)} />);
  openRunDialog('notes');
  const dialog = within(await screen.findByRole('dialog', { name: 'Notes and tags of 2 runs' }));
  await person.type(dialog.getByRole('textbox', { name: 'Notes' }), 'try again');
  await person.click(dialog.getByRole('button', { name: 'Keep' }));
  await waitFor(() =>
    expect(received).toEqual([{ call: 'annotateRuns', args: [[wide, deep], { notes: 'try again' }] }]),
  );
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a refusal of the studio is shown', async () => {
  await playStudio({}, { runs });
  const person = draw(<AnnotateDialog runs={runs.slice(0, 1)} />);
  openRunDialog('notes');
  const dialog = within(await screen.findByRole('dialog', { name: 'Notes and tags of wide' }));
  await person.click(dialog.getByRole('button', { name: 'Keep' }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('Notes and tags were not kept');
});

test('a run goes on to more epochs than it has, no fewer', async () => {
  const received = await playStudio({ extendRun: async () => {} }, { runs });
  const person = draw(<ExtendDialog />);
  openRunDialog('extend', wide);
  const dialog = within(await screen.findByRole('dialog', { name: 'Continue wide' }));
  const epochs = dialog.getByRole('textbox', { name: 'Epochs in all' });
  const button = dialog.getByRole<HTMLButtonElement>('button', { name: 'Continue' });
  await person.clear(epochs);
  await person.type(epochs, '2');
  dialog.getByText('More than 2.');
  expect(button.disabled).toBe(true);
  await person.clear(epochs);
  await person.type(epochs, '12');
  await person.click(button);
  await waitFor(() => expect(received).toEqual([{ call: 'extendRun', args: [wide, 12] }]));
});
