/**
 * Takes blocks apart: every copy of a block is replaced by the layers that it stands for, each with an id and a name
 * of its own, so that inference, diagnosis, compilation and export know layers only.
 *
 * The layer `conv` in the second copy of the block that the node `stage` is a copy of has the id `stage/1/conv` and
 * the name `stage.1.conv`, as in PyTorch: an nn.Sequential of modules. A copy that cannot be taken apart stays, with
 * the reason.
 */

import type { Fault } from '../layers/fault.ts';
import { type Fields, schemaOf } from '../layers/fields.ts';
import { explainParams, paramRepairs } from '../layers/parameterErrors.ts';
import {
  blockIdOf,
  blockOf,
  DEEPEST_BLOCKS,
  entriesOf,
  fieldsOf,
  isBlock,
  isBlockInput,
  type Joints,
  jointsOf,
  overridesFor,
  repeatOf,
  sinksOf,
} from './blocks.ts';
import type { Block, Drawing, Edge, Graph, GraphNode, NodeId } from './document.ts';
import { Extents, MOST_LAYERS, MOST_WIRES } from './extent.ts';
import { instance } from './instanceNode.ts';

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
  readonly joints: Joints;
  /** Before ids and names of what is drawn. */
  readonly ids: string;
  readonly names: string;
  readonly outer: Scope | null;
  /** The node of the outer drawing whose copies this is one of; empty for the whole graph. */
  readonly copyOf: NodeId;
  /** Which of them, counted from 0. */
  readonly turn: number;
  /** The copies that are drawn here and taken apart. */
  readonly inner: Map<NodeId, Opened>;
  /** The layer whose output flows out of a drawn node, as far as it was looked for. */
  readonly flowing: Map<NodeId, NodeId | null>;
}

interface Opened {
  readonly id: NodeId;
  readonly here: Scope;
  readonly local: NodeId;
  /** With what the block around it sets. */
  readonly node: GraphNode;
  readonly block: Block;
  /** One for each repetition. */
  readonly scopes: readonly Scope[];
}

/** A node where it is drawn. */
interface Drawn {
  readonly here: Scope;
  readonly local: NodeId;
}

/** A drawing whose nodes are being made. */
interface Opening {
  readonly here: Scope;
  /** The copy that the drawing stands in; null for the whole graph. */
  readonly copy: Opened | null;
  /** The blocks that this stands in. */
  readonly within: readonly string[];
  readonly drawn: IterableIterator<[NodeId, GraphNode]>;
}

