/**
 * Who trains, who validates, who tests. What the source says is honoured; the rest falls by a hash of seed and
 * path. So an image keeps its place when others are added, and every class is divided alike.
 */
import { createHash } from 'node:crypto';
import type { Split } from '../../../bridge/contract.ts';
import type { Entry } from './formats/format.ts';

/** Parts of the images that nobody assigned. */
const VALIDATION = 0.1;
const TEST = 0.1;

/** The split of each entry, in their order. */
export function assignSplits(entries: readonly Entry[], seed: number): Split[] {
  const given = new Set(entries.map(entry => entry.split));
  const divided = given.has('val') || given.has('test');
  const wanted = { test: divided ? 0 : TEST, val: given.has('val') ? 0 : VALIDATION };
  const chance = entries.map(({ path }) => hashToUnit(`${seed}\0${path}`));
  const isFree = ({ split }: Entry) => split === null || (split === 'train' && divided);
  const splits = entries.map((entry, index): Split => {
    if (!isFree(entry)) return entry.split!;
    const at = chance[index]!;
    return at < wanted.test ? 'test' : at < wanted.test + wanted.val ? 'val' : 'train';
  });
  const classes = Map.groupBy(
    [...entries.keys()].filter(index => isFree(entries[index]!)),
    index => entries[index]!.label,
  );
  for (const members of classes.values()) {
    members.sort((a, b) => chance[a]! - chance[b]!);
    coverSmallClass(members, splits, wanted);
  }
  return splits;
}

/** Chance leaves a class of a few images out of a split: its luckless image moves there. */
function coverSmallClass(
  members: readonly number[],
  splits: Split[],
  wanted: Record<'test' | 'val', number>,
): void {
  const needed = (['test', 'val'] as const).filter(split => wanted[split] > 0);
  if (members.length <= needed.length) return;
  const count = (split: Split) => members.filter(index => splits[index] === split).length;
  for (const split of needed) {
    if (count(split) > 0) continue;
    const donor = members.find(index => splits[index] === 'train' || count(splits[index]!) > 1);
    if (donor !== undefined) splits[donor] = split;
  }
  if (count('train') === 0) {
    const donor = members.findLast(index => count(splits[index]!) > 1);
    if (donor !== undefined) splits[donor] = 'train';
  }
}

/** Evenly spread over 0 to 1, 1 left out. */
function hashToUnit(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6) / 2 ** 48;
}
