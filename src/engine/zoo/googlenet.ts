/**
 * GoogLeNet without its auxiliary heads, as torchvision has it: with BatchNorm2d, and 3×3 where the paper has 5×5.
 * Szegedy et al.: "Going deeper with convolutions", 2014.
 */
import { type Flow, NetworkBuilder } from './builder.ts';
import { batchNorm, conv, dropout, linear, maxPool, poolToVector, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

/** Channels: 1×1; 3×3 reduced and full; “5×5” reduced and full; after the pooling. */
type Inception = readonly [number, number, number, number, number, number];

const STAGES: readonly (readonly [stage: number, modules: Readonly<Record<string, Inception>>])[] = [
  [3, { a: [64, 96, 128, 16, 32, 32], b: [128, 128, 192, 32, 96, 64] }],
  [
    4,
    {
      a: [192, 96, 208, 16, 48, 64],
      b: [160, 112, 224, 24, 64, 64],
      c: [128, 128, 256, 24, 64, 64],
      d: [112, 144, 288, 32, 64, 64],
      e: [256, 160, 320, 32, 128, 128],
    },
  ],
  [5, { a: [256, 160, 320, 32, 128, 128], b: [384, 192, 384, 48, 128, 128] }],
];

/** Convolution without bias, BatchNorm2d, ReLU. */
function basic(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  filters: number,
  kernel: number,
  stride = 1,
): Flow {
  const x = conv(net, from, `${name}_conv`, filters, { kernel, stride, bias: false });
  return relu(net, batchNorm(net, x, `${name}_bn`, { eps: 0.001 }), `${name}_relu`);
}

function inception(net: NetworkBuilder, from: Flow, name: string, channels: Inception): Flow {
  const [one, reduced3, three, reduced5, five, pooled] = channels;
  const at = (branch: number) => net.aside(from, branch - 2.5);
  const branch2 = basic(net, at(2), `${name}_branch2_0`, reduced3, 1);
  const branch3 = basic(net, at(3), `${name}_branch3_0`, reduced5, 1);
  const branch4 = maxPool(net, at(4), `${name}_branch4_0`, 3, 1, { padding: 1, ceilMode: true });
  return net.merge('Concat', `${name}_concat`, [
    basic(net, at(1), `${name}_branch1`, one, 1),
    basic(net, branch2, `${name}_branch2_1`, three, 3),
    basic(net, branch3, `${name}_branch3_1`, five, 3),
    basic(net, branch4, `${name}_branch4_1`, pooled, 1),
  ]);
}

export const googlenet: ZooModel = {
  name: 'googlenet',
  title: 'GoogLeNet',
  summary: 'Inception modules: several kernel sizes side by side, and the network chooses.',
  input: [3, 224, 224],
  classes: 1000,
  build(input, classes) {
    const net = new NetworkBuilder();
    const pool = (from: Flow, name: string, kernel = 3) =>
      maxPool(net, from, name, kernel, 2, { ceilMode: true });
    let x = pool(basic(net, net.input(input), 'conv1', 64, 7, 2), 'maxpool1');
    x = basic(net, basic(net, x, 'conv2', 64, 1), 'conv3', 192, 3);
    x = pool(x, 'maxpool2');
    for (const [stage, modules] of STAGES) {
      for (const [letter, channels] of Object.entries(modules))
        x = inception(net, x, `inception${stage}${letter}`, channels);
      if (stage === 3) x = pool(x, 'maxpool3');
      if (stage === 4) x = pool(x, 'maxpool4', 2);
    }
    linear(net, dropout(net, poolToVector(net, x), 'dropout', 0.2), 'fc', classes);
    return net.graph();
  },
};