class Expander {
  readonly #graph: Graph;
  readonly #extents: Extents;
  readonly #nodes: Record<NodeId, GraphNode> = {};
  readonly #edges: Edge[] = [];
  /** Each after the drawing that it stands in. */
  readonly #scopes = new Set<Scope>();
  readonly #opened: Opened[] = [];
  readonly #faults = new Map<NodeId, Fault>();
  #layers: number;
  #wires: number;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#extents = new Extents(graph);
    this.#layers = Object.keys(graph.nodes).length;
    this.#wires = graph.edges.length;
  }

  run(): Expansion {
    this.#open();
    for (const scope of this.#scopes) this.#wire(scope);
    const { blocks: _, ...rest } = this.#graph;
    return {
      graph: { ...rest, nodes: this.#nodes, edges: this.#edges },
      copies: this.#places(),
      entries: this.#entries(),
      faults: this.#faults,
    };
  }

  /** Makes the layers of the graph and of all copies in it, in the order in which they are drawn. */
  #open(): void {
    const root = scope(this.#graph, { outer: null, copyOf: '', turn: 0, ids: '', names: '' });
    const stack = [opening(root, null, [])];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      this.#scopes.add(top.here);
      const next = top.drawn.next();
      if (next.done) {
        stack.pop();
        continue;
      }
      const [local, drawn] = next.value;
      const { here, copy, within } = top;
      const overrides = copy && overridesFor(copy.block, copy.node, local);
      const node = instance(drawn, here.names + drawn.name, overrides, copy?.node.frozen);
      if (isBlockInput(node) && here.outer) continue;
      const opened = this.#openCopy(here, local, node, within);
      if (!opened) {
        this.#nodes[here.ids + local] = node;
        continue;
      }
      const inside = [...within, blockIdOf(node)];
      // The first repetition comes first: it lies uppermost.
      for (const each of opened.scopes.toReversed()) stack.push(opening(each, opened, inside));
    }
  }

  /** The copy that a node is, if it is one that can be taken apart; else notes why not. */
  #openCopy(here: Scope, local: NodeId, node: GraphNode, within: readonly string[]): Opened | undefined {
    if (!isBlock(node) || node.bypassed) return undefined;
    const id = here.ids + local;
    const block = blockOf(this.#graph, node);
    const fault = block
      ? this.#refuses(id, block, node, here, local, within)
      : {
          code: 'unknown-block',
          message: 'the block that it is a copy of is not in this project.',
          repairs: [{ title: `Remove ${node.name}`, remove: true as const }],
        };
    if (fault) this.#faults.set(id, fault);
    if (fault || !block) return undefined;
    const scopes = Array.from({ length: repeatOf(node) }, (_, turn) =>
      scope(block.graph, {
        outer: here,
        copyOf: local,
        turn,
        ids: `${id}/${turn}/`,
        names: `${node.name}.${turn}.`,
      }),
    );
    const opened = { id, here, local, node, block, scopes };
    here.inner.set(local, opened);
    this.#opened.push(opened);
    return opened;
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
    const parsed = schemaFor(fields).safeParse(params);
    if (!parsed.success) {
      const repairs = paramRepairs(parsed.error.issues[0]!, fields);
      return { code: 'invalid-parameter', message: explainParams(fields, params), repairs };
    }
    // What stands inside of a copy that was let in was counted with it.
    const excess = here.outer === null ? this.#excess(node, block) : undefined;
    if (excess) return excess;
    const { sinks, ranks } = jointsOf(block.graph);
    if (sinks.length !== 1) {
      const names = sinks.slice(0, MOST_NAMED).map(sink => block.graph.nodes[sink]!.name);
      const shown = [...names, ...(sinks.length > MOST_NAMED ? ['…'] : [])].join(', ');
      const found = sinks.length === 0 ? 'in none' : `in ${sinks.length} (${shown})`;
      return {
        code: 'block-output',
        message: `a block ends in one place; ${block.name} ends ${found}. Open it and mend it there.`,
        repairs: [],
      };
    }
    const extra = here.joints.byTarget.get(local)?.find(edge => edge.input >= ranks.size);
    if (extra) {
      const wire = { ...extra, source: here.ids + extra.source, target: id };
      return {
        code: 'no-such-input',
        message: `an edge flows into its input ${extra.input + 1}; it has ${ranks.size}.`,
        repairs: [{ title: 'Remove the edge', disconnect: wire }],
      };
    }
    const open = entriesOf(block.graph).findIndex((_, input) => !here.joints.into.has(`${local} ${input}`));
    if (open >= 0)
      return { code: 'open-input', message: `nothing flows into its input ${open + 1}.`, repairs: [] };
    return undefined;
  }

  /** Why a copy is too much to be taken apart. One that is not takes its share of what the network may have. */
  #excess(node: GraphNode, block: Block): Fault | undefined {
    const times = repeatOf(node);
    const remove = { title: `Remove ${node.name}`, remove: true as const };
    const { layers, wires, depth } = this.#extents.of(node, block);
    if (depth > DEEPEST_BLOCKS) {
      return {
        code: 'blocks-too-deep',
        message: `blocks lie ${depth} deep within one another in it; ${DEEPEST_BLOCKS} is the most.`,
        repairs: [remove],
      };
    }
    const room = Math.min(
      (MOST_LAYERS - this.#layers) / (layers + 1),
      (MOST_WIRES - this.#wires) / (wires + 1),
    );
    if (times <= room) {
      this.#layers += times * (layers + 1);
      this.#wires += times * (wires + 1);
      return undefined;
    }
    const fits = Math.floor(room);
    const all = times * layers;
    const found = Number.isSafeInteger(all) ? `${all}` : `more than ${MOST_LAYERS}`;
    return {
      code: 'too-many-layers',
      message: `taken apart it is ${found} layers and copies, beside ${this.#layers} others; a network has at most ${MOST_LAYERS}, and ${MOST_WIRES} edges.`,
      repairs: [
        ...(fits >= 1
          ? [
              {
                title: fits === 1 ? 'Repeat it once' : `Repeat it ${fits} times`,
                setParams: { repeat: fits },
              },
            ]
          : []),
        remove,
      ],
    };
  }

  /** Draws the edges between layers, through the borders of blocks. */
  #wire(here: Scope): void {
    for (const { source, target, input } of here.drawing.edges) {
      const node = here.drawing.nodes[target];
      const isLoose = !node || !here.drawing.nodes[source];
      if (node && !isLoose && (here.inner.has(target) || (isBlockInput(node) && here.outer))) continue;
      const from = isLoose ? here.ids + source : this.#flowsOut(here, source);
      if (from !== null) this.#edges.push({ source: from, target: here.ids + target, input });
    }
  }

  /** Where data enters copies. */
  #entries(): Map<NodeId, { node: GraphNode; source: NodeId | null }> {
    const entries = new Map<NodeId, { node: GraphNode; source: NodeId | null }>();
    for (const here of this.#scopes) {
      if (!here.outer) continue;
      for (const local of here.joints.ranks.keys())
        entries.set(here.ids + local, {
          node: here.drawing.nodes[local]!,
          source: this.#flowsOut(here, local),
        });
    }
    return entries;
  }

  #places(): Map<NodeId, CopyPlace> {
    const members = new Map<Opened, readonly NodeId[]>();
    // What stands in a copy was opened after it.
    for (const copy of this.#opened.toReversed()) {
      const found: NodeId[] = [];
      for (const each of copy.scopes)
        for (const local of Object.keys(each.drawing.nodes)) {
          const inner = each.inner.get(local);
          if (inner) for (const id of members.get(inner)!) found.push(id);
          else if (each.ids + local in this.#nodes) found.push(each.ids + local);
        }
      members.set(copy, found);
    }
    return new Map(
      this.#opened.map(copy => {
        const { id, here, local, node, block, scopes } = copy;
        const inputs = entriesOf(block.graph).map((_, input) => {
          const edge = here.joints.into.get(`${local} ${input}`);
          return edge ? this.#flowsOut(here, edge.source) : null;
        });
        const output = this.#flowsOut(here, local);
        return [id, { node, members: members.get(copy)!, output, inputs, repeat: scopes.length }];
      }),
    );
  }

  /** The layer whose output flows out of a drawn node; null where none does, as on a cycle of empty blocks. */
  #flowsOut(from: Scope, drawn: NodeId): NodeId | null {
    const passed: Drawn[] = [];
    let found: NodeId | null = null;
    for (let at: Drawn | undefined = { here: from, local: drawn }; at; ) {
      const { here, local }: Drawn = at;
      const known = here.flowing.get(local);
      if (known !== undefined) {
        found = known;
        break;
      }
      // Until it is found out, none: so a cycle has none.
      here.flowing.set(local, null);
      passed.push(at);
      const node: GraphNode | undefined = here.drawing.nodes[local];
      const isLayer: boolean | undefined =
        node && !here.inner.has(local) && !(isBlockInput(node) && here.outer);
      if (isLayer) found = here.ids + local;
      at = node && !isLayer ? through(at) : undefined;
    }
    for (const { here, local } of passed) here.flowing.set(local, found);
    return found;
  }
}

