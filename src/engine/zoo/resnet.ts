/**
 * ResNet-18, 34 and 50 as torchvision has them (in the bottleneck the 3×3 convolution has the stride), and ResNet-20
 * for CIFAR, whose shortcuts are here 1×1 convolutions where the shape changes.
 * He, Zhang, Ren, Sun: "Deep residual learning for image recognition", 2015.
 */
import type { Graph } from '../graph/document.ts';
import { type Flow, NetworkBuilder } from './builder.ts';
import { batchNorm, conv, linear, maxPool, poolToVector, relu } from './layers.ts';
import type { ZooModel } from './zoo.ts';

interface Plan {
  readonly stem: 'imagenet' | 'cifar';
  /** Blocks of each stage, and their filters. */
  readonly stages: readonly (readonly [blocks: number, filters: number])[];
  readonly bottleneck: boolean;
}

/** Output channels of a bottleneck in relation to its filters. */
const EXPANSION = 4;

/** Convolution without bias and BatchNorm2d, numbered alike. */
function convNorm(
  net: NetworkBuilder,
  from: Flow,
  [convName, normName]: readonly [string, string],
  filters: number,
  kernel: number,
  stride = 1,
): Flow {
  return batchNorm(net, conv(net, from, convName, filters, { kernel, stride, bias: false }), normName);
}

function block(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  { filters, stride, bottleneck, project }: BlockSettings,
): Flow {
  const names = (i: number) => [`${name}_conv${i}`, `${name}_bn${i}`] as const;
  const kernels = bottleneck ? [1, 3, 1] : [3, 3];
  const main = project ? net.aside(from, -0.5) : from;
  const out = filters * (bottleneck ? EXPANSION : 1);
  const x = kernels.reduce((flow, kernel, i) => {
    const last = i === kernels.length - 1;
    // The 3×3 convolution of a bottleneck has the stride; in a basic block the first one.
    const step = i === (bottleneck ? 1 : 0) ? stride : 1;
    const next = convNorm(net, flow, names(i + 1), last ? out : filters, kernel, step);
    return last ? next : relu(net, next, `${name}_relu${i + 1}`);
  }, main);
  const shortcut = project
    ? convNorm(net, net.aside(from, 0.5), [`${name}_downsample_0`, `${name}_downsample_1`], out, 1, stride)
    : from;
  return relu(net, net.merge('Add', `${name}_add`, [x, shortcut]), `${name}_relu`);
}

interface BlockSettings {
  readonly filters: number;
  readonly stride: number;
  readonly bottleneck: boolean;
  /** Whether the shortcut is a 1×1 convolution, as its shape changes. */
  readonly project: boolean;
}

function build(
  { stem, stages, bottleneck }: Plan,
  input: readonly [number, number, number],
  classes: number,
): Graph {
  const net = new NetworkBuilder();
  const isLarge = stem === 'imagenet';
  let channels = stages[0]![1];
  let x = convNorm(net, net.input(input), ['conv1', 'bn1'], channels, isLarge ? 7 : 3, isLarge ? 2 : 1);
  x = relu(net, x, 'relu');
  if (isLarge) x = maxPool(net, x, 'maxpool', 3, 2, { padding: 1 });
  for (const [stage, [blocks, filters]] of stages.entries()) {
    for (let i = 0; i < blocks; i++) {
      const stride = i === 0 && stage > 0 ? 2 : 1;
      const out = filters * (bottleneck ? EXPANSION : 1);
      const project = stride !== 1 || channels !== out;
      x = block(net, x, `layer${stage + 1}_${i}`, { filters, stride, bottleneck, project });
      channels = out;
    }
  }
  linear(net, poolToVector(net, x), 'fc', classes);
  return net.graph();
}

function resnet(depth: number, plan: Plan): ZooModel {
  const isLarge = plan.stem === 'imagenet';
  return {
    name: `resnet${depth}`,
    title: `ResNet-${depth}`,
    summary: `Residual network of ${depth} layers: each block adds to what it was given.`,
    input: isLarge ? [3, 224, 224] : [3, 32, 32],
    classes: isLarge ? 1000 : 10,
    build: (input, classes) => build(plan, input, classes),
  };
}

const stages = (...blocks: readonly number[]) => blocks.map((count, i) => [count, 64 * 2 ** i] as const);

export const resnet18 = resnet(18, { stem: 'imagenet', stages: stages(2, 2, 2, 2), bottleneck: false });
export const resnet34 = resnet(34, { stem: 'imagenet', stages: stages(3, 4, 6, 3), bottleneck: false });
export const resnet50 = resnet(50, { stem: 'imagenet', stages: stages(3, 4, 6, 3), bottleneck: true });
export const resnet20 = resnet(20, {
  stem: 'cifar',
  stages: [
    [3, 16],
    [3, 32],
    [3, 64],
  ],
  bottleneck: false,
});
