/**
 * Expands blocks: every copy of a block is replaced by its layers, each with an id and a name of its own, so that
 * inference, diagnostics, compiler and exporters only deal with layers.
 *
 * The layer `conv` in the second repetition of the node `stage` has the id `stage/1/conv` and the name `stage.1.conv`,
 * as in PyTorch's nn.Sequential. A copy that cannot be expanded stays as a node, with the reason.
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
  jointsOf,
  overridesFor,
  repeatOf,
  sinksOf,
  type Wiring,
} from './blocks.ts';
import type { Block, Drawing, Edge, Graph, GraphNode, NodeId } from './document.ts';
import { Extents, MAX_EDGES, MAX_LAYERS } from './extent.ts';
import { instance } from './instanceNode.ts';
import { listNames } from './listNames.ts';

/** An expanded copy of a block. */
export interface CopyPlace {
  readonly node: GraphNode;
  /** The layers in it, including those of nested blocks. */
  readonly members: readonly NodeId[];
  /** The node that its output comes from; null where there is none. */
  readonly output: NodeId | null;
  /** Its sources, by input; null for open inputs. */
  readonly inputs: readonly (NodeId | null)[];
  readonly repeat: number;
}

export interface Expansion {
  /** The expanded graph; the same object for a graph without blocks. */
  readonly graph: Graph;
  readonly copies: ReadonlyMap<NodeId, CopyPlace>;
  /** The BlockInputs of copies, with their source; null where that is open. */
  readonly entries: ReadonlyMap<NodeId, { readonly node: GraphNode; readonly source: NodeId | null }>;
  /** Why copies were not expanded. */
  readonly faults: ReadonlyMap<NodeId, Fault>;
}

export function expand(graph: Graph): Expansion {
  const hasBlocks = Object.values(graph.nodes).some(node => isBlock(node) || isBlockInput(node));
  if (!hasBlocks) return { graph, copies: new Map(), entries: new Map(), faults: new Map() };
  return new Expander(graph).run();
}

/** The copies that a node is in, from its id: `stage/1/`; empty outside of blocks. */
export function scopeOf(id: NodeId): string {
  return id.slice(0, id.lastIndexOf('/') + 1);
}

/** The corresponding id in the first repetition of each copy. */
export function inFirstCopy(id: NodeId): NodeId {
  return id
    .split('/')
    .map((part, i) => (i % 2 === 1 ? '0' : part))
    .join('/');
}

/** A drawing in a certain copy, or the whole graph. */
interface Scope {
  readonly drawing: Drawing;
  readonly joints: Wiring;
  /** The prefix of ids and names. */
  readonly ids: string;
  readonly names: string;
  readonly outer: Scope | null;
  /** The node of the outer drawing that this is a copy of; empty for the whole graph. */
  readonly copyOf: NodeId;
  /** The index of the repetition, from 0. */
  readonly turn: number;
  /** The expanded copies among its nodes. */
  readonly inner: Map<NodeId, Opened>;
  /** The layer that a node's output comes from, as far as it was computed. */
  readonly flowing: Map<NodeId, NodeId | null>;
}

interface Opened {
  readonly id: NodeId;
  readonly here: Scope;
  readonly local: NodeId;
  /** With the parameters that the outer block sets. */
  readonly node: GraphNode;
  readonly block: Block;
  /** One per repetition. */
  readonly scopes: readonly Scope[];
}

/** A node with its scope. */
interface DrawnNode {
  readonly here: Scope;
  readonly local: NodeId;
}

/** A drawing whose nodes are still to be created. */
interface PendingDrawing {
  readonly here: Scope;
  /** The copy that it belongs to; null for the whole graph. */
  readonly copy: Opened | null;
  /** The enclosing blocks. */
  readonly within: readonly string[];
  readonly drawn: IterableIterator<[NodeId, GraphNode]>;
}

class Expander {
  readonly #graph: Graph;
  readonly #extents: Extents;
  readonly #nodes: Record<NodeId, GraphNode> = {};
  readonly #edges: Edge[] = [];
  /** Each after the scope that it is in. */
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

