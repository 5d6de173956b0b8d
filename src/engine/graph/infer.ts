/**
 * Live inference: for every node its output shape, parameters, multiply-accumulates, activation memory and receptive
 * field, with the arithmetic, and its faults. Never throws on a document that passes the schema. Incremental: nodes
 * that are unchanged and have unchanged inputs are reused from the previous inference.
 *
 * Layers inside blocks are inferred individually (expand.ts); figures of a block's copy follow from its layers.
 */

import type { Fault } from '../layers/fault.ts';
import { identity } from '../layers/identity.ts';
import type { LayerKind, Weight } from '../layers/layer.ts';
import { explainParams, paramRepairs } from '../layers/parameterErrors.ts';
import { layerKind } from '../layers/registry.ts';
import type { Repair } from '../layers/repair.ts';
import { sizeOf } from '../layers/shape.ts';
import { inferCopies } from './blockInstances.ts';
import { isBlock, isBlockInput } from './blocks.ts';
import type { Graph, GraphNode, NodeId } from './document.ts';
import { expand } from './expand.ts';
import type { Figures, Inference, NodeInference } from './inference.ts';
import { fieldOf, IMAGE_SIGHT, isSameSight, sightThrough, visitBudget } from './receptiveField.ts';
import { edgesInto } from './wiring.ts';

/** An inference with what the next one needs for reuse. */
interface CachedInference extends Inference {
  readonly visits: number;
}

type Sources = readonly (NodeInference | undefined)[];

/** A node's inference, reused while node and inputs are the same. */
interface CachedNode extends NodeInference {
  /** Null on a cycle, where nothing can be inferred. */
  readonly sources: Sources | null;
}

export function infer(drawn: Graph, before?: Inference): Inference {
  const expansion = expand(drawn);
  const { graph, faults } = expansion;
  const visits = visitBudget(graph);
  // With another budget for receptive fields, previous results do not hold.
  const previous = (before as CachedInference | undefined)?.visits === visits ? before : undefined;
  const { order, cyclic } = topologicalOrder(graph);
  const incoming = edgesInto(graph.edges);
  const nodes = new Map<NodeId, CachedNode>();
  for (const id of order) {
    const node = graph.nodes[id]!;
    const sources = sourcesOf(node, incoming.get(id) ?? []).map(source =>
      source === undefined ? undefined : nodes.get(source),
    );
    const known = previous?.nodes.get(id) as CachedNode | undefined;
    nodes.set(id, reinfer(id, node, sources, visits, known, faults.get(id)));
  }
  for (const id of cyclic) {
    const node = graph.nodes[id]!;
    nodes.set(id, {
      node,
      kind: layerKind(node.kind) ?? null,
      figures: null,
      diagnoses: [],
      sources: null,
      meaning: {},
    });
  }
  const feeding = new Set(graph.edges.map(edge => edge.source));
  const outputs = order.filter(id => !feeding.has(id));
  const totals = { parameters: 0, trainable: 0, macs: 0, activationBytes: 0 };
  for (const { figures } of nodes.values()) {
    totals.parameters += figures?.parameters ?? 0;
    totals.trainable += figures?.trainable ?? 0;
    totals.macs += figures?.macs ?? 0;
    totals.activationBytes += figures?.activationBytes ?? 0;
  }
  const copies = inferCopies(expansion, nodes, previous?.copies);
  const made: CachedInference = { visits, drawn, graph, nodes, copies, order, outputs, totals };
  return made;
}

/** Reuses a previous result: entirely, or its figures where only other parts have changed. */
function reinfer(
  id: NodeId,
  node: GraphNode,
  sources: Sources,
  visits: number,
  before: CachedNode | undefined,
  fault: Fault | undefined,
): CachedNode {
  const former = before?.sources;
  if (fault || !before || former?.length !== sources.length)
    return inferNode(id, node, sources, visits, fault);
  const { kind, name, params, bypassed, frozen } = before.node;
  const isSameSetting = params === node.params && bypassed === node.bypassed && frozen === node.frozen;
  const isSameNode = kind === node.kind && name === node.name && isSameSetting;
  if (isSameNode && former.every((source, i) => source === sources[i])) return before;
  if (isSameNode && former.every((source, i) => source?.meaning === sources[i]?.meaning))
    return { ...before, node, sources };
  const flowsSame = former.every((source, i) => source && flowsAlike(source, sources[i]));
  if (isSameNode && flowsSame) return { ...before, node, sources, meaning: {} };
  const inferred = inferNode(id, node, sources, visits);
  const [old, now] = [before.figures, inferred.figures];
  if (!old || !now) return inferred;
  // An unchanged shape stays the same object, so that following nodes recognise it at once.
  const shape = String(old.shape) === String(now.shape) ? old.shape : now.shape;
  const sight = isSameSight(old.sight, now.sight) ? old.sight : now.sight;
  return { ...inferred, figures: { ...now, shape, sight } };
}

function flowsAlike({ figures: a }: NodeInference, other: NodeInference | undefined): boolean {
  const b = other?.figures;
  return Boolean(a && b && a.shape === b.shape && a.sight === b.sight);
}

