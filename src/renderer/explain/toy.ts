/** One layer on numbers that a person set: a network small enough to be seen whole, computed by the engine. */
import type { ProbeQuestion } from '../../bridge/explain.ts';
import { newDocument } from '../../engine/graph/document.ts';
import { type ChainLink, chain } from '../../engine/zoo/zoo.ts';

/** Numbers as channels of rows. */
export type Volume = readonly (readonly (readonly number[])[])[];

export const flatten = (volume: Volume): Float32Array => Float32Array.from(volume.flat(2));

/** From a tensor's numbers, `channels × height × width`, to channels of rows. */
export function volumeOf(
  values: ArrayLike<number>,
  [channels = 0, height = 1, width = 1]: readonly number[],
): Volume {
  return Array.from({ length: channels }, (_, c) =>
    Array.from({ length: height }, (_, y) =>
      Array.from({ length: width }, (_, x) => values[(c * height + y) * width + x]!),
    ),
  );
}

/** Asks what layers, one after the other, make of numbers; `tensors` by PyTorch's names: `layer.weight`. */
export function toyQuestion(
  input: { readonly shape: readonly number[]; readonly values: Float32Array },
  layers: readonly ChainLink[],
  tensors: Record<string, Float32Array>,
): ProbeQuestion {
  const graph = chain([['Input', 'input', { shape: [...input.shape] }], ...layers]);
  return {
    kind: 'probe',
    subject: { document: newDocument('explained', graph), weights: { from: 'given', tensors } },
    images: [{ from: 'values', values: input.values }],
    outputs: layers.map(([, name]) => name),
  };
}
