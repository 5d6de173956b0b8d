/**
 * Who trains, who validates, who tests. What the source says is honoured; the rest falls by a hash of seed and
 * path. So an image keeps its place when others are added, and every class is divided alike. Copies of an image go
 * where it goes: what was trained on must not be asked again.
 */
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { Split, SplitRule } from '../../../../bridge/datasetCalls.ts';

/** A tenth each, of the images that nobody assigned. One seed for all, so that the same folder is divided alike. */
export const DEFAULT_SPLIT: SplitRule = { by: 'source', val: 0.1, test: 0.1, seed: 1 };

export interface SplitMember {
  path: string;
  label: number;
  /** Where the source puts it; null where it does not say. */
  split: Split | null;
  /** Where it was before, and stays; missing of a new one. */
  kept?: Split | undefined;
  /** What all copies of it share; missing where there are none. */
  twins?: number | null;
}

/** The split of each member, in their order. */
export function assignSplits(members: readonly SplitMember[], rule: SplitRule): Split[] {
  if (rule.by === 'list') return bySplitList(members, rule);
  const given = new Set(rule.by === 'source' ? members.map(({ split }) => split) : []);
  const divided = given.has('val') || given.has('test');
  const wanted = { test: divided ? 0 : rule.test, val: given.has('val') ? 0 : rule.val };
  const isFree = ({ split }: SplitMember) =>
    rule.by === 'ratio' || split === null || (split === 'train' && divided);
  const chance = members.map(({ path }) => hashToUnit(`${rule.seed}\0${path}`));
  const free = [...members.keys()].filter(index => isFree(members[index]!));
  const leaders = leadersOf(members, free);
  const splits = members.map((member, index): Split => {
    if (member.kept) return member.kept;
    if (!isFree(member)) return member.split!;
    const leader = leaders.get(member.twins ?? -1);
    if (leader !== undefined && members[leader]!.kept) return members[leader]!.kept;
    const at = chance[leader ?? index]!;
    return at < wanted.test ? 'test' : at < wanted.test + wanted.val ? 'val' : 'train';
  });
  for (const ofClass of Map.groupBy(free, index => members[index]!.label).values()) {
    ofClass.sort((a, b) => chance[a]! - chance[b]!);
    coverSmallClass(ofClass, members, splits, wanted);
  }
  return splits;
}

/** Of each group of copies the member that decides: one that has its place already, else the first by path. */
function leadersOf(members: readonly SplitMember[], free: readonly number[]): Map<number, number> {
  const leaders = new Map<number, number>();
  for (const index of free) {
    const { twins, kept, path } = members[index]!;
    if (twins === undefined || twins === null) continue;
    const leader = leaders.get(twins);
    const led = leader === undefined ? undefined : members[leader]!;
    if (!led || (!led.kept && (kept || path < led.path))) leaders.set(twins, index);
  }
  return leaders;
}

function bySplitList(
  members: readonly SplitMember[],
  { val, test }: { val: string[]; test: string[] },
): Split[] {
  const [inVal, inTest] = [val, test].map(list => new Set(list.map(name => name.trim().normalize('NFC'))));
  return members.map(({ path }) => {
    if (inTest!.has(path) || inTest!.has(basename(path))) return 'test';
    return inVal!.has(path) || inVal!.has(basename(path)) ? 'val' : 'train';
  });
}

/** Chance leaves a class of a few images out of a split: its luckless image moves there. */
function coverSmallClass(
  ofClass: readonly number[],
  members: readonly SplitMember[],
  splits: Split[],
  wanted: Record<'test' | 'val', number>,
): void {
  const needed = (['test', 'val'] as const).filter(split => wanted[split] > 0);
  if (ofClass.length <= needed.length) return;
  const count = (split: Split) => ofClass.filter(index => splits[index] === split).length;
  // Who has a place keeps it, and copies stay together.
  const movable = ofClass.filter(index => !members[index]!.kept && (members[index]!.twins ?? null) === null);
  for (const split of needed) {
    if (count(split) > 0) continue;
    const donor = movable.find(index => splits[index] === 'train' || count(splits[index]!) > 1);
    if (donor !== undefined) splits[donor] = split;
  }
  if (count('train') === 0) {
    const donor = movable.findLast(index => count(splits[index]!) > 1);
    if (donor !== undefined) splits[donor] = 'train';
  }
}

/** Evenly spread over 0 to 1, 1 left out. */
function hashToUnit(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16) / 2 ** 48;
}
