/**
 * Takes blocks apart: every copy of a block is replaced by the layers that it stands for, each with an id and a name
 * of its own, so that inference, diagnosis, compilation and export know layers only.
 *
 * The layer `conv` in the second copy of the block that the node `stage` is a copy of has the id `stage/1/conv` and
 * the name `stage.1.conv`, as in PyTorch: an nn.Sequential of modules. A copy that cannot be taken apart stays, with
 * the reason.
 */
import { explainParams, paramRepairs } from '../layers/explain.ts';
import { schemaOf } from '../layers/fields.ts';
import type { Fault } from '../layers/layer.ts';
import {
  blockIdOf,
  blockOf,
  entriesOf,
  fieldsOf,
  isBlock,
  isBlockInput,
  overridesFor,
  repeatOf,
  sinksOf,
} from './blocks.ts';
import type { Block, Drawing, Edge, Graph, GraphNode, NodeId } from './document.ts';

/** A copy of a block, taken apart. */
export interface CopyPlace {
  readonly node: GraphNode;
  /** What stands in it, blocks within it taken apart. */
  readonly members: readonly NodeId[];
  /** What flows out of it; null where nothing does. */
  readonly output: NodeId | null;
  /** What flows into it, by input; null where that is open. */
  readonly inputs: readonly (NodeId | null)[];
  readonly repeat: number;
}

export interface Expansion {
  /** Without blocks. It is the graph itself where that has none. */
  readonly graph: Graph;
  readonly copies: ReadonlyMap<NodeId, CopyPlace>;
  /** Where data enters a copy, and from which node it comes; null: from none. */
  readonly entries: ReadonlyMap<NodeId, { readonly node: GraphNode; readonly source: NodeId | null }>;
  /** Why a copy stands as it is. */
  readonly faults: ReadonlyMap<NodeId, Fault>;
}

/** A network of more layers than this is a slip of the repeat counts. */
const MOST_NODES = 20_000;

export function expand(graph: Graph): Expansion {
  const hasBlocks = Object.values(graph.nodes).some(node => isBlock(node) || isBlockInput(node));
  if (!hasBlocks) return { graph, copies: new Map(), entries: new Map(), faults: new Map() };
  return new Expander(graph).run();
}

/** The part of an id that says in which copies a node stands: `stage/1/`; empty outside of blocks. */
export function scopeOf(id: NodeId): string {
  return id.slice(0, id.lastIndexOf('/') + 1);
}

/** The same place in the first of each row of copies. */
export function inFirstCopy(id: NodeId): NodeId {
  return id
    .split('/')
    .map((part, i) => (i % 2 === 1 ? '0' : part))
    .join('/');
}

/** A drawing in one place: the whole graph's, or a block's in one of its copies. */
interface Scope {
  readonly drawing: Drawing;
  /** Before ids and names of what is drawn. */
  readonly ids: string;
  readonly names: string;
  /** Edges by the input that they flow into, `target input`. */
  readonly into: ReadonlyMap<string, Edge>;
  readonly outer: Scope | null;
  /** The node of the outer drawing whose copies this is one of; empty for the whole graph. */
  readonly copyOf: NodeId;
  /** Which of them, counted from 0. */
  readonly turn: number;
  /** The copies that are drawn here and taken apart. */
  readonly inner: Map<NodeId, Opened>;
}

interface Opened {
  /** With what the block around it sets. */
  readonly node: GraphNode;
  readonly block: Block;
  /** One for each repetition. */
  readonly scopes: readonly Scope[];
}