function opening(here: Scope, copy: Opened | null, within: readonly string[]): Opening {
  return { here, copy, within, drawn: Object.entries(here.drawing.nodes).values() };
}

/** Where what flows out of a copy, or of a place where data enters one, comes from. */
function through({ here, local }: Drawn): Drawn | undefined {
  const last = here.inner.get(local)?.scopes.at(-1);
  if (last) return { here: last, local: sinksOf(last.drawing)[0]! };
  const { outer, copyOf, turn } = here;
  const rank = here.joints.ranks.get(local);
  const before = outer!.inner.get(copyOf)?.scopes[turn - 1];
  // Copies stand in a row: what flows out of one flows into the first input of the next.
  if (before && rank === 0) return { here: before, local: sinksOf(before.drawing)[0]! };
  const edge = outer!.joints.into.get(`${copyOf} ${rank}`);
  return edge && { here: outer!, local: edge.source };
}

function scope(drawing: Drawing, place: Omit<Scope, 'drawing' | 'joints' | 'inner' | 'flowing'>): Scope {
  return { ...place, drawing, joints: jointsOf(drawing), inner: new Map(), flowing: new Map() };
}

/** Names that stand in one sentence. */
const MOST_NAMED = 12;

const schemas = new WeakMap<Fields, ReturnType<typeof schemaOf>>();

/** The same schema for the same fields: all copies of a block are held against one. */
function schemaFor(fields: Fields): ReturnType<typeof schemaOf> {
  const schema = schemas.get(fields) ?? schemaOf(fields);
  schemas.set(fields, schema);
  return schema;
}
