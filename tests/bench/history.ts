/**
 * How long a huge history takes: to write, to read, to send, to survey and to filter. Prints milliseconds; run by
 * hand: `node tests/bench/history.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, encode } from '../../src/bridge/codec.ts';
import { parseFilter } from '../../src/experiments/filter.ts';
import { survey } from '../../src/experiments/survey.ts';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { HUGE, writeHistory } from './hugeHistory.ts';

function timed<T>(what: string, work: () => T): T {
  const started = performance.now();
  const result = work();
  process.stdout.write(`${what.padEnd(56)} ${(performance.now() - started).toFixed(0).padStart(7)} ms\n`);
  return result;
}

const folder = mkdtempSync(join(tmpdir(), 'receptive-history-'));
try {
  timed(`write ${HUGE.runs} runs of ${HUGE.settings} settings`, () => writeHistory(folder, HUGE));
  const workspace = openWorkspace(folder, { mode: 'read' });
  const runs = timed('read them', () => workspace.runs.listRuns());
  workspace.close();
  const bytes = timed('encode them for a window', () => encode(runs));
  process.stdout.write(`${(bytes.length / 2 ** 20).toFixed(1)} MiB\n`);
  timed('decode them', () => decode(bytes));
  const known = timed('survey', () => survey(runs));
  process.stdout.write(`${known.settings.length} settings, ${known.metrics.length} metrics\n`);
  for (const text of [
    'accuracy > 0.8 and optimizer = adam and tag:baseline',
    'lr < 0.01 and not (batch = 64 or setting17 = 3)',
    'run 17',
    'val.metric76 > 0.1',
  ]) {
    const found = timed(`filter: ${text}`, () => {
      const filter = parseFilter(text, known);
      return filter.ok ? runs.filter(filter.matches).length : -1;
    });
    process.stdout.write(`  ${found} runs\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
