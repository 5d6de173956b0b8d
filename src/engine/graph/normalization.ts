/** How the bytes of an image become the numbers that a network takes: (byte / 255 − mean) / std of each channel. */

export interface Normalization {
  /** Of numbers from 0 to 1, one for each channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** By the dataset's own figures, or by those that published weights were trained with. */
export const normalizationNames = ['dataset', 'symmetric', 'imagenet', 'unit'] as const;

export type NormalizationName = (typeof normalizationNames)[number];

const known: Readonly<Record<Exclude<NormalizationName, 'dataset'>, Normalization>> = {
  /** (byte − 127) / 128, as Google's Lite networks have it. */
  symmetric: { mean: [127 / 255], std: [128 / 255] },
  /** torchvision's. */
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  /** byte / 255. */
  unit: { mean: [0], std: [1] },
};

/** @param own the dataset's, which says how many channels there are */
export function normalizationBy(name: NormalizationName, own: Normalization): Normalization {
  return name === 'dataset' ? own : forChannels(known[name], own.mean.length);
}

/** As it is where there are as many channels; else each gets the mean of those that there are. */
export function forChannels({ mean, std }: Normalization, channels: number): Normalization {
  if (mean.length === channels) return { mean, std };
  const average = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const repeated = (values: readonly number[]) => new Array<number>(channels).fill(average(values));
  return { mean: repeated(mean), std: repeated(std) };
}
