/**
 * What a rule sees: the inferred nodes and who feeds whom. Rules ask a layer's family, traits, weights and
 * parameters (in PyTorch's words), never its kind.
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

/** The graph, as rules walk it: layers, blocks taken apart. Sources stand in the order of the inputs. */
export interface RuleContext {
  readonly graph: Graph;
  readonly nodes: ReadonlyMap<NodeId, NodeInference>;
  /** Of blocks; not among the nodes of the graph. */
  readonly copies: ReadonlyMap<NodeId, NodeInference>;
  readonly order: readonly NodeId[];
  readonly outputs: readonly NodeId[];
  readonly into: ReadonlyMap<NodeId, readonly Edge[]>;
  readonly from: ReadonlyMap<NodeId, readonly Edge[]>;
  readonly heads: readonly Head[];
}

/** A node that works. */
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

/** One row of the table of diagnoses. */
export interface Rule {
  /** Stable, kebab-case. */
  readonly code: string;
  readonly severity: Severity;
  /**
   * `node`: looks at a node, at all that comes before it and at what it feeds directly, so that the finding holds
   * until one of them changes; `network`: looks further. A network rule that finds several things names one.
   */
  readonly scope: 'node' | 'network';
  /** @returns what is wrong at this node, if anything is */
  find(layer: LayerRef, context: RuleContext): Finding | undefined;
}

export function ruleContextOf({ graph, nodes, copies, order, outputs }: Inference): RuleContext {
  const heads = headsOf({ graph, nodes, outputs });
  return { graph, nodes, copies, order, outputs, heads, ...adjacency(graph) };
}

/** What follows from a context as a whole: worked out when a rule first asks for it, and once. */
export function perRuleContext<T>(find: (context: RuleContext) => T): (context: RuleContext) => T {
  const found = new WeakMap<RuleContext, { readonly value: T }>();
  return context => {
    const known = found.get(context) ?? { value: find(context) };
    found.set(context, known);
    return known.value;
  };
}

/**
 * Walks up from what feeds a place for as long as a node passes. @returns the first that does not, if any. Where a
 * walk came by before, it ends at once: many nodes below one long row cost the row once.
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

/** What feeds a node that has one input. */
export function sourceOf(context: RuleContext, { id }: LayerRef): LayerRef | undefined {
  const sources = sourcesOf(context, id);
  return sources.length === 1 ? layerAt(context, sources[0]) : undefined;
}

export function hasTrait({ kind }: LayerRef, trait: Trait): boolean {
  return kind.traits?.includes(trait) ?? false;
}

/** Multiplies its input by learned weights: a convolution, Linear. Two in a row are no more than one. */
export function weighs({ kind, figures }: LayerRef): boolean {
  return figures.weights.length > 0 && (kind.family === 'convolution' || kind.family === 'linear');
}

export const isBatchNorm = (layer: LayerRef): boolean => hasTrait(layer, 'batchStatistics');

/** What is drawn of a layer between two weighings does not keep them from being one. */
export function isAffine(layer: LayerRef): boolean {
  const { family, inputs } = layer.kind;
  if (inputs !== 1 || weighs(layer)) return false;
  // Without weights of its own, what is called a convolution only pads.
  if (family === 'regularisation' || family === 'linear' || family === 'convolution') return true;
  return isBatchNorm(layer) || hasTrait(layer, 'averages');
}

export interface Window extends SlidingWindow {
  /** Whether a window may reach over the edge, so that no pixel is left out. */
  readonly ceil: boolean;
}

const isPair = (value: unknown): value is Pair =>
  Array.isArray(value) && value.length === 2 && value.every(item => typeof item === 'number');

/** The window that a layer slides over an image, if it does: read from its parameters. */
export function windowOf({ figures: { params, inputs } }: LayerRef): Window | undefined {
  return inputs[0]?.length === 3 ? windowIn(params) : undefined;
}

export function windowIn(params: Readonly<Record<string, unknown>>): Window | undefined {
  const { kernelSize, stride, padding, dilation = [1, 1], ceilMode = false } = params;
  // A transposed convolution writes with its window instead of reading.
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

/** Pixels that a window spans, per axis, its dilation included. */
export function spanOf({ kernelSize, dilation }: SlidingWindow): Pair {
  return [dilation[0] * (kernelSize[0] - 1) + 1, dilation[1] * (kernelSize[1] - 1) + 1];
}

export const AXES = ['height', 'width'] as const;
