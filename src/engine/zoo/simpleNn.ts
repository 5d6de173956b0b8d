/** The notes' `simple_nn`: no convolution at all, two linear layers on the pixels; the notes ask of it one number. */
import { chain, type ZooModel } from './zoo.ts';

export const simpleNn: ZooModel = {
  name: 'simple_nn',
  title: 'simple_nn',
  summary: 'Two linear layers on the pixels: what convolutional networks are measured against.',
  input: [1, 28, 28],
  classes: 10,
  build: (input, classes) =>
    chain([
      ['Input', 'input', { shape: input }],
      ['Flatten', 'flatten'],
      ['Linear', 'fc1', { outFeatures: 30 }],
      ['ReLU', 'relu'],
      ['Linear', 'fc2', { outFeatures: classes }],
    ]),
};
