/**
 * `node tests/faults/kills.ts [--kills 200] [--seed 1]`: so many SIGKILLs of studio, host, command line and imports;
 * prints what was acknowledged, checked and lost. Exit code 1 where anything was lost.
 */
import { parseArgs } from 'node:util';
import { killing } from './killing.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const began = performance.now();
const figures = await killing({
  kills: Number(values.kills),
  seed: Number(values.seed),
  say: sentence => console.log(`${((performance.now() - began) / 1000).toFixed(1)} s ${sentence}`),
});
const { kills, acknowledged, checked, lost, finished, hashes, imported, renewed, fingerprints } = figures;
const byTarget = Object.entries(kills).map(([target, count]) => `${target} ${count}`);
const total = Object.values(kills).reduce((sum, count) => sum + count);
console.log(`kills: ${total} (${byTarget.join(', ')}), seed ${values.seed}`);
console.log(`acknowledged: ${acknowledged}, checked: ${checked}, lost: ${lost.length}`);
console.log(`runs killed, resumed and finished: ${finished}, resumed hash equal: ${hashes.length === 1}`);
console.log(
  `imports killed and finished: ${imported} (${renewed} times gone on with), equal: ${fingerprints.length === 1}`,
);
console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);
process.exitCode = lost.length === 0 && hashes.length === 1 && fingerprints.length === 1 ? 0 : 1;
