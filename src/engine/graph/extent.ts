/**
 * How much of a network there is once its blocks are taken apart, counted without taking them apart: a few blocks within
 * one another, each repeated a few times, stand for more layers than any machine holds.
 */
import { blockIdOf, blockOf, isBlock, isBlockInput, overridesFor, repeatOf } from './blocks.ts';
import type { Block, Graph, GraphNode } from './document.ts';

/** A network of more layers than this is a slip of the repeat counts. */
export const MOST_LAYERS = 20_000;
/** Edges between them, each border of a block that one crosses counted. */
export const MOST_WIRES = 100_000;

/** What one repetition of a copy stands for. */
export interface NetworkExtent {
  /** Each repetition of a copy inside it counts as one more. */
  readonly layers: number;
  readonly wires: number;
  /** Blocks within one another, itself included. */
  readonly depth: number;
}

/** Where counting itself would take too long, there is more than any network may have. */
const ENDLESS: NetworkExtent = { layers: Number.POSITIVE_INFINITY, wires: 0, depth: 1 };

/** Nodes that are looked at to count one copy, and to count all of a network's. */
const MOST_STEPS = 4 * MOST_LAYERS + MOST_WIRES;
const MOST_STEPS_OF_ALL = 10 * MOST_STEPS;

/** A block while it is counted. */
interface Count {
  readonly id: string;
  readonly block: Block;
  /** With what the block around it sets. */
  readonly copy: GraphNode;
  /** How often it stands in the block around it. */
  readonly times: number;
  readonly key: string;
  readonly drawn: IterableIterator<[string, GraphNode]>;
  layers: number;
  wires: number;
  depth: number;
  /** Whether a block in it holds itself: what it counts then depends on what stands around it. */
  returns: boolean;
}

/** Counts the copies of one graph; what it counted once it knows. */
export class Extents {
  readonly #graph: Graph;
  readonly #known = new Map<string, NetworkExtent>();
  #steps = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** Of one repetition of a copy. */
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
      if (steps > MOST_STEPS || this.#steps++ > MOST_STEPS_OF_ALL) return ENDLESS;
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

/** What tells copies of a block apart: what they set of what it exposes. */
function keyOf(copy: GraphNode, { exposed }: Block): string {
  const set = exposed.map(({ name }) => copy.params[name] ?? null);
  return `${blockIdOf(copy)} ${JSON.stringify(set)}`;
}
