/**
 * LeNet-5 in the form that is trained today: ReLU and max pooling in place of the scaled tanh and the trained
 * subsampling. The first convolution pads 28×28 digits to the 32×32 of the paper.
 * LeCun, Bottou, Bengio, Haffner: "Gradient-based learning applied to document recognition", 1998.
 */
import { chain, type ZooModel } from './zoo.ts';

export const lenet: ZooModel = {
  name: 'lenet',
  title: 'LeNet-5',
  summary:
    'The first convolutional network in wide use: two convolutions, two poolings, three linear layers.',
  input: [1, 28, 28],
  classes: 10,
  build: (input, classes) =>
    chain([
      ['Input', 'input', { shape: input }],
      ['Conv2d', 'conv1', { outChannels: 6, kernelSize: [5, 5], padding: [2, 2, 2, 2] }],
      ['ReLU', 'relu1'],
      ['MaxPool2d', 'pool1'],
      ['Conv2d', 'conv2', { outChannels: 16, kernelSize: [5, 5], padding: [0, 0, 0, 0] }],
      ['ReLU', 'relu2'],
      ['MaxPool2d', 'pool2'],
      ['Flatten', 'flatten'],
      ['Linear', 'fc1', { outFeatures: 120 }],
      ['ReLU', 'relu3'],
      ['Linear', 'fc2', { outFeatures: 84 }],
      ['ReLU', 'relu4'],
      ['Linear', 'fc3', { outFeatures: classes }],
    ]),
};
