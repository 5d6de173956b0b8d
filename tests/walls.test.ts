/**
 * The walls between the folders hold: of all arrows between two folders, and from a folder to a package, the lint step
 * names those that the table does not have (scripts/lint/folders.ts), and no others.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { violations } from '../scripts/lint/folderRules.ts';
import { folders } from '../scripts/lint/folders.ts';
import { foldersTable } from '../scripts/lint/foldersTable.ts';

const root = join(import.meta.dirname, '..');
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');

const crossing = [
  ['src/engine/graph/probe.ts', '../compile/compile.ts'],
  ['src/engine/graph/probe.ts', '../zoo/registry.ts'],
  ['src/engine/layers/probe.ts', '../runtime/session.ts'],
  ['src/engine/layers/probe.ts', 'node:fs'],
  ['src/engine/losses/probe.ts', '../../bridge/contract.ts'],
  ['src/engine/compile/probe.ts', '../runtime/pool.ts'],
  ['src/engine/zoo/probe.ts', 'node:path'],
  ['src/engine/formats/probe.ts', '../../renderer/app.tsx'],
  ['src/engine/runtime/probe.ts', '../../main/studio/studio.ts'],
  ['src/engine/runtime/probe.ts', 'better-sqlite3'],
  ['src/experiments/probe.ts', '../main/userError.ts'],
  ['src/experiments/probe.ts', '../renderer/app.tsx'],
  ['src/bridge/probe.ts', '../main/userError.ts'],
  ['src/bridge/probe.ts', '../engine/runtime/session.ts'],
  ['src/bridge/probe.ts', 'electron'],
  ['src/renderer/probe.tsx', '../main/studio/hostProtocol.ts'],
  ['src/renderer/probe.tsx', '../engine/runtime/session.ts'],
  ['src/renderer/design/probe.tsx', '../../engine/compile/compile.ts'],
  ['src/renderer/probe.tsx', 'electron'],
  ['src/main/probe.ts', '../renderer/app.tsx'],
  ['src/main/studio/probe.ts', 'react'],
] as const;

const allowed = [
  ['src/engine/compile/probe.ts', '../graph/document.ts'],
  ['src/engine/runtime/probe.ts', '../compile/compile.ts'],
  ['src/bridge/probe.ts', '../engine/graph/document.ts'],
  ['src/renderer/design/probe.tsx', '../../engine/layers/registry.ts'],
  ['src/renderer/probe.tsx', '../bridge/contract.ts'],
  ['src/main/studio/probe.ts', '../../engine/runtime/session.ts'],
  ['src/renderer/probe.tsx', '../experiments/filter.ts'],
  ['src/main/probe.ts', '../experiments/filter.ts'],
] as const;

let folder: string;
/** Why a probe file was refused, by `FILE imports SPECIFIER`. */
let reasons: Map<string, string>;

/** Those that it complained of because they remove folders by themselves. */
let removers: Set<string>;

/** Calls that only src/main/removal.ts may make. */
const removing = [
  ['src/main/studio/removing1.ts', "fs.rmSync('a', { recursive: true });"],
  ['src/main/removing2.ts', "await fs.promises.rm('a', { recursive: true, force: true });"],
  ['src/engine/runtime/removing3.ts', "fs.rmdirSync('a');"],
  ['scripts/removing4.mjs', "const { rm } = fs.promises; await rm('a', { recursive: true });"],
] as const;

/** A file that does nothing but import something. */
interface Probe {
  readonly file: string;
  readonly imported: string;
  readonly isType: boolean;
}

