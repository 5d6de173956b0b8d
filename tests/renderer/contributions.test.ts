/** What the folders of the window bring to it fits together: names, keys, the places and actions that others name. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Action } from '../../src/renderer/actions/action.ts';
import type { Contribution, Place } from '../../src/renderer/actions/contribution.ts';
import {
  actionById,
  actions,
  contributions as all,
  isPossible,
  placeNamed,
  places,
  register,
} from '../../src/renderer/actions/registry.ts';
import { contributions } from '../../src/renderer/places.ts';
import { useActivePage } from '../../src/renderer/store/activePage.ts';
import { edit, useDocument } from '../../src/renderer/store/openDocument.ts';

beforeEach(() => register(contributions));

const renderer = join(import.meta.dirname, '../../src/renderer');

/** What stands in the sources where the pattern has its group, with the file. */
function written(pattern: RegExp): { file: string; name: string }[] {
  return readdirSync(renderer, { recursive: true, encoding: 'utf8' })
    .filter(file => /\.tsx?$/.test(file))
    .flatMap(file => {
      const text = readFileSync(join(renderer, file), 'utf8');
      return [...text.matchAll(pattern)].map(([, name]) => ({ file, name: name ?? '' }));
    });
}

test('the rail, the palette and the sheet of shortcuts keep their order', () => {
  const rail = ['Design', 'Data', 'Train', 'Runs', 'Explain'];
  const groups = ['Do', 'Go to', 'Project', 'View', 'Edit', 'Canvas', 'Arrange', 'Walk'];
  const ids = [
    ...['train', 'undo', 'redo', 'commands', 'shortcuts', 'about'],
    ...['go-design', 'go-data', 'go-train', 'go-runs', 'go-explain', 'save', 'save-as', 'new'],
    ...['explain-maps', 'layer-maps', 'copy', 'add', 'block', 'lay-out', 'fit', 'code', 'search'],
  ];
  const named = (names: readonly string[], known: readonly string[]) =>
    [...new Set(names)].filter(name => known.includes(name));
  expect(
    named(
      places().map(({ title }) => title),
      rail,
    ),
  ).toEqual(rail);
  expect(
    named(
      actions().map(({ group }) => group),
      groups,
    ),
  ).toEqual(groups);
  expect(
    named(
      actions().map(({ id }) => id),
      ids,
    ),
  ).toEqual(ids);
});

test('what a contribution brings has names of its own', () => {
  for (const { dialogs = [], statusItems = [], headerItems = [] } of contributions) {
    for (const parts of [dialogs, statusItems, headerItems]) {
      const names = parts.map(({ name }) => name);
      expect(names).toEqual([...new Set(names)]);
    }
  }
});

test('keys that stand for several actions stand for one at a time', () => {
  const byKeys = new Map<string, Action[]>();
  for (const action of actions())
    for (const keys of action.keys) byKeys.set(keys, [...(byKeys.get(keys) ?? []), action]);
  for (const [keys, sharing] of byKeys) {
    const always = sharing.filter(({ when }) => when === undefined).map(({ id }) => id);
    expect(sharing.length === 1 ? [] : always, `${keys} always means this, and something else`).toEqual([]);
  }
});

test('every place that the sources name is there', () => {
  const named = [
    ...written(/\bgoTo\('([^']+)'\)/g),
    ...written(/\bplace === '([^']+)'/g),
    ...written(/\bplace: '([^']+)'/g),
  ];
  expect(named.length).toBeGreaterThan(10);
  for (const { file, name } of named) expect(() => placeNamed(name), file).not.toThrow();
  expect(() => placeNamed(useActivePage.getState().place)).not.toThrow();
});

test('every action that the sources name is there', () => {
  const named = [
    ...written(/\b(?:runAction|actionById|useShortcut)\('([^']+)'\)/g),
    ...written(/\buseTitle\('[^']*', '([^']+)'\)/g),
  ];
  expect(named.length).toBeGreaterThan(6);
  for (const { file, name } of named) expect(() => actionById(name), file).not.toThrow();
});

test('what is called alike is refused, and what was registered stays', () => {
  const action = (id: string): Action => ({ id, group: 'Do', title: id, keys: [], run: () => {} });
  const twice: Contribution[] = [{ name: 'design' }, { name: 'other', actions: [action('a'), action('a')] }];
  expect(() => register(twice)).toThrow('“a” is contributed twice');
  expect(() => register([{ name: 'same' }, { name: 'same' }])).toThrow('“same” is contributed twice');
  expect(all()).toBe(contributions);
  expect(() => actionById('nothing')).toThrow('There is no action “nothing”');
  expect(() => placeNamed('nowhere')).toThrow('There is no place “nowhere”');
});

test('a new place is gone to, has actions of its own, and takes its changes back first', async () => {
  const Nothing = () => null;
  const taken = ['second', 'first'];
  const place: Place = {
    name: 'notes',
    title: 'Notes',
    Icon: Nothing,
    Component: Nothing,
    actions: [{ id: 'note', group: 'Do', title: 'Note', keys: ['N'], place: 'notes', run: () => {} }],
    history: { undo: () => taken.pop() !== undefined, redo: () => false },
  };
  register([...contributions, place]);
  expect(actions().at(-1)?.id).toBe('note');
  expect(isPossible(actionById('note'))).toBe(false);
  await actionById('go-notes').run();
  expect(useActivePage.getState().place).toBe('notes');
  expect(isPossible(actionById('note'))).toBe(true);
  const { name } = useDocument.getState().document;
  edit(document => ({ ...document, name: 'changed' }));
  const nameAfterUndo = async () => {
    await actionById('undo').run();
    return useDocument.getState().document.name;
  };
  expect(await nameAfterUndo()).toBe('changed');
  expect(await nameAfterUndo()).toBe('changed');
  expect(taken).toEqual([]);
  expect(await nameAfterUndo()).toBe(name);
});
