/**
 * Converts Linear layers to the equivalent convolutions and back: with a kernel as large as the image, each output is a
 * weighted sum of all of it. As a convolution the layer accepts larger images and gives a map of outputs. The order of
 * the weights is the same, as PyTorch flattens an image channel by channel.
 */
import { layerKind } from '../layers/registry.ts';
import { sizeOf } from '../layers/shape.ts';
import { windowIn } from './diagnostics/ruleContext.ts';
import type { Graph, NodeId } from './document.ts';
import { insertAfter, insertOnEdge, removeNodes, replaceKind } from './edits.ts';
import type { Inference, NodeInference } from './inference.ts';

/** A weight or bias with PyTorch's shape. */
export interface Weights {
  /** `[out, in]` of Linear, `[out, channels, height, width]` of Conv2d. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Conversion {
  readonly graph: Graph;
  /** The new shapes of weights, by the nodes' names; the numbers keep their order. */
  readonly weightShapes: ReadonlyMap<string, readonly number[]>;
}

const NO_PADDING = [0, 0, 0, 0];

/** The same numbers in another shape. @throws RangeError where their count differs */
export function reshapeWeight({ shape, values }: Weights, to: readonly number[]): Weights {
  if (sizeOf(to) !== values.length) {
    throw new RangeError(`A weight of ${shape.join('×')} cannot become ${to.join('×')}.`);
  }
  return { shape: to, values };
}

/** A Linear's weight, `[out, channels · height · width]`, as the kernel of the convolution that equals it. */
export function linearToConvWeight(weight: Weights, [channels, height, width]: readonly number[]): Weights {
  return reshapeWeight(weight, [weight.shape[0]!, channels!, height!, width!]);
}

/** A kernel as large as its image as a Linear's weight. */
export function convToLinearWeight(weight: Weights): Weights {
  const [outputs, ...rest] = weight.shape as [number, ...number[]];
  return reshapeWeight(weight, [outputs, sizeOf(rest)]);
}

/** Whether a node is fully connected: its weight is `[out, in]`. */
function isLinear({ figures }: NodeInference): boolean {
  return figures?.weights[0]?.shape.length === 2 && figures.shape.length === 1;
}

const keepsPlaces = ({ kind, figures }: NodeInference) =>
  figures?.weights.length === 0 && (kind?.family === 'activation' || kind?.family === 'regularisation');

function onlySource(inference: Inference, id: NodeId): NodeId | undefined {
  const into = inference.graph.edges.filter(({ target }) => target === id);
  return into.length === 1 ? into[0]!.source : undefined;
}

/** Follows a node's inputs to the Flatten before it, through Linear and elementwise layers. */
function upToFlatten(inference: Inference, id: NodeId): { flatten: NodeId; linears: NodeId[] } | undefined {
  const linears = [id];
  for (let at = onlySource(inference, id); at !== undefined; at = onlySource(inference, at)) {
    const node = inference.nodes.get(at)!;
    const [input, output] = [node.figures?.inputs[0], node.figures?.shape];
    const leaving = inference.graph.edges.filter(({ source }) => source === at);
    if (leaving.length !== 1) return undefined;
    if (input?.length === 3 && output?.length === 1 && node.figures?.weights.length === 0)
      return { flatten: at, linears };
    if (isLinear(node)) linears.push(at);
    else if (!keepsPlaces(node)) return undefined;
  }
  return undefined;
}

/** The chain behind a node: layers to convert with it, and elementwise layers. */
function chainBelow(inference: Inference, id: NodeId, converts: (node: NodeInference) => boolean) {
  const converted: NodeId[] = [];
  let last = id;
  for (;;) {
    const leaving = inference.graph.edges.filter(({ source }) => source === last);
    const [next] = leaving;
    const node = next && leaving.length === 1 ? inference.nodes.get(next.target) : undefined;
    if (!node || (!converts(node) && !keepsPlaces(node))) return { converted, last, leaving };
    last = next!.target;
    if (converts(node)) converted.push(last);
  }
}

