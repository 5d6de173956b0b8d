/**
 * Network in Network for CIFAR: 1×1 convolutions make a small network of each filter, and global average pooling
 * takes the place of linear layers. Lin, Chen, Yan: "Network in network", 2013.
 */
import { type Flow, NetworkBuilder, square } from './builder.ts';
import { conv, dropout, maxPool, poolToVector, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

export const nin: ZooModel = {
  name: 'nin',
  title: 'Network in Network',
  summary: '1×1 convolutions between the others, and no linear layer: a mean for each class.',
  input: [3, 32, 32],
  classes: 10,
  build(input, classes) {
    const net = new NetworkBuilder();
    const block = (from: Flow, number: number, kernel: number, filters: readonly number[]) =>
      filters.reduce((x, outChannels, i) => {
        const name = i === 0 ? `conv${number}` : `cccp${number}_${i}`;
        return relu(net, conv(net, x, name, outChannels, { kernel: i === 0 ? kernel : 1 }), `relu_${name}`);
      }, from);
    let x = block(net.input(input), 1, 5, [192, 160, 96]);
    x = dropout(net, maxPool(net, x, 'pool1', 3, 2, { padding: 1 }), 'drop1');
    x = block(x, 2, 5, [192, 192, 192]);
    const pool = { kernelSize: square(3), stride: square(2), padding: square(1) };
    x = dropout(net, net.add(x, 'AvgPool2d', 'pool2', pool), 'drop2');
    poolToVector(net, block(x, 3, 3, [192, 192, classes]), 'pool3');
    return net.graph();
  },
};