class Expander {
  readonly #graph: Graph;
  readonly #nodes: Record<NodeId, GraphNode> = {};
  readonly #edges: Edge[] = [];
  readonly #copies = new Map<NodeId, CopyPlace>();
  readonly #entries = new Map<NodeId, { node: GraphNode; source: NodeId | null }>();
  readonly #faults = new Map<NodeId, Fault>();
  #count = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  run(): Expansion {
    const root = scope(this.#graph, { outer: null, copyOf: '', turn: 0, ids: '', names: '' });
    this.#open(root, []);
    this.#wire(root);
    const { blocks: _, ...rest } = this.#graph;
    return {
      graph: { ...rest, nodes: this.#nodes, edges: this.#edges },
      copies: this.#copies,
      entries: this.#entries,
      faults: this.#faults,
    };
  }

  /** Makes the layers of a drawing and of all copies in it. `within`: the blocks that this stands in. */
  #open(here: Scope, within: readonly string[], copy?: { block: Block; node: GraphNode }): void {
    for (const [local, drawn] of Object.entries(here.drawing.nodes)) {
      const id = here.ids + local;
      const overrides = copy ? overridesFor(copy.block, copy.node, local) : null;
      const node = instance(drawn, here.names + drawn.name, overrides, copy?.node.frozen);
      if (isBlockInput(node) && here.outer) continue;
      const block =
        isBlock(node) && !node.bypassed ? this.#openable(id, node, here, local, within) : undefined;
      if (!block) {
        this.#nodes[id] = node;
        this.#count++;
        continue;
      }
      const scopes = Array.from({ length: repeatOf(node) }, (_, turn) =>
        scope(block.graph, {
          outer: here,
          copyOf: local,
          turn,
          ids: `${id}/${turn}/`,
          names: `${node.name}.${turn}.`,
        }),
      );
      here.inner.set(local, { node, block, scopes });
      for (const each of scopes) this.#open(each, [...within, blockIdOf(node)], { block, node });
    }
  }

