/**
 * A network as statements: the order in which nodes are computed, and the variable of each output. A chain of nodes,
 * each with the previous one as only input, shares one variable; a branch that is needed later gets its own, named
 * after its last node. Branches are written one after the other.
 */
import { entriesOf, isBlock, isBlockInput, repeatOf } from '../graph/blocks.ts';
import type { NodeId } from '../graph/document.ts';
import type { Inference, NodeInference } from '../graph/inference.ts';
import { edgesInto } from '../graph/wiring.ts';
import { freeIdentifier } from './pythonNames.ts';

export interface DataflowStep {
  readonly id: NodeId;
  readonly inferred: NodeInference;
  /** The variables of the inputs, in order. */
  readonly inputs: readonly string[];
  readonly sources: readonly NodeId[];
  readonly variable: string;
  /** Whether the node and all nodes before it are without faults. */
  readonly works: boolean;
}

export interface Dataflow {
  readonly steps: readonly DataflowStep[];
  /** Nodes without faults whose output no such node uses: the network's outputs. */
  readonly ends: readonly DataflowStep[];
  /** Whether it is a single chain from one input to one output. */
  readonly isChain: boolean;
  /** Nodes on a cycle, which have no place in the order. */
  readonly cyclic: readonly NodeId[];
}

interface Segment {
  readonly ids: NodeId[];
}

/** @param reserved variable names that may not be used */
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

/** Whether data enter the drawing here: an Input, a BlockInput, or a block that contains its own Input. */
export function isEntrance({ node, kind, figures }: NodeInference): boolean {
  if (isBlockInput(node) || kind?.inputs === 0) return true;
  return isBlock(node) && !node.bypassed && figures?.inputs.length === 0;
}

/** Repetitions of a block with the same additional inputs: a loop. */
export function isLoop({ node }: NodeInference, inputs: readonly unknown[]): boolean {
  return isBlock(node) && !node.bypassed && inputs.length > 1 && repeatOf(node) > 1;
}

/** The sources of each node that is on no cycle, in order, without open inputs. */
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

/** Topological order in which branches stay together: depth first from the outputs, inputs in order. */
function branchByBranch(inference: Inference, sources: ReadonlyMap<NodeId, readonly NodeId[]>): NodeId[] {
  const done = new Set<NodeId>();
  const order: NodeId[] = [];
  // The inputs of a block are in their order.
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

/** Chains in which each node has the previous one as only input, and is its only consumer. */
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

/** `x` where its previous value is not needed any more; else the name of the chain's last node. */
function nameSegments(segments: readonly Segment[], naming: Naming): Map<NodeId, string> {
  const { inference, sources, takers, ends, names, reserved } = naming;
  const variables = new Map<NodeId, string>();
  /** The number of pending uses of each variable's value; unused ones are missing. */
  const live = new Map<string, number>();
  let entrances = 0;
  for (const { ids } of segments) {
    const [head, tail] = [ids[0]!, ids.at(-1)!];
    const from = sources.get(head)!;
    const inferred = inference.nodes.get(head)!;
    const held = from.map(source => variables.get(source)!);
    for (const variable of held) use(live, variable, -1);
    // A loop uses its additional inputs until its end.
    const looping = new Set(isLoop(inferred, from) ? held : []);
    const isTaken = (name: string) => reserved.has(name) || live.has(name) || looping.has(name);
    const enters = isEntrance(inferred);
    // The first input is `x`; others keep the names of the parameters.
    const mayBeX = enters ? entrances++ === 0 : !isTaken('x');
    const own = names.get(enters ? head : tail) ?? 'x';
    const variable = mayBeX ? 'x' : freeIdentifier(own, { has: name => name === 'x' || isTaken(name) });
    for (const id of ids) variables.set(id, variable);
    // Outputs are kept until they are returned.
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
