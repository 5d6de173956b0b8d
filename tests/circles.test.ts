/** No file of src/ imports another that imports it in turn, on whatever way, not even for a type. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { circlesIn, foldersOf, importedBy, importsIn } from '../scripts/lint/imports.ts';

test('the sources are free of circles', () => {
  const imports = importsIn(join(import.meta.dirname, '../src'));
  expect(imports.get('renderer/app.tsx')).toContain('renderer/shell/header.tsx');
  expect(circlesIn(imports).map(files => [...files, files[0]].join(' → '))).toEqual([]);
});

test('the folders of the window are free of circles, and no place imports another', () => {
  const imports = foldersOf(importsIn(join(import.meta.dirname, '../src/renderer')));
  expect(circlesIn(imports)).toEqual([]);
  expect([imports.get('store'), imports.get('ui')]).toEqual([[], []]);
  const below = ['actions', 'graphView', 'store', 'styles', 'ui'];
  const places = [...imports.keys()].filter(folder => folder !== '.' && !below.includes(folder));
  expect(places).toEqual(expect.arrayContaining(['design', 'explain', 'projects', 'shell']));
  for (const place of places)
    expect(below, `what ${place} imports`).toEqual(expect.arrayContaining([...imports.get(place)!]));
});

test('every form of import is read', () => {
  const text = `
    import type { A } from './a.ts';
    import { type B, b } from './b.ts';
    import './c.ts';
    export { d } from './d.ts';
    export type * from './e.ts';
    type F = import('./f.ts').F;
    const lazy = () => import('./g.tsx');
    // import './comment.ts';
    const quoted = "import './string.ts'";
    export const shown = <A>import './text.ts'</A>;
  `;
  const expected = ['a.ts', 'b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.tsx'].map(name => `./${name}`);
  expect(importedBy('probe.tsx', text).toSorted()).toEqual(expected);
  expect(() => importedBy('probe.ts', 'import {')).toThrow('probe.ts');
});

test('circles are named', () => {
  const imports = new Map([
    ['entry', ['a', 'alone']],
    ['a', ['b', 'alone']],
    ['b', ['c']],
    ['c', ['a', 'd']],
    ['d', ['c']],
    ['alone', []],
    ['self', ['self']],
  ]);
  expect(circlesIn(imports)).toEqual([['a', 'b', 'c'], ['c', 'd'], ['self']]);
});
