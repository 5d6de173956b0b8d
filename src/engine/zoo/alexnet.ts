/**
 * AlexNet in its single-tower form, as torchvision has it.
 * Krizhevsky: "One weird trick for parallelizing convolutional neural networks", 2014.
 */
import { NetworkBuilder, square } from './builder.ts';
import { conv, dropout, linear, maxPool, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

export const alexnet: ZooModel = {
  name: 'alexnet',
  title: 'AlexNet',
  summary: 'The network that won ImageNet in 2012: five convolutions, three linear layers, dropout.',
  input: [3, 224, 224],
  classes: 1000,
  build(input, classes) {
    const net = new NetworkBuilder();
    let x = conv(net, net.input(input), 'features_0', 64, { kernel: 11, stride: 4, padding: 2 });
    x = maxPool(net, relu(net, x, 'features_1'), 'features_2', 3, 2);
    x = relu(net, conv(net, x, 'features_3', 192, { kernel: 5 }), 'features_4');
    x = maxPool(net, x, 'features_5', 3, 2);
    x = relu(net, conv(net, x, 'features_6', 384), 'features_7');
    x = relu(net, conv(net, x, 'features_8', 256), 'features_9');
    x = relu(net, conv(net, x, 'features_10', 256), 'features_11');
    x = maxPool(net, x, 'features_12', 3, 2);
    x = net.add(x, 'AdaptiveAvgPool2d', 'avgpool', { outputSize: square(6) });
    x = dropout(net, net.add(x, 'Flatten', 'flatten'), 'classifier_0');
    x = relu(net, linear(net, x, 'classifier_1', 4096), 'classifier_2');
    x = dropout(net, x, 'classifier_3');
    x = relu(net, linear(net, x, 'classifier_4', 4096), 'classifier_5');
    linear(net, x, 'classifier_6', classes);
    return net.graph();
  },
};
