/**
 * The size of a network after expansion, counted without expanding it: nested repeated blocks can stand for more layers
 * than any machine could hold.
 */
import { blockIdOf, blockOf, isBlock, isBlockInput, overridesFor, repeatOf } from './blocks.ts';
import type { Block, Graph, GraphNode } from './document.ts';

/** The most layers of a network. */
export const MAX_LAYERS = 20_000;
/** The most edges, counted at each border of a block that they cross. */
export const MAX_EDGES = 100_000;

/** The size of one repetition of a copy. */
export interface NetworkExtent {
  /** Includes repetitions of nested copies. */
  readonly layers: number;
  readonly wires: number;
  /** Nesting depth of blocks, including itself. */
  readonly depth: number;
}

/** For networks whose counting would take too long, which exceed any limit. */
const UNCOUNTABLE: NetworkExtent = { layers: Number.POSITIVE_INFINITY, wires: 0, depth: 1 };

/** The most nodes visited when counting one copy, and all copies of a network. */
const MAX_STEPS = 4 * MAX_LAYERS + MAX_EDGES;
const MOST_STEPS_OF_ALL = 10 * MAX_STEPS;

/** A block that is being counted. */
interface Count {
  readonly id: string;
  readonly block: Block;
  /** With the parameters that the outer block sets. */
  readonly copy: GraphNode;
  /** The number of repetitions in the outer block. */
  readonly times: number;
  readonly key: string;
  readonly drawn: IterableIterator<[string, GraphNode]>;
  layers: number;
  wires: number;
  depth: number;
  /** Whether a nested block contains itself: its count then depends on the enclosing blocks. */
  returns: boolean;
}

/** Counts the copies of one graph, with a cache. */
export class Extents {
  readonly #graph: Graph;
  readonly #known = new Map<string, NetworkExtent>();
  #steps = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** The size of one repetition of a copy. */
  of(copy: GraphNode, block: Block): NetworkExtent {
    const known = this.#known.get(keyOf(copy, block));
    if (known) return known;
    let steps = 0;
    const counts = [begin(copy, block)];
    for (let top = counts.at(-1)!; ; top = counts.at(-1)!) {
      const next = top.drawn.next();
      if (next.done) {
        const { layers, wires, depth, returns, key } = counts.pop()!;
        const extent = { layers, wires, depth };
        if (!returns) this.#known.set(key, extent);
        const around = counts.at(-1);
        if (!around) return extent;
        around.returns ||= returns;
        add(around, top.times, extent);
        continue;
      }
      steps++;
      if (steps > MAX_STEPS || this.#steps++ > MOST_STEPS_OF_ALL) return UNCOUNTABLE;
      const [id, drawn] = next.value;
      const overrides = overridesFor(top.block, top.copy, id);
      const node = overrides ? { ...drawn, params: { ...drawn.params, ...overrides } } : drawn;
      const inner = isBlock(node) && !node.bypassed ? blockOf(this.#graph, node) : undefined;
      if (isBlockInput(node)) top.wires++;
      else if (!inner) top.layers++;
      else if (counts.some(count => count.id === blockIdOf(node))) {
        top.layers++;
        top.returns = true;
      } else {
        const before = this.#known.get(keyOf(node, inner));
        if (before) add(top, repeatOf(node), before);
        else counts.push(begin(node, inner));
      }
    }
  }
}

function begin(copy: GraphNode, block: Block): Count {
  return {
    id: blockIdOf(copy),
    block,
    copy,
    times: repeatOf(copy),
    key: keyOf(copy, block),
    drawn: Object.entries(block.graph.nodes).values(),
    layers: 0,
    wires: block.graph.edges.length,
    depth: 1,
    returns: false,
  };
}

function add(around: Count, times: number, { layers, wires, depth }: NetworkExtent): void {
  around.layers += times * (layers + 1);
  around.wires += times * wires;
  around.depth = Math.max(around.depth, depth + 1);
}

/** Copies with the same key have the same size: they set the same values of exposed parameters. */
function keyOf(copy: GraphNode, { exposed }: Block): string {
  const set = exposed.map(({ name }) => copy.params[name] ?? null);
  return `${blockIdOf(copy)} ${JSON.stringify(set)}`;
}
