/** Whether a layer is meant by a few letters: of its kind, its family, or what it is for. */
import type { LayerKind } from '../../engine/layers/layer.ts';
import { families } from '../ui/families.ts';

function matches(kind: LayerKind, query: string): boolean {
  const title = families.find(({ family }) => family === kind.family)?.title ?? '';
  const text = `${kind.kind} ${title} ${kind.summary}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word) || isSubsequence(word, kind.kind.toLowerCase()));
}

/** Those that a search means, nearest first: by their kind from its start, then anywhere in it, then by the rest. */
export function search(kinds: readonly LayerKind[], query: string): LayerKind[] {
  const word = query.trim().toLowerCase();
  const distance = ({ kind }: LayerKind) => {
    const name = kind.toLowerCase();
    return name === word ? 0 : name.startsWith(word) ? 1 : name.includes(word) ? 2 : 3;
  };
  return kinds.filter(kind => matches(kind, query)).sort((a, b) => distance(a) - distance(b));
}

/** `mp2` finds `MaxPool2d`. */
function isSubsequence(letters: string, text: string): boolean {
  let from = 0;
  for (const letter of letters) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return false;
  }
  return true;
}
