/** Which calls of which deeds go wrong, one trial each, and what came of it. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fault, impossible, KINDS, type Kind, sampled } from './callFault.ts';
import { type Deed, Ground, type Trial } from './trial.ts';

export interface Plan {
  deed: Deed;
  act: Fault['act'];
  kinds: readonly Kind[];
  /** At most so many of the calls of each kind, evenly; all where it is missing. */
  most?: number;
  /** Whether the disk stays full until the deed is over. */
  lasting?: boolean;
}

export interface FaultFigures {
  tried: number;
  survived: number;
  acknowledged: number;
  lost: string[];
  unclear: string[];
  left: string[];
}

/** @returns figures, or why none can be had */
export async function faulty(
  plans: readonly Plan[],
  say: (sentence: string) => void = () => {},
): Promise<FaultFigures | string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'receptive-faults-')));
  try {
    const reason = impossible(folder);
    if (reason !== undefined) return reason;
    const ground = new Ground(folder);
    await ground.prepare();
    const figures: FaultFigures = { tried: 0, survived: 0, acknowledged: 0, lost: [], unclear: [], left: [] };
    const counts = new Map<Deed, Record<Kind, number>>();
    for (const { deed, act, kinds, most = Number.POSITIVE_INFINITY, lasting = false } of plans) {
      const known = counts.get(deed) ?? (await count(ground, deed, figures, say));
      counts.set(deed, known);
      for (const kind of kinds)
        for (const at of sampled(known[kind], most)) {
          const until = lasting ? { until: join(folder, 'room') } : {};
          const trial = await ground.trial(deed, { kinds: [kind], at, act, ...until });
          const name = `${deed}, ${act}${lasting ? ' from' : ' at'} ${kind} ${at} of ${known[kind]} (${trial.happened.what})`;
          add(figures, name, trial, say);
        }
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many calls a deed makes when nothing goes wrong; which is a trial too. */
async function count(
  ground: Ground,
  deed: Deed,
  figures: FaultFigures,
  say: (sentence: string) => void,
): Promise<Record<Kind, number>> {
  const trial = await ground.trial(deed, { kinds: KINDS, at: 0, act: 'kill' });
  const { counts } = trial.happened;
  add(
    figures,
    `${deed}, nothing wrong (${KINDS.map(kind => `${counts[kind]} ${kind}`).join(', ')})`,
    trial,
    say,
  );
  return counts;
}

function add(figures: FaultFigures, name: string, trial: Trial, say: (sentence: string) => void): void {
  figures.acknowledged += trial.acknowledged;
  // How many calls there are depends on the time that things take: one that was not reached went wrong nowhere.
  if (trial.happened.what !== '') {
    figures.tried++;
    if (trial.lost.length === 0 && trial.unclear.length === 0) figures.survived++;
  }
  say(name);
  for (const kind of ['lost', 'unclear', 'left'] as const)
    for (const sentence of new Set(trial[kind])) {
      figures[kind].push(`${name}: ${sentence}`);
      say(`  ${kind.toUpperCase()} ${sentence}`);
    }
}