/** All that have a row, and of those without one a present one and one that somebody may add. */
const names = [
  ...Object.keys(folders).filter(name => !name.includes('*')),
  'renderer/data',
  'renderer/added',
];
const rowOf = (name: string) => folders[name] ?? folders['renderer/*']!;
const isAmong = (name: string, patterns: readonly string[] = []) =>
  patterns.some(pattern =>
    pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
const packages = new Set(Object.values(folders).flatMap(row => row.packages ?? []));
packages.add('node:fs').delete('node:*');
packages.add('@tanstack/react-query').delete('@tanstack/*');

/** `src/renderer/design/probe.tsx` and `../../bridge/bridge.ts` of two folders. */
function between(from: string, to: string): [path: string, imported: string] {
  return [
    `src/${from}/probe.tsx`,
    posix.relative(from, `${to}/${to.replaceAll('/', '_')}.ts`).replace(/^(?!\.)/, './'),
  ];
}

function probe([path, imported]: readonly [string, string], isType = false): Probe {
  const suffix = `_${imported.replace(/\W+/g, '_')}${isType ? '_type' : ''}`;
  return { file: path.replace('probe', suffix), imported, isType };
}

const pairs = names.flatMap(from => names.map(to => ({ from, to }))).filter(({ from, to }) => from !== to);
const isAllowed = ({ from, to }: { from: string; to: string }) => isAmong(to, rowOf(from).imports);
const isAllowedAsType = (pair: { from: string; to: string }) =>
  isAllowed(pair) || isAmong(pair.to, rowOf(pair.from).types);

const values = pairs.map(pair => ({ ...pair, probe: probe(between(pair.from, pair.to)) }));
const types = pairs.map(pair => ({ ...pair, probe: probe(between(pair.from, pair.to), true) }));
const toPackages = names
  .flatMap(from => [...packages].map(to => ({ from, to })))
  .map(pair => {
    const specifier =
      pair.to === 'package.json' ? posix.join(posix.relative(pair.from, '..'), pair.to) : pair.to;
    return { ...pair, probe: probe([`src/${pair.from}/probe.ts`, specifier]) };
  });

/** Of the bridge's contract types alone are needed; so is said of what may import only those. */
const needsTypes = new Set(['src/bridge/probe.ts']);
const named = [
  ...crossing.map(pair => probe(pair)),
  ...allowed.map(pair => probe(pair, needsTypes.has(pair[0]))),
];

/** Whether a sentence names this file, what it imports, and that it may not. */
function isRefused({ file, imported }: Probe): boolean {
  const why = reasons.get(`${file} imports ${imported}`) ?? '';
  return /^src\S+ may (not import|import types alone from) /.test(why);
}

// A folder of our own with our rules: the rules name paths, not files that exist.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-walls-'));
  cpSync(join(root, 'biome.json'), join(folder, 'biome.json'));
  cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true });
  for (const [path, call] of removing) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), `import * as fs from 'node:fs';\n\n${call}\n`);
  }
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '.'];
  const { stdout } = spawnSync(process.execPath, [biome, ...args], { cwd: folder, encoding: 'utf8' });
  const { diagnostics }: Report = JSON.parse(stdout);
  const plugins = diagnostics.filter(({ category }) => category === 'plugin');
  removers = new Set(plugins.map(({ location }) => location.path.replaceAll('\\', '/')));

  for (const { file, imported, isType } of [
    ...named,
    ...[...values, ...types, ...toPackages].map(each => each.probe),
  ]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(
      join(folder, file),
      `import ${isType ? 'type ' : ''}{ thing } from '${imported}';\n\nexport const used = thing;\n`,
    );
  }
  const check = spawnSync(process.execPath, [join(root, 'scripts/lint/checkFolders.ts'), folder], {
    encoding: 'utf8',
  });
  expect(check.status).toBe(1);
  reasons = new Map(check.stderr.split('\n').map(said => said.split(': ', 2) as [string, string]));
});

interface Report {
  diagnostics: { category: string; location: { path: string } }[];
}

afterAll(() => rmSync(folder, { recursive: true }));

test.each(crossing)('%s may not import %s', (...pair) => {
  expect(isRefused(probe(pair))).toBe(true);
});

test.each(allowed)('%s may import %s', (...pair) => {
  expect(isRefused(probe(pair, needsTypes.has(pair[0])))).toBe(false);
});

test.each(removing)('%s may not remove folders by itself: %s', path => {
  expect(removers).toContain(path);
});

describe('every arrow', () => {
  const shown = ({ from, to }: { from: string; to: string }) => `${from} → ${to}`;

  test('between two folders is refused unless the table has it', () => {
    const refused = values.filter(each => isRefused(each.probe)).map(shown);
    expect(refused).toEqual(values.filter(each => !isAllowed(each)).map(shown));
    expect(refused.length).toBeGreaterThan(names.length);
  });

  test('is refused of a type as well, unless the table has it for types', () => {
    const refused = types.filter(each => isRefused(each.probe)).map(shown);
    expect(refused).toEqual(types.filter(each => !isAllowedAsType(each)).map(shown));
  });

  test('to a package is refused unless the table has it', () => {
    const refused = toPackages.filter(each => isRefused(each.probe)).map(shown);
    const isListed = ({ from, to }: { from: string; to: string }) => isAmong(to, rowOf(from).packages);
    expect(refused).toEqual(toPackages.filter(each => !isListed(each)).map(shown));
  });
});

test('a folder that the table does not have is named', () => {
  const strange = mkdtempSync(join(tmpdir(), 'receptive-walls-'));
  mkdirSync(join(strange, 'src/elsewhere'), { recursive: true });
  writeFileSync(join(strange, 'src/elsewhere/file.ts'), "import './other.ts';\n");
  expect(violations(strange, { here: { what: '' } })).toEqual([
    'src/elsewhere/file.ts imports ./other.ts: src/elsewhere has no row in the table (scripts/lint/folders.ts).',
  ]);
  rmSync(strange, { recursive: true });
});

test('docs/architecture.md shows the table', () => {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  expect(text).toContain(`\n${foldersTable(folders)}\n\n`);
});
