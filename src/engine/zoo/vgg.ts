/**
 * VGG-11, 16 and 19, with and without BatchNorm2d, as torchvision has them: with BatchNorm2d the convolutions keep
 * their bias, though it has no effect there.
 * Simonyan, Zisserman: "Very deep convolutional networks for large-scale image recognition", 2014.
 */
import type { Graph } from '../graph/document.ts';
import { NetworkBuilder, square } from './builder.ts';
import { batchNorm, conv, dropout, linear, maxPool, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

/** Filters of each convolution; `pool` halves the image. */
const PLANS = {
  11: [64, 'pool', 128, 'pool', 256, 256, 'pool', 512, 512, 'pool', 512, 512, 'pool'],
  16: [
    ...[64, 64, 'pool', 128, 128, 'pool', 256, 256, 256, 'pool'],
    ...[512, 512, 512, 'pool', 512, 512, 512, 'pool'],
  ],
  19: [
    ...[64, 64, 'pool', 128, 128, 'pool', 256, 256, 256, 256, 'pool'],
    ...[512, 512, 512, 512, 'pool', 512, 512, 512, 512, 'pool'],
  ],
} as const;

function build(
  depth: keyof typeof PLANS,
  normalised: boolean,
  input: readonly [number, number, number],
  classes: number,
): Graph {
  const net = new NetworkBuilder();
  let x = net.input(input);
  let index = 0;
  const name = () => `features_${index++}`;
  for (const step of PLANS[depth]) {
    if (typeof step === 'string') x = maxPool(net, x, name(), 2, 2);
    else {
      x = conv(net, x, name(), step as number);
      if (normalised) x = batchNorm(net, x, name());
      x = relu(net, x, name());
    }
  }
  x = net.add(x, 'AdaptiveAvgPool2d', 'avgpool', { outputSize: square(7) });
  x = linear(net, net.add(x, 'Flatten', 'flatten'), 'classifier_0', 4096);
  x = dropout(net, relu(net, x, 'classifier_1'), 'classifier_2');
  x = relu(net, linear(net, x, 'classifier_3', 4096), 'classifier_4');
  linear(net, dropout(net, x, 'classifier_5'), 'classifier_6', classes);
  return net.graph();
}

function vgg(depth: keyof typeof PLANS, normalised: boolean): ZooModel {
  return {
    name: `vgg${depth}${normalised ? '_bn' : ''}`,
    title: `VGG-${depth}${normalised ? ' with BatchNorm' : ''}`,
    summary: `Nothing but 3×3 convolutions and poolings, ${depth} layers with weights.`,
    input: [3, 224, 224],
    classes: 1000,
    build: (input, classes) => build(depth, normalised, input, classes),
  };
}

export const vgg11 = vgg(11, false);
export const vgg11Bn = vgg(11, true);
export const vgg16 = vgg(16, false);
export const vgg16Bn = vgg(16, true);
export const vgg19 = vgg(19, false);
export const vgg19Bn = vgg(19, true);