  /** Creates the layers of the graph and all its copies, in drawing order. */
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
      // Pushed in reverse, so that the first repetition is on top.
      for (const each of opened.scopes.toReversed()) stack.push(opening(each, opened, inside));
    }
  }

  /** Opens a copy for expansion; undefined, with the reason noted, where it cannot be expanded. */
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
    // Nested copies were counted with the outermost one.
    const excess = here.outer === null ? this.#excess(node, block) : undefined;
    if (excess) return excess;
    const { sinks, ranks } = jointsOf(block.graph);
    if (sinks.length !== 1) {
      const shown = listNames(sinks.map(sink => block.graph.nodes[sink]!.name));
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

  /** Why expanding a copy would exceed the limits; if it does not, its size is counted. */
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
      (MAX_LAYERS - this.#layers) / (layers + 1),
      (MAX_EDGES - this.#wires) / (wires + 1),
    );
    if (times <= room) {
      this.#layers += times * (layers + 1);
      this.#wires += times * (wires + 1);
      return undefined;
    }
    const fits = Math.floor(room);
    const all = times * layers;
    const found = Number.isSafeInteger(all) ? `${all}` : `more than ${MAX_LAYERS}`;
    return {
      code: 'too-many-layers',
      message: `taken apart it is ${found} layers and copies, beside ${this.#layers} others; a network has at most ${MAX_LAYERS}, and ${MAX_EDGES} edges.`,
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

  /** Adds the edges between layers, across the borders of blocks. */
  #wire(here: Scope): void {
    for (const { source, target, input } of here.drawing.edges) {
      const node = here.drawing.nodes[target];
      const isLoose = !node || !here.drawing.nodes[source];
      if (node && !isLoose && (here.inner.has(target) || (isBlockInput(node) && here.outer))) continue;
      const from = isLoose ? here.ids + source : this.#flowsOut(here, source);
      if (from !== null) this.#edges.push({ source: from, target: here.ids + target, input });
    }
  }

  /** The BlockInputs of all copies. */
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
    // Inner copies were opened after outer ones.
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

  /** The layer that a node's output comes from; null where there is none, as on a cycle of empty blocks. */
  #flowsOut(from: Scope, drawn: NodeId): NodeId | null {
    const passed: DrawnNode[] = [];
    let found: NodeId | null = null;
    for (let at: DrawnNode | undefined = { here: from, local: drawn }; at; ) {
      const { here, local }: DrawnNode = at;
      const known = here.flowing.get(local);
      if (known !== undefined) {
        found = known;
        break;
      }
      // Null until it is known, which ends cycles.
      here.flowing.set(local, null);
      passed.push(at);
      const node: GraphNode | undefined = here.drawing.nodes[local];
      const isLayer: boolean | undefined =
        node && !here.inner.has(local) && !(isBlockInput(node) && here.outer);
      if (isLayer) found = here.ids + local;
      at = node && !isLayer ? sourceThrough(at) : undefined;
    }
    for (const { here, local } of passed) here.flowing.set(local, found);
    return found;
  }
}

function opening(here: Scope, copy: Opened | null, within: readonly string[]): PendingDrawing {
  return { here, copy, within, drawn: Object.entries(here.drawing.nodes).values() };
}

/** Where the output of a copy or BlockInput comes from. */
function sourceThrough({ here, local }: DrawnNode): DrawnNode | undefined {
  const last = here.inner.get(local)?.scopes.at(-1);
  if (last) return { here: last, local: sinksOf(last.drawing)[0]! };
  const { outer, copyOf, turn } = here;
  const rank = here.joints.ranks.get(local);
  const before = outer!.inner.get(copyOf)?.scopes[turn - 1];
  // Repetitions are a chain: the output of one is the first input of the next.
  if (before && rank === 0) return { here: before, local: sinksOf(before.drawing)[0]! };
  const edge = outer!.joints.into.get(`${copyOf} ${rank}`);
  return edge && { here: outer!, local: edge.source };
}

function scope(drawing: Drawing, place: Omit<Scope, 'drawing' | 'joints' | 'inner' | 'flowing'>): Scope {
  return { ...place, drawing, joints: jointsOf(drawing), inner: new Map(), flowing: new Map() };
}

const schemas = new WeakMap<Fields, ReturnType<typeof schemaOf>>();

/** One schema per set of fields, shared by all copies of a block. */
function schemaFor(fields: Fields): ReturnType<typeof schemaOf> {
  const schema = schemas.get(fields) ?? schemaOf(fields);
  schemas.set(fields, schema);
  return schema;
}
