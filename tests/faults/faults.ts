/**
 * `node tests/faults/faults.ts [--only DEED] [--act ACT] [--most N]`: kills at every call that removes a file and at
 * samples of the others, and a full disk at writes, of all that writes to a workspace; prints tried, survived, lost.
 * Exit code 1 where anything was lost or told in no sentence.
 */
import { parseArgs } from 'node:util';
import { KINDS } from './callFault.ts';
import { faulty, type Plan } from './faulty.ts';
import type { Deed } from './trial.ts';

const { values } = parseArgs({
  options: { only: { type: 'string' }, act: { type: 'string' }, most: { type: 'string', default: '12' } },
});
const most = Number(values.most);
const deeds: Deed[] = [
  'train',
  'import',
  'edit',
  'data',
  'upload',
  'run',
  'leave',
  'first start',
  'migrate',
  'purge',
];
const plans = deeds.flatMap((deed): Plan[] => [
  { deed, act: 'kill', kinds: ['unlink'] },
  { deed, act: 'after', kinds: ['unlink', 'rename'] },
  { deed, act: 'kill', kinds: KINDS.filter(kind => kind !== 'unlink'), most },
  { deed, act: 'tear', kinds: ['write'], most },
  { deed, act: 'ENOSPC', kinds: ['write'], most },
  { deed, act: 'ENOSPC', kinds: ['write'], most, lasting: true },
  { deed, act: 'EIO', kinds: ['sync', 'rename', 'unlink'], most: Math.ceil(most / 3) },
]);
const wanted = plans.filter(
  ({ deed, act }) =>
    [undefined, deed].includes(values.only as Deed) && [undefined, act].includes(values.act as never),
);
const began = performance.now();
const figures = await faulty(wanted, console.log);
if (typeof figures === 'string') console.log(`Skipped: ${figures}.`);
else {
  const { tried, survived, acknowledged, lost, unclear, left } = figures;
  console.log(`tried ${tried}, survived ${survived}, acknowledged ${acknowledged}, lost ${lost.length}`);
  console.log(`told in no sentence ${unclear.length}, left over ${left.length}`);
  console.log(`${((performance.now() - began) / 1000).toFixed(0)} s`);
  process.exitCode = lost.length + unclear.length > 0 ? 1 : 0;
}
