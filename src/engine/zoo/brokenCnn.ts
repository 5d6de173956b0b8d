/**
 * The notes' `broken_cnn`: two convolutions that end in a map of 28×28 numbers, where class scores are wanted. It
 * is broken on purpose, to be mended on the canvas.
 */
import { chain, type ZooModel } from './zoo.ts';

export const brokenCnn: ZooModel = {
  name: 'broken_cnn',
  title: 'broken_cnn',
  summary: 'Ends in an image instead of class scores: an exercise in mending.',
  input: [1, 28, 28],
  // One output channel, as the notes have it: that it is no class score is the point.
  classes: 1,
  build: (input, classes) =>
    chain([
      ['Input', 'input', { shape: input }],
      ['Conv2d', 'conv1', { outChannels: 30 }],
      ['ReLU', 'relu'],
      ['Conv2d', 'conv2', { outChannels: classes }],
    ]),
};
