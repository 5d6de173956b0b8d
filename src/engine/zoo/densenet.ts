/**
 * DenseNet-121, as in torchvision: each layer reads the channels of all layers before.
 * Huang, Liu, van der Maaten, Weinberger: "Densely connected convolutional networks", 2016.
 */
import { type Flow, NetworkBuilder, square } from './builder.ts';
import { batchNorm, conv, linear, maxPool, poolToVector, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

const BLOCKS = [6, 12, 24, 16] as const;
/** Channels that each layer adds. */
const GROWTH_RATE = 32;
/** The 1×1 convolution before each 3×3 has this many times the growth rate. */
const BOTTLENECK_FACTOR = 4;
const STEM_CHANNELS = 64;

function denseLayer(net: NetworkBuilder, from: Flow, name: string): Flow {
  let x = relu(net, batchNorm(net, from, `${name}_norm1`), `${name}_relu1`);
  x = conv(net, x, `${name}_conv1`, BOTTLENECK_FACTOR * GROWTH_RATE, { kernel: 1, bias: false });
  x = relu(net, batchNorm(net, x, `${name}_norm2`), `${name}_relu2`);
  return conv(net, x, `${name}_conv2`, GROWTH_RATE, { bias: false });
}

export const densenet121: ZooModel = {
  name: 'densenet121',
  title: 'DenseNet-121',
  summary: 'Each layer reads the channels of all layers before it and adds a few of its own.',
  input: [3, 224, 224],
  classes: 1000,
  build(input, classes) {
    const net = new NetworkBuilder();
    let x = conv(net, net.input(input), 'features_conv0', STEM_CHANNELS, {
      kernel: 7,
      stride: 2,
      bias: false,
    });
    x = relu(net, batchNorm(net, x, 'features_norm0'), 'features_relu0');
    x = maxPool(net, x, 'features_pool0', 3, 2, { padding: 1 });
    let channels = STEM_CHANNELS;
    for (const [i, layers] of BLOCKS.entries()) {
      for (let layer = 1; layer <= layers; layer++) {
        const name = `features_denseblock${i + 1}_denselayer${layer}`;
        const added = denseLayer(net, net.aside(x, 1), name);
        const merged = net.merge('Concat', `${name}_concat`, [x, added]);
        x = { ...merged, column: x.column };
        channels += GROWTH_RATE;
      }
      if (i === BLOCKS.length - 1) break;
      channels /= 2;
      const name = `features_transition${i + 1}`;
      x = relu(net, batchNorm(net, x, `${name}_norm`), `${name}_relu`);
      x = conv(net, x, `${name}_conv`, channels, { kernel: 1, bias: false });
      x = net.add(x, 'AvgPool2d', `${name}_pool`, { kernelSize: square(2), stride: square(2) });
    }
    x = relu(net, batchNorm(net, x, 'features_norm5'), 'features_relu5');
    linear(net, poolToVector(net, x), 'classifier', classes);
    return net.graph();
  },
};
