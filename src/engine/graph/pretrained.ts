/**
 * The trained weights that come with the program: of which network of the zoo they are, and how they want an image's
 * bytes to become numbers, for that belongs to the weights. The files are `resources/pretrained/<name>.safetensors`;
 * their metadata say the same.
 */
import type { NormalizationName } from './normalization.ts';

export interface Pretrained {
  /** Of the weights, and of the network of the zoo that they are for. */
  readonly name: string;
  readonly title: string;
  /** What they were trained on. */
  readonly images: string;
  readonly normalization: NormalizationName;
  /** The node of that network that makes features of an image; what comes after it is the head. */
  readonly backbone: string;
  /** The parts of the backbone in which it is opened to learn on, from the image to the head: patterns of names. */
  readonly stages: readonly (readonly string[])[];
}

/** In place of a name: what is drawn by the seed. */
export const UNTRAINED = 'none';

const all: readonly Pretrained[] = [
  {
    name: 'efficientnet_lite0',
    title: 'EfficientNet-Lite0',
    images: '1.3 million photographs of a thousand kinds of things (ImageNet)',
    normalization: 'symmetric',
    backbone: 'backbone',
    stages: [
      ['backbone.0.conv_stem', 'backbone.0.bn1'],
      ...[1, 2, 3, 4, 5, 6].map(stage => [`backbone.0.stage${stage}`]),
      ['backbone.0.stage7', 'backbone.0.conv_head', 'backbone.0.bn2'],
    ],
  },
];

export function pretrainedWeights(): readonly Pretrained[] {
  return all;
}

export function pretrained(name: string): Pretrained | undefined {
  return all.find(each => each.name === name);
}
