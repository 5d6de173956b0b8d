/** Whether a layer is meant by a few letters: of its kind, its family, or what it is for. */
import type { LayerKind } from '../../engine/layers/layer.ts';
import { families } from '../ui/families.ts';

export function matches(kind: LayerKind, query: string): boolean {
  const title = families.find(({ family }) => family === kind.family)?.title ?? '';
  const text = `${kind.kind} ${title} ${kind.summary}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every(word => text.includes(word) || isSubsequence(word, kind.kind.toLowerCase()));
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
