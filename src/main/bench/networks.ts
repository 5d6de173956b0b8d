/**
 * The networks that speed is measured on, each with its input and its batch. Those that are not in the zoo are
 * the benchmark's own.
 */
import {
  defaultTraining,
  type Graph,
  newDocument,
  type ProjectDocument,
} from '../../engine/graph/document.ts';
import { setParams } from '../../engine/graph/edits.ts';
import { type Flow, NetworkBuilder } from '../../engine/zoo/builder.ts';
import { batchNorm, conv, linear, maxPool, poolToVector, relu } from '../../engine/zoo/layers.ts';
import { zooModel } from '../../engine/zoo/registry.ts';

export interface BenchNetwork {
  readonly name: string;
  /** Images of one step. */
  readonly batch: number;
  readonly graph: () => Graph;
}

type Input = readonly [channels: number, height: number, width: number];

const fromZoo = (model: string, input: Input, classes: number) => zooModel(model)!.build(input, classes);

/** Two convolutions of 32 and 64 filters with pooling, 128 features, 10 classes. */
function lenet28(): Graph {
  const net = new NetworkBuilder();
  let x = net.input([1, 28, 28]);
  for (const [i, filters] of [32, 64].entries())
    x = maxPool(net, relu(net, conv(net, x, `conv${i + 1}`, filters), `relu${i + 1}`), `pool${i + 1}`, 2, 2);
  x = net.add(x, 'Flatten', 'flatten');
  x = relu(net, linear(net, x, 'fc1', 128), 'relu3');
  linear(net, x, 'fc2', 10);
  return net.graph();
}

/** Three pairs of convolutions with BatchNorm, of 32, 64 and 128 filters; global pooling. */
function cifarBn(): Graph {
  const net = new NetworkBuilder();
  const normed = (from: Flow, name: string, filters: number) =>
    relu(
      net,
      batchNorm(net, conv(net, from, `conv${name}`, filters, { bias: false }), `bn${name}`),
      `relu${name}`,
    );
  let x = net.input([3, 32, 32]);
  for (const [i, filters] of [32, 64, 128].entries()) {
    if (i > 0) x = maxPool(net, x, `pool${i}`, 2, 2);
    x = normed(normed(x, `${i + 1}a`, filters), `${i + 1}b`, filters);
  }
  linear(net, poolToVector(net, x), 'fc', 10);
  return net.graph();
}

/** ResNet-18 for small images: its first convolution keeps their size. */
const resnet18 = () => setParams(fromZoo('resnet18', [3, 64, 64], 10), 'conv1', { stride: [1, 1] });

export const benchNetworks: readonly BenchNetwork[] = [
  { name: 'simple_cnn', batch: 64, graph: () => fromZoo('simple_cnn', [1, 28, 28], 10) },
  { name: 'lenet28', batch: 64, graph: lenet28 },
  { name: 'cifar_bn', batch: 64, graph: cifarBn },
  { name: 'resnet20', batch: 64, graph: () => fromZoo('resnet20', [3, 32, 32], 10) },
  { name: 'resnet18', batch: 32, graph: resnet18 },
  { name: 'mobilenet_v2', batch: 32, graph: () => fromZoo('mobilenet_v2', [3, 96, 96], 10) },
  {
    name: 'efficientnet_lite0',
    batch: 32,
    graph: () => fromZoo('efficientnet_lite0', [3, 224, 224], 1000),
  },
  { name: 'unet', batch: 4, graph: () => fromZoo('unet', [3, 128, 128], 2) },
];

/** The network as it is trained here: SGD with momentum, at a rate that lets random labels do no harm. */
export function benchDocument({ name, batch, graph }: BenchNetwork): ProjectDocument {
  const document = newDocument(name, graph());
  const isImage = name === 'unet';
  const losses = isImage
    ? [{ ...defaultTraining.losses[0]!, answer: 'mask' as const }]
    : defaultTraining.losses;
  return { ...document, training: { ...defaultTraining, batchSize: batch, learningRate: 0.001, losses } };
}