/**
 * Converts the Linear layers of a classifier, the given one and those connected before and after it up to the Flatten,
 * to convolutions; the Flatten moves behind them. After a 7×7×512 image, Linear 4096 becomes a Conv2d with 4096 filters
 * of 7×7, and each following Linear a 1×1 convolution.
 *
 * @returns undefined where the node is no Linear, or does not follow a Flatten
 */
export function linearToConv(graph: Graph, inference: Inference, id: NodeId): Conversion | undefined {
  const node = inference.nodes.get(id);
  const above = node && isLinear(node) ? upToFlatten(inference, id) : undefined;
  if (!above) return undefined;
  const below = chainBelow(inference, id, isLinear);
  const image = inference.nodes.get(above.flatten)!.figures!.inputs[0]!;
  const linears = [...above.linears.toReversed(), ...below.converted];
  const weightShapes = new Map<string, readonly number[]>();
  let converted = graph;
  for (const [i, linear] of linears.entries()) {
    const { node, figures } = inference.nodes.get(linear)!;
    const [outChannels, channels] = figures!.weights[0]!.shape as [number, number];
    const kernel = i === 0 ? image : [channels, 1, 1];
    weightShapes.set(node.name, [outChannels, ...kernel]);
    const params = { outChannels, kernelSize: kernel.slice(1), padding: NO_PADDING };
    converted = replaceKind(converted, linear, { kind: 'Conv2d', params });
  }
  const { kind, params } = graph.nodes[above.flatten]!;
  converted = insertAfter(removeNodes(converted, [above.flatten]), below.last, { kind, params });
  return { graph: converted, weightShapes };
}

/** Whether a convolution has a single position, at which its kernel covers the whole image without padding. */
function coversInput({ figures }: NodeInference): boolean {
  const weight = figures?.weights[0];
  const window = figures && windowIn(figures.params);
  const [image, shape] = [figures?.inputs[0], figures?.shape];
  if (!weight || !window || !image || shape?.slice(1).join() !== '1,1') return false;
  return weight.shape.slice(1).join() === image.join() && window.sides.every(side => side === 0);
}

/**
 * Converts a convolution whose kernel is as large as its image to Flatten and Linear, and the 1×1 convolutions behind
 * it to Linear; a Flatten behind them is removed.
 *
 * @returns undefined where the node is no such convolution, or a following layer needs an image
 */
export function convToLinear(graph: Graph, inference: Inference, id: NodeId): Conversion | undefined {
  const node = inference.nodes.get(id);
  const entering = graph.edges.find(({ target }) => target === id);
  const flatten = layerKind('Flatten');
  if (!node || !coversInput(node) || !entering || !flatten) return undefined;
  const { converted, leaving } = chainBelow(inference, id, coversInput);
  const behind = leaving.map(({ target }) => target);
  const isFlatten = (next: NodeId) => {
    const figures = inference.nodes.get(next)?.figures;
    return figures?.shape.length === 1 && figures.weights.length === 0;
  };
  if (!behind.every(isFlatten)) return undefined;
  const weightShapes = new Map<string, readonly number[]>();
  let result = removeNodes(graph, behind);
  for (const conv of [id, ...converted]) {
    const { node, figures } = inference.nodes.get(conv)!;
    const [outFeatures, ...rest] = figures!.weights[0]!.shape as [number, ...number[]];
    weightShapes.set(node.name, [outFeatures, sizeOf(rest)]);
    result = replaceKind(result, conv, { kind: 'Linear', params: { outFeatures } });
  }
  return { graph: insertOnEdge(result, entering, flatten).graph, weightShapes };
}

/** Converts in whichever direction suits the node. */
export function convert(graph: Graph, inference: Inference, id: NodeId): Conversion | undefined {
  return linearToConv(graph, inference, id) ?? convToLinear(graph, inference, id);
}
