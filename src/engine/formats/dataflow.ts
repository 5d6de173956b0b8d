/**
 * A network as statements: in which order its nodes are computed, and which variable holds what. A run of nodes,
 * each fed by the one before alone, shares one variable; a branch that has to wait for another gets its own, by
 * the name of its last node. Branches are written one after the other, as a person would.
 */
import { entriesOf, isBlock, isBlockInput, repeatOf } from '../graph/blocks.ts';
import type { NodeId } from '../graph/document.ts';
import type { Inference, NodeInference } from '../graph/inference.ts';
import { edgesInto } from '../graph/wiring.ts';
import { freeIdentifier } from './pythonNames.ts';

export interface DataflowStep {
  readonly id: NodeId;
  readonly inferred: NodeInference;
  /** What flows in, by variable, in the order of the inputs. */
  readonly inputs: readonly string[];
  readonly sources: readonly NodeId[];
  readonly variable: string;
  /** Whether the node works: its shape is known, and so are those of all before it. */
  readonly works: boolean;
}

export interface Dataflow {
  readonly steps: readonly DataflowStep[];
  /** Working nodes that no working node takes from: what the network gives. */
  readonly ends: readonly DataflowStep[];
  /** Whether it is one run from a single entrance to a single end. */
  readonly isChain: boolean;
  /** Nodes on a cycle: they have no place in any order. */
  readonly cyclic: readonly NodeId[];
}

interface Segment {
  readonly ids: NodeId[];
}

/** @param reserved variables that are taken */
export function dataflowOf(
  inference: Inference,
  names: ReadonlyMap<NodeId, string>,
  reserved: ReadonlySet<string>,
): Dataflow {
  const sources = sourcesOf(inference);
  const order = branchByBranch(inference, sources);
  const segments = segmentsOf(order, sources);
  const cyclic = [...inference.nodes.keys()].filter(id => !sources.has(id));
  const works = (id: NodeId) => inference.nodes.get(id)!.figures !== null;
  const takers = takersOf(order, sources);
  const ends = new Set(order.filter(id => works(id) && !takers.get(id)!.some(works)));
  const variables = nameSegments(segments, { inference, sources, takers, ends, names, reserved });
  const steps = order.map(id => {
    const from = sources.get(id)!;
    const inputs = from.map(source => variables.get(source)!);
    const inferred = inference.nodes.get(id)!;
    return { id, inferred, inputs, sources: from, variable: variables.get(id)!, works: works(id) };
  });
  return {
    steps,
    ends: steps.filter(({ id }) => ends.has(id)),
    isChain: segments.length === 1 && ends.size === 1 && cyclic.length === 0,
    cyclic,
  };
}

/** Whether data comes into the drawing here: an image, what flows into a block, a block that takes in an image. */
export function isEntrance({ node, kind, figures }: NodeInference): boolean {
  if (isBlockInput(node) || kind?.inputs === 0) return true;
  return isBlock(node) && !node.bypassed && figures?.inputs.length === 0;
}

/** Copies of a block in a row, each with the same other inputs: a loop. */
export function isLoop({ node }: NodeInference, inputs: readonly unknown[]): boolean {
  return isBlock(node) && !node.bypassed && inputs.length > 1 && repeatOf(node) > 1;
}

/** What flows into each node that is on no cycle, by its inputs in order; an open input is left out. */
function sourcesOf(inference: Inference): Map<NodeId, NodeId[]> {
  const incoming = edgesInto(inference.graph.edges);
  const ordered = new Set(inference.order);
  return new Map(
    inference.order.map(id => {
      const count = inference.nodes.get(id)!.kind?.inputs ?? 'several';
      const edges = (incoming.get(id) ?? []).filter(({ source }) => ordered.has(source));
      const taken = count === 'several' ? edges : edges.filter(({ input }) => input < count);
      return [id, taken.map(({ source }) => source)];
    }),
  );
}

