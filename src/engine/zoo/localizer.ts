/**
 * A localizer: a shared trunk with two heads, for class and box. The box head reads the map directly, since an average
 * would lose positions; its Sigmoid keeps the four numbers within the image.
 * Follows "classification and localization" in CS231n, lecture 11: a class head with cross-entropy and a box head with
 * a regression loss.
 */
import { NetworkBuilder, square } from './builder.ts';
import { batchNorm, conv, maxPool, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

const FILTERS = [16, 32, 64] as const;
const FEATURES = 128;

export const localizer: ZooModel = {
  name: 'localizer',
  title: 'Localizer',
  summary: 'Says what is in the image and draws a box around it: two answers of one network.',
  input: [3, 32, 32],
  classes: 10,
  answers: ['class', 'box'],
  build(input, classes) {
    const net = new NetworkBuilder();
    let x = net.input(input);
    for (const [i, filters] of FILTERS.entries()) {
      x = conv(net, x, `conv${i + 1}`, filters, { bias: false });
      x = relu(net, batchNorm(net, x, `bn${i + 1}`), `relu${i + 1}`);
      x = maxPool(net, x, `pool${i + 1}`, 2, 2);
    }
    x = net.add(x, 'AdaptiveAvgPool2d', 'places', { outputSize: square(4) });
    x = net.add(x, 'Flatten', 'flatten');
    x = relu(net, net.add(x, 'Linear', 'features', { outFeatures: FEATURES }), 'relu4');
    const what = net.add(net.aside(x, -0.5), 'Linear', 'what', { outFeatures: classes });
    net.add(what, 'Output', 'class_output', { answer: 'class' });
    const where = net.add(net.aside(x, 0.5), 'Linear', 'where', { outFeatures: 4 });
    net.add(net.add(where, 'Sigmoid', 'inside'), 'Output', 'box_output', { answer: 'box' });
    return net.graph();
  },
};
