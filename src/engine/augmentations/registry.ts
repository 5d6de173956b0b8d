/** The registry of augmentations: one line each. */
import { additiveNoise } from './additiveNoise.ts';
import type { AugmentationKind } from './augmentation.ts';
import { brightness } from './brightness.ts';
import { contrast } from './contrast.ts';
import { fgsm } from './fgsm.ts';
import { gaussianBlur } from './gaussianBlur.ts';
import { hue } from './hue.ts';
import { randomErasing } from './randomErasing.ts';
import { randomHorizontalFlip } from './randomHorizontalFlip.ts';
import { randomResizedCrop } from './randomResizedCrop.ts';
import { randomRotation } from './randomRotation.ts';
import { randomScale } from './randomScale.ts';
import { randomTranslation } from './randomTranslation.ts';
import { randomVerticalFlip } from './randomVerticalFlip.ts';
import { saturation } from './saturation.ts';

const kinds: readonly AugmentationKind[] = [
  randomHorizontalFlip,
  randomVerticalFlip,
  randomRotation,
  randomScale,
  randomTranslation,
  randomResizedCrop,
  brightness,
  contrast,
  saturation,
  hue,
  gaussianBlur,
  additiveNoise,
  randomErasing,
  fgsm,
];

export function augmentationKinds(): readonly AugmentationKind[] {
  return kinds;
}

export function augmentationKind(name: string): AugmentationKind | undefined {
  return kinds.find(kind => kind.kind === name);
}
