/**
 * U-Net with padded convolutions and BatchNorm2d: an encoder, a decoder, and at each size a skip connection that
 * preserves positions. Its output is class scores for each pixel.
 * Ronneberger, Fischer, Brox: "U-Net: convolutional networks for biomedical image segmentation", 2015.
 */
import { type Flow, NetworkBuilder, square } from './builder.ts';
import { batchNorm, conv, maxPool, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

const FILTERS = [64, 128, 256, 512] as const;
const BOTTOM = 1024;

/** Twice 3×3 convolution, BatchNorm2d, ReLU. */
function twice(net: NetworkBuilder, from: Flow, name: string, filters: number): Flow {
  return [1, 2].reduce((x, i) => {
    const normed = batchNorm(
      net,
      conv(net, x, `${name}_conv${i}`, filters, { bias: false }),
      `${name}_bn${i}`,
    );
    return relu(net, normed, `${name}_relu${i}`);
  }, from);
}

export const unet: ZooModel = {
  name: 'unet',
  title: 'U-Net',
  summary: 'Down to what it is, up again to where it is: a class for every pixel.',
  input: [3, 256, 256],
  classes: 2,
  answers: ['mask'],
  build(input, classes) {
    const net = new NetworkBuilder();
    let x = net.input(input);
    const kept: Flow[] = [];
    for (const [i, filters] of FILTERS.entries()) {
      x = twice(net, x, `encoder${i + 1}`, filters);
      kept.push(x);
      x = maxPool(net, net.aside(x, 0.5), `pool${i + 1}`, 2, 2);
    }
    x = twice(net, x, 'bottleneck', BOTTOM);
    for (const [i, filters] of [...FILTERS.entries()].toReversed()) {
      const up = { outChannels: filters, kernelSize: square(2), stride: square(2) };
      x = net.add(net.aside(x, 0.5), 'ConvTranspose2d', `upconv${i + 1}`, up);
      const merged = net.merge('Concat', `concat${i + 1}`, [x, kept[i]!]);
      x = twice(net, { ...merged, column: x.column }, `decoder${i + 1}`, filters);
    }
    conv(net, x, 'conv', classes, { kernel: 1 });
    return net.graph();
  },
};
