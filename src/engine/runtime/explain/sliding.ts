/**
 * Applies a classifier densely to an image larger than it was trained on. Its Linear layers become convolutions
 * (graph/convert.ts) and its last pooling gets a sliding window, so that one pass gives a map of class scores;
 * evaluating crops one by one gives the same. Where only one Linear follows an average pooling, the average is moved
 * behind it: before it is the class activation map (Zhou et al. 2016, "Learning deep features for discriminative
 * localization").
 */

import { linearToConv } from '../../graph/convert.ts';
import { diagnose } from '../../graph/diagnostics/diagnose.ts';
import { windowIn } from '../../graph/diagnostics/ruleContext.ts';
import type { Graph, NodeId } from '../../graph/document.ts';
import { changeNode, insertAfter, reaches, removeNodes, replaceKind } from '../../graph/edits.ts';
import { inputsOf } from '../../graph/headAnswers.ts';
import { OUTPUT } from '../../graph/heads.ts';
import { infer } from '../../graph/infer.ts';
import type { Inference } from '../../graph/inference.ts';
import { sizeOf } from '../../layers/shape.ts';
import type { StateTensor } from '../stateTensor.ts';
import type { GivenWeights, ProbedValues, Prober } from './prober.ts';

/** Why a network cannot be applied densely. */
export class SlidingError extends Error {
  override readonly name = 'SlidingError';
}

export interface Slidable {
  readonly graph: Graph;
  readonly inference: Inference;
  /** The node whose output is the map of class scores. */
  readonly end: NodeId;
  /** Distance in pixels of the crops that two neighbouring scores correspond to. */
  readonly stride: readonly [number, number];
  /** Number of layers converted. */
  readonly converted: number;
  /** The node whose output is the class activation map; null where the network does not end in an average. */
  readonly activation: NodeId | null;
}

/**
 * The network with its Linear layers as convolutions, its last pooling with a sliding window, and an Input of another
 * size.
 * @throws SlidingError where that is not possible, or the larger image does not suit the network
 */
export function slidable(graph: Graph, [height, width]: readonly [number, number]): Slidable {
  const pooled = poolInWindows(infer(graph));
  const inference = infer(pooled.graph);
  const linear = inference.order.find(id => linearToConv(inference.graph, inference, id) !== undefined);
  const conversion = linear === undefined ? undefined : linearToConv(inference.graph, inference, linear);
  const convolved = infer(conversion?.graph ?? pooled.graph);
  const isMap = convolved.order.some(id => isFlattening(convolved, id) && isPixel(convolved, id));
  if (!isMap)
    throw new SlidingError(
      'This network makes its class scores of no map: no Linear layer reads from a Flatten, and no pooling takes the image as a whole.',
    );
  // Flatten, and an Output that expects a vector, are left out.
  const tail = convolved.order.filter(id => isFlattening(convolved, id) || isOutput(convolved, id));
  const bare = infer(removeNodes(convolved.graph, tail));
  const { graph: ended, activation } = averageLast(bare, pooled.pool);
  const input = inputsOf(bare)[0]!;
  const { params } = bare.nodes.get(input)!.node;
  const [channels] = params.shape as [number];
  const enlarged = changeNode(ended, input, { params: { ...params, shape: [channels, height, width] } });
  const after = infer(enlarged);
  const fault = diagnose(after).find(({ severity }) => severity === 'error');
  if (fault) throw new SlidingError(fault.message);
  const end = after.outputs[0]!;
  const { shape, receptiveField } = after.nodes.get(end)!.figures!;
  const stride = receptiveField?.jump ?? [0, 0];
  const isOne = sizeOf(shape.slice(1)) === 1 || !stride.every(step => Number.isInteger(step) && step > 0);
  if (isOne)
    throw new SlidingError(
      'One answer comes out at this size. Take a larger image; where a layer further up pools all of it, no size helps.',
    );
  return {
    graph: enlarged,
    inference: after,
    end,
    stride,
    converted: conversion?.weightShapes.size ?? 0,
    activation,
  };
}

/**
 * Replaces an adaptive pooling just before the Flatten by one with a fixed window of the same size, so that on a larger
 * image it gives an output for each position. The window of a global pooling has stride 1.
 */
function poolInWindows(inference: Inference): { graph: Graph; pool: NodeId | null } {
  const { graph, order } = inference;
  const flatten = order.findLast(id => isFlattening(inference, id));
  const pool = flatten === undefined ? undefined : poolingBefore(inference, flatten);
  const node = pool === undefined ? undefined : inference.nodes.get(pool)!;
  if (pool === undefined || !node?.figures) return { graph, pool: null };
  const [image, [, ...outputs]] = [node.figures.inputs[0]!, node.figures.shape];
  const kernelSize = outputs.map((count, axis) => image[axis + 1]! / count);
  // Adaptive windows of differing sizes cannot be replaced by one kernel size.
  if (!kernelSize.every(Number.isInteger)) return { graph, pool: null };
  const stride = kernelSize.map((size, axis) => (outputs[axis] === 1 ? 1 : size));
  const kind = node.kind?.traits?.includes('averages') ? 'AvgPool2d' : 'MaxPool2d';
  return { graph: replaceKind(graph, pool, { kind, params: { kernelSize, stride, padding: [0, 0] } }), pool };
}