function takersOf(order: readonly NodeId[], sources: ReadonlyMap<NodeId, readonly NodeId[]>) {
  const takers = new Map<NodeId, NodeId[]>(order.map(id => [id, []]));
  for (const id of order) for (const source of sources.get(id)!) takers.get(source)!.push(id);
  return takers;
}

/** Each node after what feeds it, and each branch as a whole: backwards from the ends, inputs in their order. */
function branchByBranch(inference: Inference, sources: ReadonlyMap<NodeId, readonly NodeId[]>): NodeId[] {
  const done = new Set<NodeId>();
  const order: NodeId[] = [];
  // What flows into a block by several inputs stands in their order.
  const entries = entriesOf(inference.graph).filter(id => sources.has(id));
  const first = entries.length > 1 ? entries : [];
  for (const end of [...first, ...inference.outputs, ...inference.order]) {
    const stack: { id: NodeId; next: number }[] = done.has(end) ? [] : [{ id: end, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const source = sources.get(top.id)![top.next++];
      if (source !== undefined) {
        if (!done.has(source)) stack.push({ id: source, next: 0 });
        continue;
      }
      stack.pop();
      if (!done.has(top.id)) order.push(top.id);
      done.add(top.id);
    }
  }
  return order;
}

/** Runs of nodes in which each takes from the one before alone, and is the only one that does. */
function segmentsOf(order: readonly NodeId[], sources: ReadonlyMap<NodeId, readonly NodeId[]>): Segment[] {
  const takers = takersOf(order, sources);
  const segments: Segment[] = [];
  for (const id of order) {
    const [source, ...others] = sources.get(id)!;
    const last = segments.at(-1);
    const follows =
      source !== undefined &&
      others.length === 0 &&
      last?.ids.at(-1) === source &&
      takers.get(source)!.length === 1;
    if (follows) last!.ids.push(id);
    else segments.push({ ids: [id] });
  }
  return segments;
}

interface Naming {
  readonly inference: Inference;
  readonly sources: ReadonlyMap<NodeId, readonly NodeId[]>;
  readonly takers: ReadonlyMap<NodeId, readonly NodeId[]>;
  readonly ends: ReadonlySet<NodeId>;
  readonly names: ReadonlyMap<NodeId, string>;
  readonly reserved: ReadonlySet<string>;
}

/** `x` where nobody needs what it holds any more; else the name of the run's last node. */
function nameSegments(segments: readonly Segment[], naming: Naming): Map<NodeId, string> {
  const { inference, sources, takers, ends, names, reserved } = naming;
  const variables = new Map<NodeId, string>();
  /** By variable, how often what it holds is wanted still; those that nobody wants are not there. */
  const live = new Map<string, number>();
  let entrances = 0;
  for (const { ids } of segments) {
    const [head, tail] = [ids[0]!, ids.at(-1)!];
    const from = sources.get(head)!;
    const inferred = inference.nodes.get(head)!;
    const held = from.map(source => variables.get(source)!);
    for (const variable of held) use(live, variable, -1);
    // A loop needs its inputs to the end.
    const looping = new Set(isLoop(inferred, from) ? held : []);
    const isTaken = (name: string) => reserved.has(name) || live.has(name) || looping.has(name);
    const enters = isEntrance(inferred);
    // The first image that comes in is `x` from the start; others keep the names that they come in by.
    const mayBeX = enters ? entrances++ === 0 : !isTaken('x');
    const own = names.get(enters ? head : tail) ?? 'x';
    const variable = mayBeX ? 'x' : freeIdentifier(own, { has: name => name === 'x' || isTaken(name) });
    for (const id of ids) variables.set(id, variable);
    // An end is never let go: it is what is returned.
    const kept = ids.filter(id => ends.has(id)).length;
    live.delete(variable);
    use(live, variable, takers.get(tail)!.length + kept);
  }
  return variables;
}

function use(live: Map<string, number>, variable: string, by: number): void {
  const uses = (live.get(variable) ?? 0) + by;
  if (uses > 0) live.set(variable, uses);
  else live.delete(variable);
}
