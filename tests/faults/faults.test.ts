/**
 * Calls to the file system that go wrong, one in each trial: the process is gone, or the disk is full. After each the
 * workspace starts normally, has all that was acknowledged, and goes on with what was cut off. `faults.ts` tries more.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type FaultFigures, faulty, type Plan } from './faulty.ts';

const plans: readonly Plan[] = [
  { deed: 'train', act: 'after', kinds: ['unlink'], most: 12 },
  { deed: 'train', act: 'tear', kinds: ['write'], most: 2 },
  { deed: 'train', act: 'ENOSPC', kinds: ['write'], most: 3 },
  { deed: 'train', act: 'ENOSPC', kinds: ['write'], most: 2, lasting: true },
  { deed: 'import', act: 'kill', kinds: ['write'], most: 2 },
  { deed: 'import', act: 'ENOSPC', kinds: ['write'], most: 2, lasting: true },
  { deed: 'data', act: 'after', kinds: ['unlink'], most: 5 },
  { deed: 'upload', act: 'kill', kinds: ['unlink'], most: 3 },
  { deed: 'edit', act: 'ENOSPC', kinds: ['write'], most: 3 },
  { deed: 'migrate', act: 'kill', kinds: ['rename', 'sync'], most: 2 },
];

let figures: FaultFigures | string;

beforeAll(async () => {
  figures = await faulty(plans);
  if (typeof figures === 'string') return;
  const { tried, survived, acknowledged, lost, unclear, left } = figures;
  console.log({
    tried,
    survived,
    acknowledged,
    lost: lost.length,
    unclear: unclear.length,
    left: left.length,
  });
}, 900_000);

describe('after a call that went wrong', () => {
  it.for([
    ['lost', 'nothing that was acknowledged is lost, and what was cut off goes on'],
    ['unclear', 'a person was told in a sentence'],
    ['left', 'no half of a file is left'],
  ] as const)('%s: %s', ([kind], { skip }) => {
    if (typeof figures === 'string') return skip(figures);
    expect(figures.tried).toBeGreaterThan(20);
    expect(figures[kind]).toEqual([]);
  });
});
