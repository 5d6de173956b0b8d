/**
 * `npm test`: everything that must hold, in order, with one summary. What the stages need is installed before the
 * first; where that cannot be done, one sentence says what to install, and the stages without it count as failed.
 * Every other stage runs even when one before it failed, except that nothing runs on a build that failed.
 * `npm test -- types unit` runs those alone. The last line is the totals: a stage without tests of its own counts
 * as one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, Impossible, main, nodePath, root, say } from './bootstrap.mjs';
import { ensureChromium } from './chromium.mjs';

/** Playwright empties this folder when it begins, and nothing else is kept in it. */
const reports = join(root, 'test-results');

/** Of the unit tests they alone need a browser. */
const DESKTOP_TESTS = 'tests/desktop';

/** What tries the window's code, of which it is printed how much they reach: the others would pay for that by the minute. */
const WINDOW_TESTS = ['tests/window', 'tests/renderer'];

const stages = {
  build: () => single(() => ensureBuilt() ?? 0),
  types: () => single(() => tool('typescript/bin/tsc', ['-b'])),
  lint: () =>
    single(() => {
      const style = tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings']);
      const walls = script('scripts/lint/checkFolders.ts');
      return tool('knip/bin/knip.js', []) || walls || style;
    }),
  unit: () => {
    const elsewhere = [DESKTOP_TESTS, ...WINDOW_TESTS].flatMap(folder => ['--exclude', `${folder}/**`]);
    const coverage = ['--coverage', '--coverage.include=src/renderer/**/*.{ts,tsx}'];
    return sum([vitest('window', [...WINDOW_TESTS, ...coverage]), vitest('unit', elsewhere)]);
  },
  desktop: () => vitest('desktop', [DESKTOP_TESTS]),
  e2e: () => {
    const report = join(reports, 'e2e.json');
    const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: report };
    const status = tool('@playwright/test/cli.js', ['test', '--reporter=list,json'], env);
    return counted(status, report, ({ stats }) => [stats.expected, stats.unexpected + stats.flaky]);
  },
};

/** The stages that open a window of Chromium. */
const windowed = ['desktop', 'e2e'];

/** Passed and failed of the test files that these arguments choose. */
function vitest(name, chosen) {
  const report = join(reports, `${name}.json`);
  const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const status = tool('vitest/vitest.mjs', ['run', ...chosen, ...outputs]);
  return counted(status, report, ({ numPassedTests, numFailedTests }) => [numPassedTests, numFailedTests]);
}

/** Passed and failed of several together. */
function sum(counts) {
  return counts.reduce(([passed, failed], [more, lost]) => [passed + more, failed + lost]);
}

/** Passed and failed of a stage that either holds or does not. */
function single(body) {
  return body() === 0 ? [1, 0] : [0, 1];
}

/** Passed and failed as a report tells; a run that failed for another reason has at least one failure. */
function counted(status, report, read) {
  const [passed, failed] = existsSync(report) ? read(JSON.parse(readFileSync(report, 'utf8'))) : [0, 0];
  return [passed, status === 0 ? failed : Math.max(failed, 1)];
}

/** Runs an installed tool under Node 24 and tells its exit code. */
function tool(path, args, env = {}) {
  return script(join('node_modules', path), args, env);
}

/** The same of a script of ours. */
function script(path, args = [], env = {}) {
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } };
  return spawnSync(nodePath(), [join(root, path), ...args], options).status ?? 1;
}

/** The stages that cannot run on this machine, once why has been said. */
async function impossible(chosen) {
  const needy = chosen.filter(name => windowed.includes(name));
  try {
    if (needy.length > 0) await ensureChromium();
    return [];
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    say(`${error.message} Until then these stages fail: ${needy.join(', ')}.`);
    return needy;
  }
}

function outcome(stage) {
  try {
    return stage();
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    say(error.message);
    return [0, 1];
  }
}

await main(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find(name => !Object.hasOwn(stages, name));
  if (unknown !== undefined)
    throw new Impossible(`There is no stage ${unknown}: ${Object.keys(stages).join(', ')}.`);
  ensureInstalled();
  const chosen = Object.keys(stages).filter(name => names.length === 0 || names.includes(name));
  const leftOut = await impossible(chosen);
  const rows = [];
  for (const name of chosen) {
    const isLeftOut = leftOut.includes(name);
    if (!isLeftOut) console.log(`\n── ${name}`);
    const startedAt = Date.now();
    const [passed, failed] = isLeftOut ? [0, 1] : outcome(stages[name]);
    const seconds = (Date.now() - startedAt) / 1000;
    rows.push({ name, passed, failed, note: isLeftOut ? 'not run' : `${seconds.toFixed(1)} s` });
    if (name === 'build' && failed > 0) break;
  }
  console.log('');
  for (const { name, passed, failed, note } of rows) {
    const mark = failed === 0 ? '✓' : '✗';
    console.log(`${mark} ${name.padEnd(7)} ${passed} passed, ${failed} failed  ${note}`);
  }
  const total = key => rows.reduce((sum, row) => sum + row[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 ? 0 : 1;
});
