/** In which order what was found is offered. */
import { matchSorter, rankings } from 'match-sorter';

/** What stands before what, of those that fit equally: as it came. */
export const keepOrder = { baseSort: (a: { index: number }, b: { index: number }) => a.index - b.index };

/** All of them, those first whose name is nearest to what was typed: it is that, begins so, has it somewhere, its letters. */
export function nearestFirst<T>(found: readonly T[], query: string, nameOf: (option: T) => string): T[] {
  return matchSorter(found, query.trim(), { ...keepOrder, keys: [nameOf], threshold: rankings.NO_MATCH });
}
