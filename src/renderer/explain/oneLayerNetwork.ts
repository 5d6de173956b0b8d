/** One layer on numbers that a person set: a network small enough to be seen whole, computed by the engine. */
import type { ProbeQuestion } from '../../bridge/explainCalls.ts';
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
  const volume = new Array<number[][]>(channels);
  let at = 0;
  // Loops, because a layer may have a million numbers.
  for (let c = 0; c < channels; c++) {
    const rows = new Array<number[]>(height);
    for (let y = 0; y < height; y++) {
      const row = new Array<number>(width);
      for (let x = 0; x < width; x++) row[x] = values[at++]!;
      rows[y] = row;
    }
    volume[c] = rows;
  }
  return volume;
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
