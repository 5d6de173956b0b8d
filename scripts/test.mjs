/**
 * `npm test`: everything that must hold, in order, with one summary. Every stage runs even when one before it
 * failed, except that nothing runs on a build that failed. `npm test -- types unit` runs those alone. The last
 * line is the totals: a stage without tests of its own counts as one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt, ensureInstalled, Impossible, main, nodePath, root, say } from './bootstrap.mjs';
import { ensureChromium } from './chromium.mjs';

/** Playwright empties this folder when it begins, and nothing else is kept in it. */
const reports = join(root, 'test-results');

const stages = {
  build: () => single(() => ensureBuilt() ?? 0),
  types: () => single(() => tool('typescript/bin/tsc', ['-b'])),
  lint: () => single(() => tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings'])),
  unit: () => {
    const report = join(reports, 'unit.json');
    const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const status = tool('vitest/vitest.mjs', ['run', ...outputs]);
    return counted(status, report, ({ numPassedTests, numFailedTests }) => [numPassedTests, numFailedTests]);
  },
  e2e: async () => {
    await ensureChromium();
    const report = join(reports, 'e2e.json');
    const env = { PLAYWRIGHT_JSON_OUTPUT_NAME: report };
    const status = tool('@playwright/test/cli.js', ['test', '--reporter=list,json'], env);
    return counted(status, report, ({ stats }) => [stats.expected, stats.unexpected + stats.flaky]);
  },
};

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
  const options = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } };
  return spawnSync(nodePath(), [join(root, 'node_modules', path), ...args], options).status ?? 1;
}

async function outcome(stage) {
  try {
    return await stage();
  } catch (error) {
    if (!(error instanceof Impossible)) throw error;
    say(error.message);
    return [0, 1];
  }
}

await main(async () => {
  const names = process.argv.slice(2);
  const unknown = names.find(name => !(name in stages));
  if (unknown) throw new Impossible(`There is no stage ${unknown}: ${Object.keys(stages).join(', ')}.`);
  ensureInstalled();
  const rows = [];
  for (const [name, stage] of Object.entries(stages)) {
    if (names.length > 0 && !names.includes(name)) continue;
    console.log(`\n── ${name}`);
    const startedAt = Date.now();
    const [passed, failed] = await outcome(stage);
    rows.push({ name, passed, failed, seconds: (Date.now() - startedAt) / 1000 });
    if (name === 'build' && failed > 0) break;
  }
  console.log('');
  for (const { name, passed, failed, seconds } of rows) {
    const mark = failed === 0 ? '✓' : '✗';
    console.log(`${mark} ${name.padEnd(6)} ${passed} passed, ${failed} failed  ${seconds.toFixed(1)} s`);
  }
  const total = key => rows.reduce((sum, row) => sum + row[key], 0);
  console.log(`\n${total('passed')} passed, ${total('failed')} failed`);
  return total('failed') === 0 ? 0 : 1;
});
