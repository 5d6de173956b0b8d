/**
 * A classifier slid over an image larger than it was trained on: its Linear layers turned into convolutions
 * (graph/convert.ts), one pass gives a map of class scores; cutting crops out and asking about each gives the same.
 */
import { inputsOf } from '../../graph/answering.ts';
import { linearToConv } from '../../graph/convert.ts';
import type { Graph, NodeId } from '../../graph/document.ts';
import { changeNode, removeNodes } from '../../graph/edits.ts';
import { OUTPUT } from '../../graph/heads.ts';
import { type Inference, infer } from '../../graph/infer.ts';
import { sizeOf } from '../../layers/shape.ts';
import type { StateTensor } from '../session.ts';
import type { GivenWeights, Prober, Values } from './prober.ts';

/** A network that cannot slide, and why. */
export class SlidingError extends Error {
  override readonly name = 'SlidingError';
}

export interface Slidable {
  readonly graph: Graph;
  readonly inference: Inference;
  /** Where the map of class scores comes out. */
  readonly end: NodeId;
  /** Pixels between the crops that two neighbouring scores see. */
  readonly stride: readonly [number, number];
  /** How many layers were converted. */
  readonly converted: number;
}

/**
 * The network with its Linear layers as convolutions and an Input of another size.
 * @throws SlidingError where it has no Linear behind a Flatten, or the larger image does not fit it
 */
export function slidable(graph: Graph, [height, width]: readonly [number, number]): Slidable {
  const inference = infer(graph);
  const linear = inference.order.find(id => linearToConv(inference.graph, inference, id) !== undefined);
  const conversion = linear === undefined ? undefined : linearToConv(inference.graph, inference, linear);
  if (!conversion)
    throw new SlidingError(
      'This network has no Linear layer behind a Flatten, so there is nothing to turn into a convolution.',
    );
  // What makes a vector of the map again, and what wants one, is left out.
  const ended = infer(conversion.graph);
  const tail = ended.order.filter(id => isFlattening(ended, id) || isOutput(ended, id));
  const input = inputsOf(ended)[0]!;
  const { params } = ended.nodes.get(input)!.node;
  const [channels] = params.shape as [number];
  const enlarged = changeNode(removeNodes(conversion.graph, tail), input, {
    params: { ...params, shape: [channels, height, width] },
  });
  const after = infer(enlarged);
  const fault = after.diagnoses.find(({ severity }) => severity === 'error');
  if (fault) throw new SlidingError(fault.message);
  const end = after.outputs[0]!;
  const { shape, receptiveField } = after.nodes.get(end)!.figures!;
  const stride = receptiveField?.jump ?? [0, 0];
  const isOne = sizeOf(shape.slice(1)) === 1 || !stride.every(step => Number.isInteger(step) && step > 0);
  if (isOne)
    throw new SlidingError(
      'One answer comes out at this size. Take a larger image; where a layer pools all of the image, no size helps.',
    );
  return { graph: enlarged, inference: after, end, stride, converted: conversion.weightShapes.size };
}

function isFlattening({ nodes }: Inference, id: NodeId): boolean {
  const figures = nodes.get(id)!.figures;
  return figures?.inputs[0]?.length === 3 && figures.shape.length === 1 && figures.weights.length === 0;
}

const isOutput = ({ nodes }: Inference, id: NodeId) => nodes.get(id)!.node.kind === OUTPUT;

/** Weights of converted layers keep their numbers in their order, so that names are all that is needed. */
export function weightsByName(weights: readonly StateTensor[]): GivenWeights {
  return new Map(weights.map(({ name, values }) => [name, values]));
}

export interface Slid {
  /** Class scores, classes × rows × columns. */
  readonly map: Values;
  /** The same by crops. */
  readonly crops: Values;
  /** The largest difference between the two. */
  readonly difference: number;
  readonly milliseconds: { readonly map: number; readonly crops: number };
}

interface SlideOptions {
  /** Pixels between two crops. */
  readonly stride: readonly [number, number];
  readonly whole: { readonly prober: Prober; readonly end: NodeId };
  readonly single: { readonly prober: Prober; readonly end: NodeId };
  /** Channels × height × width of the large image, as it enters the network. */
  readonly image: Float32Array;
  /** After each crop; it throws to end the work. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Answers by one pass over the whole, and by a pass over each crop. */
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
    difference,
    milliseconds: { map: mapTime, crops: cropTime },
  };
}

/** A part of an image, channels × height × width. */
export function crop(
  image: Float32Array,
  [channels, height, width]: readonly [number, number, number],
  [top, left]: readonly [number, number],
  [rows, columns]: readonly [number, number],
): Float32Array {
  const cut = new Float32Array(channels * rows * columns);
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < rows; y++) {
      const from = (c * height + top + y) * width + left;
      cut.set(image.subarray(from, from + columns), (c * rows + y) * columns);
    }
  return cut;
}
