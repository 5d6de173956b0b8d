/** Style sheets are global: a class that two of them define looks as the one that was loaded last. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The selectors of a sheet, one by one; what stands in brackets, as in `:is(…)`, left out. */
function selectorsOf(css: string): string[] {
  const plain = css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\([^()]*\)/g, '');
  return [...plain.matchAll(/([^{};]+)\{/g)].flatMap(([, head]) =>
    head!.split(',').map(selector => selector.trim()),
  );
}

it('one class name is defined by one sheet', () => {
  const sheets = globSync('src/renderer/**/*.css');
  expect(sheets.length).toBeGreaterThan(10);
  const owners = new Map<string, Set<string>>();
  for (const sheet of sheets) {
    for (const selector of selectorsOf(readFileSync(sheet, 'utf8'))) {
      const name = /^\.([\w-]+)$/.exec(selector)?.[1];
      if (name) owners.set(name, (owners.get(name) ?? new Set()).add(sheet));
    }
  }
  const shared = [...owners].filter(([, of]) => of.size > 1).map(([name, of]) => [name, ...of]);
  expect(shared).toEqual([]);
});
