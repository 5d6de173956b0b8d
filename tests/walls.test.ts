/** The walls between the folders hold: an import that crosses one is an error of the linter. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

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
/** Probe files that the linter complained of, by their paths. */
let refused: Set<string>;

/** Those that it complained of because they remove folders by themselves. */
let removers: Set<string>;

/** Calls that only src/main/removal.ts may make. */
const removing = [
  ['src/main/studio/removing1.ts', "fs.rmSync('a', { recursive: true });"],
  ['src/main/removing2.ts', "await fs.promises.rm('a', { recursive: true, force: true });"],
  ['src/engine/runtime/removing3.ts', "fs.rmdirSync('a');"],
  ['scripts/removing4.mjs', "const { rm } = fs.promises; await rm('a', { recursive: true });"],
] as const;

/** A file that does nothing but import this. */
function probe([path, imported]: readonly [string, string]): string {
  return path.replace('probe', imported.replace(/\W+/g, '_'));
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
  for (const pair of [...crossing, ...allowed]) {
    const file = join(folder, probe(pair));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `import { thing } from '${pair[1]}';\n\nexport const used = thing;\n`);
  }
  const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json', '.'];
  const { stdout } = spawnSync(process.execPath, [biome, ...args], { cwd: folder, encoding: 'utf8' });
  const { diagnostics }: Report = JSON.parse(stdout);
  const walls = diagnostics.filter(({ category }) => category === 'lint/style/noRestrictedImports');
  refused = new Set(walls.map(({ location }) => location.path.replaceAll('\\', '/')));
  const plugins = diagnostics.filter(({ category }) => category === 'plugin');
  removers = new Set(plugins.map(({ location }) => location.path.replaceAll('\\', '/')));
});

interface Report {
  diagnostics: { category: string; location: { path: string } }[];
}

afterAll(() => rmSync(folder, { recursive: true }));

test.each(crossing)('%s may not import %s', (...pair) => {
  expect(refused).toContain(probe(pair));
});

test.each(allowed)('%s may import %s', (...pair) => {
  expect(refused).not.toContain(probe(pair));
});

test.each(removing)('%s may not remove folders by itself: %s', path => {
  expect(removers).toContain(path);
});
