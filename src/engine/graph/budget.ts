/**
 * Limits on the size of a document, checked before anything else reads it. Hand-made documents stay far below; larger
 * ones, from a file, a paste or a message, are refused with what exceeds the limit and where.
 *
 * The walk is without recursion, as the data have not been validated: nesting may be arbitrarily deep.
 */
import type { z } from 'zod';

/** For all drawings of a project together, unless noted otherwise. */
export const DOCUMENT_BUDGET = {
  nodes: 20_000,
  edges: 100_000,
  frames: 100_000,
  comments: 100_000,
  blocks: 2000,
  /** Exposed parameters, counted with each of their targets. */
  exposed: 20_000,
  /** Values in the parameters of one node, loss or the like. */
  params: 10_000,
  /** Nesting of lists and objects. */
  depth: 24,
  /** Characters of one text, and of all texts. */
  text: 20_000,
  characters: 20_000_000,
  /** All values, lists and objects: as many as a message to a window may have (bridge/messageFrames.ts). */
  values: 1_000_000,
} as const;

/** What exceeds a limit, and where. */
interface Excess {
  readonly path: readonly string[];
  readonly message: string;
}

/** The path of a value, as a linked list that is read only for a message. */
interface DrawingPosition {
  readonly key: string;
  readonly around: DrawingPosition | null;
  readonly depth: number;
  /** The number of values in the enclosing parameters; null outside of parameters. */
  readonly params: { values: number } | null;
}

type Data = Readonly<Record<string, unknown>>;

const isData = (value: unknown): value is Data => typeof value === 'object' && value !== null;

/** Longer keys and texts are shortened in messages. */
const LONGEST_KEY = 64;

function pathOf(place: DrawingPosition | null): string[] {
  const path: string[] = [];
  for (let at = place; at?.around; at = at.around) path.push(at.key.slice(0, LONGEST_KEY));
  return path.reverse();
}

/** The first excess of a document, clip or set of blocks; undefined where there is none. */
export function excessOf(data: unknown): Excess | undefined {
  return excessOfValues(data) ?? excessOfDrawings(data);
}

/** For a schema's first check: if it fails, the rest of the schema is not tried. */
export function refuseExcess(data: unknown, context: z.core.$RefinementCtx): void {
  const excess = excessOf(data);
  if (excess) context.addIssue({ code: 'custom', path: [...excess.path], message: excess.message });
}

function excessOfValues(data: unknown): Excess | undefined {
  let [values, characters] = [0, 0];
  const left: { value: unknown; place: DrawingPosition }[] = [
    { value: data, place: { key: '', around: null, depth: 0, params: null } },
  ];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value, place } = next;
    const fail = (message: string): Excess => ({ path: pathOf(place), message });
    if (++values > DOCUMENT_BUDGET.values)
      return fail(`a project holds at most ${DOCUMENT_BUDGET.values} values`);
    if (place.params && ++place.params.values > DOCUMENT_BUDGET.params + 1)
      return fail(`parameters hold at most ${DOCUMENT_BUDGET.params} values`);
    characters += place.key.length + (typeof value === 'string' ? value.length : 0);
    if (typeof value === 'string' && value.length > DOCUMENT_BUDGET.text)
      return fail(`a text of ${value.length} characters; ${DOCUMENT_BUDGET.text} is the most`);
    if (characters > DOCUMENT_BUDGET.characters)
      return fail(`all texts together hold at most ${DOCUMENT_BUDGET.characters} characters`);
    if (!isData(value)) continue;
    if (place.depth >= DOCUMENT_BUDGET.depth)
      return fail(`lists and objects lie more than ${DOCUMENT_BUDGET.depth} deep within one another`);
    const keys = Object.keys(value);
    if (values + left.length + keys.length > DOCUMENT_BUDGET.values)
      return fail(`a project holds at most ${DOCUMENT_BUDGET.values} values`);
    for (const key of keys) {
      const params = place.params ?? (key === 'params' ? { values: 0 } : null);
      left.push({ value: value[key], place: { key, around: place, depth: place.depth + 1, params } });
    }
  }
  return undefined;
}

const DRAWING_PARTS = ['nodes', 'edges', 'frames', 'comments'] as const;

function excessOfDrawings(data: unknown): Excess | undefined {
  if (!isData(data)) return undefined;
  const top = isData(data.graph) ? ['graph'] : [];
  const graph = isData(data.graph) ? data.graph : data;
  const blocks = isData(graph.blocks) ? graph.blocks : {};
  const counts = new Map<string, number>();
  const count = (what: keyof typeof DOCUMENT_BUDGET, added: number, path: string[]): Excess | undefined => {
    const all = (counts.get(what) ?? 0) + added;
    counts.set(what, all);
    if (all <= DOCUMENT_BUDGET[what]) return undefined;
    const named = what === 'exposed' ? 'exposed parameters' : what;
    return {
      path: [...top, ...path],
      message: `a project holds at most ${DOCUMENT_BUDGET[what]} ${named}, here are ${all}`,
    };
  };
  const sizeOf = (value: unknown) => (isData(value) ? Object.keys(value).length : 0);
  const drawings: [string[], unknown][] = [[[], graph]];
  for (const [id, block] of Object.entries(blocks)) {
    if (!isData(block)) continue;
    const path = ['blocks', id.slice(0, LONGEST_KEY)];
    drawings.push([[...path, 'graph'], block.graph]);
    const exposed = Object.values(isData(block.exposed) ? block.exposed : {});
    const targets = exposed.reduce<number>((sum, each) => sum + sizeOf(isData(each) && each.targets), 0);
    const excess = count('exposed', exposed.length + targets, [...path, 'exposed']);
    if (excess) return excess;
  }
  for (const [path, drawing] of drawings) {
    if (!isData(drawing)) continue;
    for (const part of DRAWING_PARTS) {
      const excess = count(part, sizeOf(drawing[part]), [...path, part]);
      if (excess) return excess;
    }
  }
  return count('blocks', sizeOf(blocks), ['blocks']);
}
