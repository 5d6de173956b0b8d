/**
 * The notes' ConvNet for CIFAR-10: twelve filters, ReLU, one pooling, class scores; each of the four kinds of layer
 * once. (The notes follow Stanford's CS231n, “Convolutional neural networks: architectures”.)
 */
import { chain, type ZooModel } from './zoo.ts';

export const cifarConvnet: ZooModel = {
  name: 'cifar_convnet',
  title: 'CIFAR ConvNet',
  summary: 'One convolution, ReLU, one pooling, one linear layer: the smallest whole network.',
  input: [3, 32, 32],
  classes: 10,
  build: (input, classes) =>
    chain([
      ['Input', 'input', { shape: input }],
      ['Conv2d', 'conv', { outChannels: 12 }],
      ['ReLU', 'relu'],
      ['MaxPool2d', 'pool'],
      ['Flatten', 'flatten'],
      ['Linear', 'fc', { outFeatures: classes }],
    ]),
};
