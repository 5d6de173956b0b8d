/** The registry of layer kinds, one line per family. Everything that lists, draws or explains layers asks it. */
import { adaptiveAvgPool2d } from './adaptiveAvgPool2d.ts';
import { adaptiveMaxPool2d } from './adaptiveMaxPool2d.ts';
import { add } from './add.ts';
import { avgPool2d } from './avgPool2d.ts';
import { batchNorm2d } from './batchNorm2d.ts';
import { concat } from './concat.ts';
import { conv2d } from './conv2d.ts';
import { convTranspose2d } from './convTranspose2d.ts';
import { dropout } from './dropout.ts';
import { dropout2d } from './dropout2d.ts';
import { dropPath } from './dropPath.ts';
import { elu } from './elu.ts';
import { flatten } from './flatten.ts';
import { gaussianNoise } from './gaussianNoise.ts';
import { gelu } from './gelu.ts';
import { globalAvgPool2d } from './globalAvgPool2d.ts';
import { groupNorm } from './groupNorm.ts';
import { hardsigmoid } from './hardsigmoid.ts';
import { hardswish } from './hardswish.ts';
import { identity } from './identity.ts';
import { input } from './input.ts';
import { instanceNorm2d } from './instanceNorm2d.ts';
import type { LayerKind } from './layer.ts';
import { layerNorm } from './layerNorm.ts';
import { leakyRelu } from './leakyRelu.ts';
import { linear } from './linear.ts';
import { localResponseNorm } from './localResponseNorm.ts';
import { logSoftmax } from './logSoftmax.ts';
import { maxPool2d } from './maxPool2d.ts';
import { multiply } from './multiply.ts';
import { output } from './output.ts';
import { pixelShuffle } from './pixelShuffle.ts';
import { prelu } from './prelu.ts';
import { relu } from './relu.ts';
import { relu6 } from './relu6.ts';
import { sigmoid } from './sigmoid.ts';
import { silu } from './silu.ts';
import { softmax } from './softmax.ts';
import { tanh } from './tanh.ts';
import { upsample } from './upsample.ts';
import { zeroPad2d } from './zeroPad2d.ts';

/** In the order of the palette, most used first. */
const kinds: readonly LayerKind[] = [
  input,
  ...[conv2d, convTranspose2d, zeroPad2d, upsample, pixelShuffle],
  ...[batchNorm2d, groupNorm, layerNorm, instanceNorm2d, localResponseNorm],
  ...[relu, leakyRelu, relu6, prelu, elu, gelu, silu, hardswish, hardsigmoid, sigmoid, tanh],
  ...[softmax, logSoftmax, identity],
  ...[maxPool2d, avgPool2d, globalAvgPool2d, adaptiveAvgPool2d, adaptiveMaxPool2d],
  ...[flatten, linear],
  ...[add, concat, multiply],
  ...[dropout, dropout2d, dropPath, gaussianNoise],
  output,
];

const byName = new Map(kinds.map(kind => [kind.kind, kind]));

export function layerKinds(): readonly LayerKind[] {
  return kinds;
}

export function layerKind(name: string): LayerKind | undefined {
  return byName.get(name);
}
