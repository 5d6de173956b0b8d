/** The registry of layer kinds: one line each. Everything that lists, draws or explains layers asks here. */
import { adaptiveAvgPool2d } from './adaptiveAvgPool2d.ts';
import { adaptiveMaxPool2d } from './adaptiveMaxPool2d.ts';
import { add } from './add.ts';
import { avgPool2d } from './avgPool2d.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { convTranspose2d } from './convTranspose2d.ts';
import { flatten } from './flatten.ts';
import { globalAvgPool2d } from './globalAvgPool2d.ts';
import { input } from './input.ts';
import type { LayerKind } from './layer.ts';
import { linear } from './linear.ts';
import { maxPool2d } from './maxPool2d.ts';
import { multiply } from './multiply.ts';
import { pixelShuffle } from './pixelShuffle.ts';
import { relu } from './relu.ts';
import { upsample } from './upsample.ts';
import { zeroPad2d } from './zeroPad2d.ts';

/** In the order of the palette. */
const kinds: readonly LayerKind[] = [
  ...[input, conv2d, relu, maxPool2d, flatten, linear, add, multiply, concat],
  ...[convTranspose2d, zeroPad2d],
  ...[avgPool2d, globalAvgPool2d, adaptiveAvgPool2d, adaptiveMaxPool2d, upsample, pixelShuffle],
];

const byName = new Map(kinds.map(kind => [kind.kind, kind]));

export function layerKinds(): readonly LayerKind[] {
  return kinds;
}

export function layerKind(name: string): LayerKind | undefined {
  return byName.get(name);
}
