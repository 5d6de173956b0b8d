/** A small all-round network for images of about 32×32: two blocks of convolution and pooling, then Linear. */
import { chain, type ZooModel } from './zoo.ts';

export const smallCnn: ZooModel = {
  name: 'small_cnn',
  title: 'Small CNN',
  summary: 'Two convolutions with pooling and two linear layers: quick to train, a fair baseline.',
  input: [3, 32, 32],
  classes: 10,
  build: (input, classes) =>
    chain([
      ['Input', 'input', { shape: input }],
      ['Conv2d', 'conv1', { outChannels: 16 }],
      ['ReLU', 'relu1'],
      ['MaxPool2d', 'pool1'],
      ['Conv2d', 'conv2', { outChannels: 32 }],
      ['ReLU', 'relu2'],
      ['MaxPool2d', 'pool2'],
      ['Flatten', 'flatten'],
      ['Linear', 'fc1', { outFeatures: 64 }],
      ['ReLU', 'relu3'],
      ['Linear', 'fc2', { outFeatures: classes }],
    ]),
};
