/**
 * A Linear layer as the convolution that computes the same, and back: with a kernel as large as the image, every
 * output is a weighted sum of all of it. As a convolution it takes larger images too, and gives a map of answers.
 * Weights keep their numbers: PyTorch flattens an image channel by channel, which is the order of a kernel.
 */
import { layerKind } from '../layers/registry.ts';
import { sizeOf } from '../layers/shape.ts';
import { windowIn } from './diagnostics/ruleContext.ts';
import type { Graph, NodeId } from './document.ts';
import { insertAfter, insertOnEdge, removeNodes, replaceKind } from './edits.ts';
import type { Inference, NodeInference } from './inference.ts';

/** What PyTorch calls the two tensors of both layers. */
export interface Weights {
  /** `[out, in]` of Linear, `[out, channels, height, width]` of Conv2d. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Conversion {
  readonly graph: Graph;
  /** Shapes that the weights of converted nodes take, by the nodes' names; their numbers stay in their order. */
  readonly weightShapes: ReadonlyMap<string, readonly number[]>;
}

const NO_PADDING = [0, 0, 0, 0];

/** Gives weights another shape of as many numbers. @throws RangeError where their number differs */
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

/** From a Linear up to the Flatten that it reads from, through Linears and what acts on each number alone. */
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

/** What follows a node in one chain: layers that are to be converted with it, and what acts on each number alone. */
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
 * Turns the Linear layers of a classifier, the one named and those before and after it up to the Flatten, into
 * convolutions; the Flatten moves to their end. 7×7×512 into Linear 4096 becomes Conv2d with 4096 filters of 7×7,
 * and each Linear after it a 1×1 convolution.
 *
 * @returns undefined where the node is no Linear, or does not read from a Flatten
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

/** Whether a convolution stands still on its image and sees all of it: one weight for every number. */
function coversInput({ figures }: NodeInference): boolean {
  const weight = figures?.weights[0];
  const window = figures && windowIn(figures.params);
  const [image, shape] = [figures?.inputs[0], figures?.shape];
  if (!weight || !window || !image || shape?.slice(1).join() !== '1,1') return false;
  return weight.shape.slice(1).join() === image.join() && window.sides.every(side => side === 0);
}

/**
 * Turns a convolution whose kernel is as large as its image into Flatten and Linear, and the 1×1 convolutions after
 * it into Linear too. The Flatten behind them goes.
 *
 * @returns undefined where the node is none such, or what follows wants an image still
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

/** Both directions, for whichever the node is. */
export function convert(graph: Graph, inference: Inference, id: NodeId): Conversion | undefined {
  return linearToConv(graph, inference, id) ?? convToLinear(graph, inference, id);
}