/** The adaptive pooling before a Flatten, looking past elementwise layers; undefined where there is none. */
function poolingBefore({ graph, nodes }: Inference, flatten: NodeId): NodeId | undefined {
  const above = (id: NodeId) => graph.edges.find(({ target }) => target === id)?.source;
  for (let at = above(flatten); at !== undefined; at = above(at)) {
    const { kind, figures } = nodes.get(at)!;
    if (kind?.family === 'pooling') return figures && !windowIn(figures.params) ? at : undefined;
    if (kind?.family !== 'activation' && kind?.family !== 'regularisation') return undefined;
  }
  return undefined;
}

/**
 * For a network that ends in an average and at most one Linear: moves the average to the end, which gives the same
 * since both are linear, so that there are scores of each position before.
 */
function averageLast(inference: Inference, pool: NodeId | null): { graph: Graph; activation: NodeId | null } {
  const { graph, nodes } = inference;
  const asItIs = { graph, activation: null };
  const node = pool === null ? undefined : nodes.get(pool)!;
  const window = node?.figures && windowIn(node.figures.params);
  if (pool === null || !window || !node.kind?.traits?.includes('averages')) return asItIs;
  const isOne = window.kernelSize.every(size => size === 1);
  if (isOne || window.stride.some(step => step !== 1)) return asItIs;
  const below = inference.order.filter(id => id !== pool && reaches(graph, pool, id));
  const weighing = below.filter(id => nodes.get(id)!.figures!.weights.length > 0);
  const others = below.filter(id => !weighing.includes(id));
  if (weighing.length > 1 || others.some(id => nodes.get(id)!.kind!.family !== 'regularisation'))
    return asItIs;
  const last = below.at(-1);
  if (last === undefined) {
    const before = graph.edges.find(({ target }) => target === pool)!.source;
    return { graph, activation: before };
  }
  const { kind, params } = node.node;
  return { graph: insertAfter(removeNodes(graph, [pool]), last, { kind, params }), activation: last };
}

function isFlattening({ nodes }: Inference, id: NodeId): boolean {
  const figures = nodes.get(id)!.figures;
  return figures?.inputs[0]?.length === 3 && figures.shape.length === 1 && figures.weights.length === 0;
}

/** Whether a node's input is one pixel per channel, as class scores are after the conversion. */
const isPixel = ({ nodes }: Inference, id: NodeId) =>
  nodes
    .get(id)!
    .figures!.inputs[0]!.slice(1)
    .every(extent => extent === 1);

const isOutput = ({ nodes }: Inference, id: NodeId) => nodes.get(id)!.node.kind === OUTPUT;

/** Converted layers keep their numbers in the same order, so that names suffice. */
export function weightsByName(weights: readonly StateTensor[]): GivenWeights {
  return new Map(weights.map(({ name, values }) => [name, values]));
}

export interface Slid {
  /** Class scores in one pass, classes × rows × columns. */
  readonly map: ProbedValues;
  /** Class scores computed crop by crop. */
  readonly crops: ProbedValues;
  /** The class activation map; null where the network does not end in an average. */
  readonly activation: ProbedValues | null;
  /** The largest difference of map and crops. */
  readonly difference: number;
  readonly milliseconds: { readonly map: number; readonly crops: number };
}

interface SlideOptions {
  /** Pixels between two crops. */
  readonly stride: readonly [number, number];
  readonly whole: { readonly prober: Prober; readonly end: NodeId; readonly activation: NodeId | null };
  readonly single: { readonly prober: Prober; readonly end: NodeId };
  /** The large image, channels × height × width, normalised. */
  readonly image: Float32Array;
  /** Called after each crop. It may throw to abort. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Computes the map both ways: by one pass over the whole image, and by one pass per crop. */
export function slideOver({ whole, single, image, stride, onProgress }: SlideOptions): Slid {
  const timed = <T>(work: () => T): [T, number] => {
    const start = performance.now();
    const result = work();
    return [result, performance.now() - start];
  };
  whole.prober.run(image);
  const [map, mapTime] = timed(() => {
    whole.prober.run(image);
    return whole.prober.output(whole.end);
  });
  const [classes, rows, columns] = map.shape as [number, number, number];
  const [channels, height, width] = whole.prober.imageShape as [number, number, number];
  const [, cropHeight, cropWidth] = single.prober.imageShape as [number, number, number];
  const values = new Float32Array(map.values.length);
  let cropTime = 0;
  for (let at = 0; at < rows * columns; at++) {
    const corner = [Math.floor(at / columns) * stride[0], (at % columns) * stride[1]] as const;
    const cut = crop(image, [channels, height, width], corner, [cropHeight, cropWidth]);
    const [scores, time] = timed(() => {
      single.prober.run(cut);
      return single.prober.output(single.end).values;
    });
    cropTime += time;
    for (let c = 0; c < classes; c++) values[c * rows * columns + at] = scores[c]!;
    onProgress?.(at + 1, rows * columns);
  }
  const difference = map.values.reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0);
  return {
    map,
    crops: { shape: map.shape, values },
    activation: whole.activation === null ? null : whole.prober.output(whole.activation),
    difference,
    milliseconds: { map: mapTime, crops: cropTime },
  };
}

/** A crop of an image, channels × height × width, with zeros beyond the image, as zero padding has them. */
function crop(
  image: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  [top, left]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): Float32Array {
  const cut = new Float32Array(channels * rows * columns);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < Math.min(rows, height - top); y++) {
      const from = (c * height + top + y) * width + left;
      cut.set(image.subarray(from, from + Math.min(columns, width - left)), (c * rows + y) * columns);
    }
  return cut;
}