  /** The block of a copy that can be taken apart; else says why not. */
  #openable(
    id: NodeId,
    node: GraphNode,
    here: Scope,
    local: NodeId,
    within: readonly string[],
  ): Block | undefined {
    const block = blockOf(this.#graph, node);
    const fault = block
      ? this.#refuses(id, block, node, here, local, within)
      : {
          code: 'unknown-block',
          message: 'the block that it is a copy of is not in this project.',
          repairs: [{ title: `Remove ${node.name}`, remove: true as const }],
        };
    if (fault) this.#faults.set(id, fault);
    return fault ? undefined : block;
  }

  #refuses(
    id: NodeId,
    block: Block,
    node: GraphNode,
    here: Scope,
    local: NodeId,
    within: readonly string[],
  ): Fault | undefined {
    const remove = { title: `Remove ${node.name}`, remove: true as const };
    if (within.includes(blockIdOf(node))) {
      return {
        code: 'block-holds-itself',
        message: `${block.name} stands inside itself: it would never end.`,
        repairs: [remove],
      };
    }
    const { block: _, ...params } = node.params;
    const fields = fieldsOf(this.#graph, node);
    const parsed = schemaOf(fields).safeParse(params);
    if (!parsed.success) {
      const repairs = paramRepairs(parsed.error.issues[0]!, fields);
      return { code: 'invalid-parameter', message: explainParams(fields, params), repairs };
    }
    const size = repeatOf(node) * Object.keys(block.graph.nodes).length;
    if (this.#count + size > MOST_NODES) {
      return {
        code: 'too-many-layers',
        message: `repeated so often the network has more than ${MOST_NODES} layers.`,
        repairs: [{ title: 'Repeat it once', setParams: { repeat: 1 } }],
      };
    }
    this.#count += repeatOf(node);
    const sinks = sinksOf(block.graph);
    if (sinks.length !== 1) {
      const names = sinks.map(sink => block.graph.nodes[sink]!.name).join(', ');
      const found = sinks.length === 0 ? 'in none' : `in ${sinks.length} (${names})`;
      return {
        code: 'block-output',
        message: `a block ends in one place; ${block.name} ends ${found}. Open it and mend it there.`,
        repairs: [],
      };
    }
    const entries = entriesOf(block.graph);
    const extra = here.drawing.edges.find(edge => edge.target === local && edge.input >= entries.length);
    if (extra) {
      const wire = { ...extra, source: here.ids + extra.source, target: id };
      return {
        code: 'no-such-input',
        message: `an edge flows into its input ${extra.input + 1}; it has ${entries.length}.`,
        repairs: [{ title: 'Remove the edge', disconnect: wire }],
      };
    }
    const open = entries.findIndex((_, input) => !here.into.has(`${local} ${input}`));
    if (open >= 0)
      return { code: 'open-input', message: `nothing flows into its input ${open + 1}.`, repairs: [] };
    return undefined;
  }

  /** Draws the edges between layers, through the borders of blocks, and notes what stands where. */
  #wire(here: Scope): void {
    for (const { source, target, input } of here.drawing.edges) {
      const node = here.drawing.nodes[target];
      const isLoose = !node || !here.drawing.nodes[source];
      if (node && !isLoose && (here.inner.has(target) || (isBlockInput(node) && here.outer))) continue;
      const from = isLoose ? here.ids + source : this.#flowsOut(here, source);
      if (from !== null) this.#edges.push({ source: from, target: here.ids + target, input });
    }
    for (const [local, node] of Object.entries(here.drawing.nodes)) {
      if (!isBlockInput(node) || !here.outer) continue;
      this.#entries.set(here.ids + local, { node, source: this.#flowsOut(here, local) });
    }
    for (const [local, { node, block, scopes }] of here.inner) {
      for (const each of scopes) this.#wire(each);
      this.#copies.set(here.ids + local, {
        node,
        members: this.#membersOf(scopes),
        output: this.#flowsOut(here, local),
        inputs: entriesOf(block.graph).map((_, input) => this.#flowsInto(here, local, input)),
        repeat: scopes.length,
      });
    }
  }

  #membersOf(scopes: readonly Scope[]): NodeId[] {
    return scopes.flatMap(each =>
      Object.keys(each.drawing.nodes).flatMap(local => {
        const copies = each.inner.get(local);
        if (copies) return this.#membersOf(copies.scopes);
        return each.ids + local in this.#nodes ? [each.ids + local] : [];
      }),
    );
  }

  /** The layer whose output flows out of a drawn node; null where none does, as on a cycle of empty blocks. */
  #flowsOut(here: Scope, local: NodeId, seen = new Set<string>()): NodeId | null {
    const id = here.ids + local;
    const node = here.drawing.nodes[local];
    if (!node || seen.has(id)) return null;
    seen.add(id);
    if (isBlockInput(node) && here.outer) {
      const rank = entriesOf(here.drawing).indexOf(local);
      const before = here.outer.inner.get(here.copyOf)?.scopes[here.turn - 1];
      // Copies stand in a row: what flows out of one flows into the first input of the next.
      if (before && rank === 0) return this.#flowsOut(before, sinksOf(before.drawing)[0]!, seen);
      return this.#flowsInto(here.outer, here.copyOf, rank, seen);
    }
    const last = here.inner.get(local)?.scopes.at(-1);
    return last ? this.#flowsOut(last, sinksOf(last.drawing)[0]!, seen) : id;
  }

  #flowsInto(here: Scope, local: NodeId, input: number, seen?: Set<string>): NodeId | null {
    const edge = here.into.get(`${local} ${input}`);
    return edge ? this.#flowsOut(here, edge.source, seen) : null;
  }
}

function scope(drawing: Drawing, place: Omit<Scope, 'drawing' | 'into' | 'inner'>): Scope {
  const into = new Map(drawing.edges.map(edge => [`${edge.target} ${edge.input}`, edge]));
  return { ...place, drawing, into, inner: new Map() };
}

/** What was made of a drawn node, by its name and settings: the same again, so that inference sees no change. */
const made = new WeakMap<GraphNode, Map<string, GraphNode>>();
const MOST_KEPT = 4096;

function instance(
  drawn: GraphNode,
  name: string,
  overrides: object | null,
  frozen: GraphNode['frozen'],
): GraphNode {
  if (name === drawn.name && !overrides && !frozen) return drawn;
  const known = made.get(drawn) ?? new Map<string, GraphNode>();
  made.set(drawn, known);
  const key = [name, ...(frozen ? ['frozen'] : []), ...(overrides ? [JSON.stringify(overrides)] : [])].join(
    ' ',
  );
  const before = known.get(key);
  if (before) return before;
  if (known.size >= MOST_KEPT) known.clear();
  const params = overrides ? { ...drawn.params, ...overrides } : drawn.params;
  const node = { ...drawn, name, params, ...(frozen && { frozen }) };
  known.set(key, node);
  return node;
}