/** The kind that a node acts as: Identity if bypassed. A node without inputs cannot be bypassed. */
function kindOf(node: GraphNode): LayerKind | undefined {
  const kind = layerKind(node.kind);
  return node.bypassed && (isBlock(node) || (kind && kind.inputs !== 0)) ? identity : kind;
}

function inferNode(id: NodeId, node: GraphNode, sources: Sources, visits: number, fault?: Fault): CachedNode {
  const kind = kindOf(node) ?? null;
  const fail = (code: string, message: string, repairs: readonly Repair[] = []): CachedNode => ({
    node,
    kind,
    figures: null,
    diagnoses: [{ node: id, severity: 'error', code, message, repairs }],
    sources,
    meaning: {},
  });
  if (fault) return fail(fault.code, `${node.name}: ${fault.message}`, fault.repairs);
  if (isBlockInput(node)) {
    const remove: Repair = { title: `Remove ${node.name}`, remove: true };
    return fail('block-input-outside', `${node.name}: data enters a block here, and this is none.`, [remove]);
  }
  if (!kind) return fail('unknown-kind', `${node.name}: there is no layer kind “${node.kind}”.`);
  const params = kind.schema.safeParse(node.bypassed ? {} : node.params);
  if (!params.success) {
    const repairs = paramRepairs(params.error.issues[0]!, kind.fields);
    return fail('invalid-parameter', `${node.name}: ${explainParams(kind.fields, node.params)}`, repairs);
  }
  if (sources.some(source => !source)) {
    return fail('open-input', `${node.name} has an open input: nothing flows into it.`);
  }
  const figuresBefore = sources.map(source => source!.figures);
  if (figuresBefore.some(figures => !figures))
    return { node, kind, figures: null, diagnoses: [], sources, meaning: {} };
  const inputs = figuresBefore.map(figures => figures!.shape);
  const input = inputs[0] ?? [];
  const result = kind.shape(params.data, input, inputs);
  if ('fault' in result) {
    return fail(result.fault.code, `${node.name}: ${result.fault.message}`, result.fault.repairs);
  }
  const shape = result.shape.value;
  const weights = withFreezing(kind.weights(params.data, input), node);
  const macs = kind.macs(params.data, input, shape);
  const reach = kind.reach(params.data, input, shape);
  const sight =
    inputs.length === 0
      ? IMAGE_SIGHT
      : sightThrough(
          reach,
          figuresBefore.map(figures => figures!.sight),
          visits,
        );
  const figures: Figures = {
    params: params.data,
    inputs,
    shape,
    weights,
    parameters: sizeOfAll(weights.filter(({ learning }) => learning !== 'buffer')),
    trainable: sizeOfAll(weights.filter(({ learning }) => learning === 'trained')),
    macs: macs.value,
    activationBytes: 4 * sizeOf(shape),
    sight,
    receptiveField: shape.length === 3 ? fieldOf(sight) : null,
    why: { shape: result.shape.why, parameters: kind.countFormula(params.data, input), macs: macs.why },
  };
  return { node, kind, figures, diagnoses: [], sources, meaning: {} };
}

/** Marks the weights of a frozen node as frozen. */
function withFreezing(weights: readonly Weight[], { frozen }: GraphNode): readonly Weight[] {
  if (!frozen) return weights;
  return weights.map(weight => (weight.learning === 'trained' ? { ...weight, learning: 'frozen' } : weight));
}

function sizeOfAll(weights: readonly Weight[]): number {
  return weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The sources of a node, by input; undefined for open ones. A merge has at least two. */
function sourcesOf(node: GraphNode, edges: Graph['edges']): (NodeId | undefined)[] {
  const inputs = kindOf(node)?.inputs ?? 'several';
  if (inputs === 'several') {
    const sources = edges.map(({ source }) => source);
    return sources.length < 2 ? [...sources, undefined] : sources;
  }
  const count = inputs;
  return Array.from({ length: count }, (_, i) => edges.find(edge => edge.input === i)?.source);
}

/** Topological order (Kahn); nodes that are missing from it are on a cycle or behind one. */
export function topologicalOrder(graph: Pick<Graph, 'nodes' | 'edges'>): {
  order: NodeId[];
  cyclic: NodeId[];
} {
  const ids = Object.keys(graph.nodes);
  const waiting = new Map(ids.map(id => [id, 0]));
  const outgoing = new Map<NodeId, NodeId[]>();
  for (const { source, target } of graph.edges) {
    if (!waiting.has(source) || !waiting.has(target)) continue;
    waiting.set(target, waiting.get(target)! + 1);
    const others = outgoing.get(source);
    if (others) others.push(target);
    else outgoing.set(source, [target]);
  }
  const order = ids.filter(id => waiting.get(id) === 0);
  for (const id of order) {
    for (const next of outgoing.get(id) ?? []) {
      const left = waiting.get(next)! - 1;
      waiting.set(next, left);
      if (left === 0) order.push(next);
    }
  }
  return { order, cyclic: ids.filter(id => waiting.get(id)! > 0) };
}
