/**
 * SqueezeNet 1.0 and 1.1: fire modules squeeze the channels by 1×1 and widen them by 1×1 and 3×3 side by side.
 * Iandola et al.: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters", 2016. As in torchvision.
 */
import type { Graph } from '../graph/document.ts';
import { type Flow, NetworkBuilder } from './builder.ts';
import { conv, dropout, maxPool, poolToVector, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

/** Squeezed channels, and those of each of the two expansions. */
type Fire = readonly [squeeze: number, expand: number];

const FIRES: readonly Fire[] = [
  [16, 64],
  [16, 64],
  [32, 128],
  [32, 128],
  [48, 192],
  [48, 192],
  [64, 256],
  [64, 256],
];

const VERSIONS = {
  /** `poolsAfter`: fire modules, counted from 0, that a pooling follows. */
  '1.0': { filters: 96, kernel: 7, poolsAfter: [2, 6] },
  '1.1': { filters: 64, kernel: 3, poolsAfter: [1, 3] },
} as const;

function fire(net: NetworkBuilder, from: Flow, name: string, [squeeze, expand]: Fire): Flow {
  const squeezed = conv(net, from, `${name}_squeeze`, squeeze, { kernel: 1 });
  const x = relu(net, squeezed, `${name}_squeeze_activation`);
  const branches = ([1, 3] as const).map((kernel, i) => {
    const branch = net.aside(x, i - 0.5);
    const wide = conv(net, branch, `${name}_expand${kernel}x${kernel}`, expand, { kernel });
    return relu(net, wide, `${name}_expand${kernel}x${kernel}_activation`);
  });
  return net.merge('Concat', `${name}_concat`, branches);
}

function build(
  version: keyof typeof VERSIONS,
  input: readonly [number, number, number],
  classes: number,
): Graph {
  const net = new NetworkBuilder();
  const { filters, kernel, poolsAfter } = VERSIONS[version];
  let x = conv(net, net.input(input), 'features_0', filters, { kernel, stride: 2, padding: 0 });
  let index = 2;
  const pool = (from: Flow) => maxPool(net, from, `features_${index++}`, 3, 2, { ceilMode: true });
  x = pool(relu(net, x, 'features_1'));
  for (const [i, module] of FIRES.entries()) {
    x = fire(net, x, `features_${index++}`, module);
    if ((poolsAfter as readonly number[]).includes(i)) x = pool(x);
  }
  x = conv(net, dropout(net, x, 'classifier_0'), 'classifier_1', classes, { kernel: 1 });
  poolToVector(net, relu(net, x, 'classifier_2'), 'classifier_3');
  return net.graph();
}

function squeezenet(version: keyof typeof VERSIONS): ZooModel {
  return {
    name: `squeezenet${version.replace('.', '_')}`,
    title: `SqueezeNet ${version}`,
    summary: 'As good as AlexNet with a fiftieth of its parameters.',
    input: [3, 224, 224],
    classes: 1000,
    build: (input, classes) => build(version, input, classes),
  };
}

export const squeezenet10 = squeezenet('1.0');
export const squeezenet11 = squeezenet('1.1');
