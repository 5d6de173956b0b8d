/** The mean and standard deviation for normalising images, for values from 0 to 1. */
import type { Preparation } from '../../../../bridge/datasetCalls.ts';

interface Normalisation {
  mean: readonly number[];
  std: readonly number[];
}

/** The least standard deviation, one step of 255, so that a constant channel does not divide by zero. */
const LEAST_STD = 1 / 255;

/** As torchvision's pretrained networks expect. Grey is the luminance of the three. */
const IMAGENET: Readonly<Record<number, Normalisation>> = {
  1: { mean: [0.449], std: [0.226] },
  3: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

export function normalisationOf(how: Preparation['normalise'], { mean, std }: Normalisation): Normalisation {
  if (how === 'imagenet') return IMAGENET[mean.length]!;
  if (how === 'half') return { mean: mean.map(() => 0.5), std: std.map(() => 0.5) };
  if (how === 'none') return { mean: mean.map(() => 0), std: std.map(() => 1) };
  return { mean, std: std.map(value => Math.max(value, LEAST_STD)) };
}
