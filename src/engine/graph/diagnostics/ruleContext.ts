/**
 * What rules have access to: inferred nodes and their connections. Rules ask for a layer's family, traits, weights and
 * parameters (by PyTorch's names), never for its kind.
 */
import type { Pair, Sides } from '../../layers/fields.ts';
import type { LayerKind } from '../../layers/layer.ts';
import type { Repair } from '../../layers/repair.ts';
import type { Trait } from '../../layers/traits.ts';
import { resolvePadding, type SlidingWindow } from '../../layers/window.ts';
import type { Severity } from '../diagnosis.ts';
import type { Edge, Graph, GraphNode, NodeId } from '../document.ts';
import { type Head, headsOf } from '../heads.ts';
import type { Figures, Inference, NodeInference } from '../inference.ts';
import { edgesInto } from '../wiring.ts';

/** The expanded graph. Sources are in the order of the inputs. */
export interface RuleContext {
  readonly graph: Graph;
  readonly nodes: ReadonlyMap<NodeId, NodeInference>;
  /** Copies of blocks, which are not nodes of the expanded graph. */
  readonly copies: ReadonlyMap<NodeId, NodeInference>;
  readonly order: readonly NodeId[];
  readonly outputs: readonly NodeId[];
  readonly into: ReadonlyMap<NodeId, readonly Edge[]>;
  readonly from: ReadonlyMap<NodeId, readonly Edge[]>;
  readonly heads: readonly Head[];
}

/** A node without faults. */
export interface LayerRef {
  readonly id: NodeId;
  readonly node: GraphNode;
  readonly kind: LayerKind;
  readonly figures: Figures;
}

export interface Finding {
  /** One sentence with the numbers; begins with the node's name. */
  readonly message: string;
  readonly repairs: readonly Repair[];
}

/** A diagnostic rule. */
export interface Rule {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly severity: Severity;
  /**
   * `node`: depends on a node, all nodes before it and its direct consumers, so that the finding holds until one of
   * them changes; `network`: depends on more. A network rule that finds several things reports them as one.
   */
  readonly scope: 'node' | 'network';
  /** @returns the problem at this node, if there is one */
  find(layer: LayerRef, context: RuleContext): Finding | undefined;
}

export function ruleContextOf({ graph, nodes, copies, order, outputs }: Inference): RuleContext {
  const heads = headsOf({ graph, nodes, outputs });
  return { graph, nodes, copies, order, outputs, heads, ...adjacency(graph) };
}

/** Caches a result per context, computed on first use. */
export function perRuleContext<T>(find: (context: RuleContext) => T): (context: RuleContext) => T {
  const found = new WeakMap<RuleContext, { readonly value: T }>();
  return context => {
    const known = found.get(context) ?? { value: find(context) };
    found.set(context, known);
    return known.value;
  };
}

/**
 * Follows the inputs of a node as long as they pass a test. @returns the first node that does not, if any. Visited
 * nodes are not visited again, so that many nodes behind one long chain walk it only once.
 */
export function walkUp(
  passes: (layer: LayerRef) => boolean,
): (layer: LayerRef, context: RuleContext) => LayerRef | undefined {
  const tops = perRuleContext(() => new Map<NodeId, LayerRef | undefined>());
  return (layer, context) => {
    const known = tops(context);
    const passed: NodeId[] = [];
    let at = sourceOf(context, layer);
    while (at && !known.has(at.id) && passes(at)) {
      passed.push(at.id);
      at = sourceOf(context, at);
    }
    const top = at && known.has(at.id) ? known.get(at.id) : at;
    for (const id of passed) known.set(id, top);
    return top;
  };
}

function adjacency(graph: Graph): Pick<RuleContext, 'into' | 'from'> {
  const edges = graph.edges.filter(({ source, target }) => graph.nodes[source] && graph.nodes[target]);
  const from = new Map<NodeId, Edge[]>();
  for (const edge of edges) {
    const others = from.get(edge.source);
    if (others) others.push(edge);
    else from.set(edge.source, [edge]);
  }
  return { into: edgesInto(edges), from };
}

export function layerAt(context: RuleContext, id: NodeId | undefined): LayerRef | undefined {
  const inferred = id === undefined ? undefined : context.nodes.get(id);
  if (!inferred?.figures || !inferred.kind) return undefined;
  return { id: id!, node: inferred.node, kind: inferred.kind, figures: inferred.figures };
}

export function sourcesOf(context: RuleContext, id: NodeId): readonly NodeId[] {
  return (context.into.get(id) ?? []).map(({ source }) => source);
}

export function consumersOf(context: RuleContext, id: NodeId): readonly NodeId[] {
  return (context.from.get(id) ?? []).map(({ target }) => target);
}

/** The source of a node with one input. */
export function sourceOf(context: RuleContext, { id }: LayerRef): LayerRef | undefined {
  const sources = sourcesOf(context, id);
  return sources.length === 1 ? layerAt(context, sources[0]) : undefined;
}

export function hasTrait({ kind }: LayerRef, trait: Trait): boolean {
  return kind.traits?.includes(trait) ?? false;
}

/** Whether it multiplies its input by learned weights: a convolution or Linear. Two in a row are equivalent to one. */
export function isLinearOperation({ kind, figures }: LayerRef): boolean {
  return figures.weights.length > 0 && (kind.family === 'convolution' || kind.family === 'linear');
}

export const isBatchNorm = (layer: LayerRef): boolean => hasTrait(layer, 'batchStatistics');

/** Whether it is affine, so that two linear layers with it between are still equivalent to one. */
export function isAffine(layer: LayerRef): boolean {
  const { family, inputs } = layer.kind;
  if (inputs !== 1 || isLinearOperation(layer)) return false;
  // A layer of family convolution without weights is padding.
  if (family === 'regularisation' || family === 'linear' || family === 'convolution') return true;
  return isBatchNorm(layer) || hasTrait(layer, 'averages');
}

export interface Window extends SlidingWindow {
  /** ceil_mode: windows may exceed the edge, so that no pixel is left out. */
  readonly ceil: boolean;
}

const isPair = (value: unknown): value is Pair =>
  Array.isArray(value) && value.length === 2 && value.every(item => typeof item === 'number');

/** The sliding window of a layer, from its parameters; undefined where there is none. */
export function windowOf({ figures: { params, inputs } }: LayerRef): Window | undefined {
  return inputs[0]?.length === 3 ? windowIn(params) : undefined;
}

export function windowIn(params: Readonly<Record<string, unknown>>): Window | undefined {
  const { kernelSize, stride, padding, dilation = [1, 1], ceilMode = false } = params;
  // A transposed convolution's window is in its output.
  if ('outputPadding' in params) return undefined;
  if (!isPair(kernelSize) || !isPair(stride) || !isPair(dilation)) return undefined;
  const sides = sidesOf(padding, kernelSize, dilation);
  return sides && { kernelSize, stride, dilation, sides, ceil: ceilMode === true };
}

function sidesOf(padding: unknown, kernelSize: Pair, dilation: Pair): Sides | undefined {
  if (isPair(padding)) return [padding[0], padding[0], padding[1], padding[1]];
  if (padding === 'same' || padding === 'valid') return resolvePadding(padding, kernelSize, dilation);
  return Array.isArray(padding) && padding.length === 4 ? (padding as unknown as Sides) : undefined;
}

/** The extent of a window in pixels, per axis, including dilation. */
export function spanOf({ kernelSize, dilation }: SlidingWindow): Pair {
  return [dilation[0] * (kernelSize[0] - 1) + 1, dilation[1] * (kernelSize[1] - 1) + 1];
}

export const AXES = ['height', 'width'] as const;
