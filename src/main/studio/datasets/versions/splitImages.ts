/**
 * Assigns images to training, validation and test. The source's split is kept; other images are split by a hash of seed
 * and path, so that an image keeps its split when others are added. Duplicates are in the same split, so that no
 * training image is evaluated.
 */
import { hash } from 'node:crypto';
import { basename } from 'node:path';
import type { Split, SplitRule } from '../../../../bridge/datasetCalls.ts';

/** A tenth each of the unassigned images. The seed is constant, so that a folder is always split alike. */
export const DEFAULT_SPLIT: SplitRule = { by: 'source', val: 0.1, test: 0.1, seed: 1 };

export interface SplitMember {
  path: string;
  label: number;
  /** The split given by the source; null for none. */
  split: Split | null;
  /** Its previous split, which it keeps; missing for a new image. */
  kept?: Split | undefined;
  /** The number of its group of duplicates; missing where it has none. */
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

/** The member of each group of duplicates that decides: one with a split, or else the first by path. */
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

/** Ensures that small classes are in every split: moves the image with the nearest hash there. */
function coverSmallClass(
  ofClass: readonly number[],
  members: readonly SplitMember[],
  splits: Split[],
  wanted: Record<'test' | 'val', number>,
): void {
  const needed = (['test', 'val'] as const).filter(split => wanted[split] > 0);
  if (ofClass.length <= needed.length) return;
  const count = (split: Split) => ofClass.filter(index => splits[index] === split).length;
  // Images with a previous split and duplicates stay.
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

/** A hash, uniform in [0, 1). */
function hashToUnit(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 12), 16) / 2 ** 48;
}
