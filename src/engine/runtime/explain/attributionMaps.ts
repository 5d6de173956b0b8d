/**
 * Attribution: which pixels of an image a network's output depends on. Each method is a few lines over a Prober, and
 * computes what its paper defines.
 */
import type { NodeId } from '../../graph/document.ts';
import type { Normalization } from '../../graph/normalization.ts';
import type { Shape } from '../../layers/shape.ts';
import type { ProbedValues, Prober } from './prober.ts';

/** One number for each position of a map. */
export interface AttributionMap {
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** Softmax; a single score is taken as the logit of the second of two classes. */
export function probabilitiesOf(scores: ArrayLike<number>): number[] {
  const two = scores.length === 1 ? [0, scores[0]!] : Array.from(scores);
  const best = Math.max(...two);
  const powers = two.map(score => Math.exp(score - best));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(power => power / sum);
}

/**
 * The gradient that selects a class's score: 1 there, 0 elsewhere. For a single score, 1 for the second of two classes,
 * -1 for the first.
 */
export function oneHot(count: number, index: number): Float32Array {
  const seed = new Float32Array(count);
  if (count === 1) seed[0] = index === 0 ? -1 : 1;
  else seed[index] = 1;
  return seed;
}

/**
 * Grad-CAM: the ReLU of the layer's maps, weighted by the mean gradient of the class's score over each map.
 * Source: Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks", equations 1 and 2.
 *
 * @param prober with its backward pass from the scores, keeping the layer's output
 */
export function gradCam(
  prober: Prober,
  image: Float32Array,
  seed: Float32Array,
  layer: NodeId,
): AttributionMap {
  prober.run(image, seed);
  const maps = prober.output(layer);
  const gradients = prober.gradient(layer);
  const [channels, height, width] = maps.shape as [number, number, number];
  const values = new Float32Array(height * width);
  const size = height * width;
  for (let c = 0; c < channels; c++) {
    const weight = gradients.values.subarray(c * size, (c + 1) * size).reduce((a, b) => a + b, 0) / size;
    for (let i = 0; i < size; i++) values[i]! += weight * maps.values[c * size + i]!;
  }
  return { height, width, values: values.map(value => Math.max(0, value)) };
}

/**
 * Saliency: the absolute gradient of the score by each pixel, the maximum over its channels.
 * Source: Simonyan et al. 2013, "Deep Inside Convolutional Networks", section 3.1.
 */
export function saliency(prober: Prober, image: Float32Array, seed: Float32Array): AttributionMap {
  prober.run(image, seed);
  return strongest(prober.imageGradient());
}

function strongest({ shape, values }: ProbedValues): AttributionMap {
  const [channels, height, width] = shape as [number, number, number];
  const size = height * width;
  const heat = new Float32Array(size);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < size; i++) heat[i] = Math.max(heat[i]!, Math.abs(values[c * size + i]!));
  return { height, width, values: heat };
}

/**
 * FGSM: moves every pixel by ±ε in the direction that increases the cross-entropy of the label, clipped to 0…1.
 * Source: Goodfellow et al. 2014, "Explaining and Harnessing Adversarial Examples", section 4.
 *
 * @param image normalised, as the network reads it
 * @param epsilon for values from 0 to 1
 */
export function fgsm(
  prober: Prober,
  image: Float32Array,
  {
    label,
    epsilon,
    scores,
    normalization,
  }: {
    label: number;
    epsilon: number;
    /** The network's scores for the image. */
    scores: ArrayLike<number>;
    normalization: Normalization;
  },
): Float32Array {
  const seed = crossEntropyGradient(scores, label);
  prober.run(image, seed);
  const { shape, values } = prober.imageGradient();
  const size = image.length / shape[0]!;
  return image.map((value, i) => {
    const c = Math.floor(i / size);
    const [mean, std] = [normalization.mean[c]!, normalization.std[c]!];
    const moved = value * std + mean + epsilon * Math.sign(values[i]!);
    return (Math.min(1, Math.max(0, moved)) - mean) / std;
  });
}

/** The gradient of the cross-entropy by the scores: probabilities minus the one-hot label. */
function crossEntropyGradient(scores: ArrayLike<number>, label: number): Float32Array {
  const probabilities = probabilitiesOf(scores);
  if (scores.length === 1) return Float32Array.of(probabilities[1]! - label);
  return Float32Array.from(probabilities, (p, i) => p - Number(i === label));
}

export interface OcclusionOptions {
  /** Side of the occluding square, in pixels. */
  readonly patch: number;
  readonly stride: number;
  /** The square's value per channel, normalised. */
  readonly fill: readonly number[];
  readonly batch: number;
  /** Maps the output for one image to the number that is observed. */
  readonly measure: (scores: Float32Array) => number;
  readonly scores: NodeId;
  /** Called after each batch with the positions done and their total. It may throw to abort. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Occlusion: for each position of a square that covers a part of the image, by how much the observed number falls.
 * Source: Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2.
 */
export function occlusion(prober: Prober, image: Float32Array, options: OcclusionOptions): AttributionMap {
  const { patch, stride, fill, batch, measure, scores, onProgress } = options;
  const [channels, height, width] = prober.imageShape as [number, number, number];
  const places = (extent: number) => Math.max(1, Math.ceil((extent - patch) / stride) + 1);
  const [rows, columns] = [places(height), places(width)];
  const values = new Float32Array(rows * columns);
  prober.run(image);
  const before = measure(prober.output(scores).values);
  for (let from = 0; from < values.length; from += batch) {
    const count = Math.min(batch, values.length - from);
    const images = new Float32Array(count * image.length);
    for (let i = 0; i < count; i++) {
      const hidden = images.subarray(i * image.length, (i + 1) * image.length);
      hidden.set(image);
      const at = from + i;
      const [top, left] = [Math.floor(at / columns) * stride, (at % columns) * stride];
      hide(hidden, [channels, height, width], { top, left, patch, fill });
    }
    prober.run(images);
    for (let i = 0; i < count; i++) values[from + i] = before - measure(prober.output(scores, i).values);
    onProgress?.(from + count, values.length);
  }
  return { height: rows, width: columns, values };
}

function hide(
  image: Float32Array,
  [channels, height, width]: Shape,
  square: { top: number; left: number; patch: number; fill: readonly number[] },
): void {
  const { top, left, patch, fill } = square;
  for (let c = 0; c < channels!; c++)
    for (let y = top; y < Math.min(height!, top + patch); y++)
      for (let x = left; x < Math.min(width!, left + patch); x++)
        image[(c * height! + y) * width! + x] = fill[c]!;
}
