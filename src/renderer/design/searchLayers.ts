/** Which layers are meant by a few letters: of their kind, their family, or what they are for. */
import { type KeyOption, matchSorter, rankings } from 'match-sorter';
import type { LayerKind } from '../../engine/layers/layer.ts';
import { families } from '../ui/families.ts';
import { keepOrder, nearestFirst } from '../ui/nearestFirst.ts';

const keys: KeyOption<LayerKind>[] = [
  // Letters of it are enough: `mp2` finds `MaxPool2d`.
  { key: 'kind', threshold: rankings.MATCHES },
  { key: kind => titleOf(kind), threshold: rankings.CONTAINS },
  { key: 'summary', threshold: rankings.CONTAINS },
];

function titleOf(kind: LayerKind): string {
  return families.find(({ family }) => family === kind.family)?.title ?? '';
}

/** Those in which every word is found, nearest first by their kind. */
export function search(kinds: readonly LayerKind[], query: string): LayerKind[] {
  const words = query.trim().split(/\s+/);
  const found = words.reduce((left, word) => matchSorter(left, word, { ...keepOrder, keys }), [...kinds]);
  return nearestFirst(found, query, ({ kind }) => kind);
}
