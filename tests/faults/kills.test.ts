/** Studio, host, command line and imports, killed in turn: nothing that was acknowledged is lost. `kills.ts` does more. */
import { expect, it } from 'vitest';
import { killing } from './killing.ts';

const [KILLS, SEED] = [20, 1];

it(`survives ${KILLS} kills with all that was acknowledged`, async () => {
  const { kills, lost, checked, acknowledged, hashes, fingerprints, ...rest } = await killing({
    kills: KILLS,
    seed: SEED,
  });
  const total = Object.values(kills).reduce((sum, count) => sum + count);
  console.log({ kills, acknowledged, checked, lost: lost.length, ...rest });
  expect(lost).toEqual([]);
  expect(total).toBe(KILLS);
  expect(acknowledged).toBeGreaterThan(100);
  expect(rest.finished).toBeGreaterThan(1);
  // However often a run was killed, and whether one thread computed or two.
  expect(hashes).toHaveLength(1);
  expect(fingerprints).toHaveLength(1);
}, 900_000);
