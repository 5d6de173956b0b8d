/**
 * EfficientNet-Lite0, as timm has it (`tf_efficientnet_lite0`): MobileNetV2's inverted residuals in widths and depths
 * that were found by search, without squeeze-and-excitation, with ReLU6. Tan, Le: "EfficientNet: rethinking model
 * scaling for convolutional neural networks", 2019; the Lite form is Google's, 2020.
 *
 * All but the classifier is one block, `backbone`, whose last output is 1280 channels at a 32nd of the image's size.
 * Names within are timm's: `conv_stem`, `conv_pw`, `conv_dw`, `conv_pwl`, `conv_head`.
 */
import type { Block, BlockId } from '../graph/document.ts';
import type { Sides } from '../layers/fields.ts';
import { type Flow, NetworkBuilder, type Params, square } from './builder.ts';
import { EFFICIENTNET_STAGES, LAST_CHANNELS, STEM_CHANNELS } from './efficientnetStages.ts';
import { batchNorm, conv, dropout, linear, poolToVector } from './layers.ts';
import type { ZooModel } from './zoo.ts';

const FIRST_STAGE_CHANNELS = EFFICIENTNET_STAGES[0][3];
/** Inside the first bottleneck; other copies set their own. */
const FIRST_EXPANDED_CHANNELS = 96;
/** TensorFlow's, which the weights were trained with. */
const EPS = 1e-3;
const DROPOUT = 0.2;

/** Where the backbone ends and a head may begin. */
const BACKBONE = 'backbone';

type Extents = readonly [height: number, width: number];

const smaller = ([height, width]: Extents, stride: number): Extents => [
  Math.ceil(height / stride),
  Math.ceil(width / stride),
];

/** TensorFlow's “SAME”: as much as ⌈extent / stride⌉ positions need; what is odd of it below and right. */
function samePadding(extents: Extents, kernel: number, stride: number): Sides {
  const sides = extents.flatMap(extent => {
    const whole = Math.max((Math.ceil(extent / stride) - 1) * stride + kernel - extent, 0);
    return [Math.floor(whole / 2), Math.ceil(whole / 2)];
  });
  return sides as [number, number, number, number];
}

function norm(net: NetworkBuilder, from: Flow, number: number): Flow {
  return batchNorm(net, from, `bn${number}`, { eps: EPS });
}

function normRelu(net: NetworkBuilder, from: Flow, number: number): Flow {
  return net.add(norm(net, from, number), 'ReLU6', `act${number}`);
}

/** A depthwise convolution, then one of 1×1: what the first stage is. */
function separable(): Block {
  const net = new NetworkBuilder();
  const x = conv(net, net.entry(), 'conv_dw', STEM_CHANNELS, { groups: STEM_CHANNELS, bias: false });
  norm(net, conv(net, normRelu(net, x, 1), 'conv_pw', FIRST_STAGE_CHANNELS, { kernel: 1, bias: false }), 2);
  return net.block('Separable convolution');
}

/** Wider by 1×1, depthwise, narrower by 1×1; with a way around it where the size stays. */
function inverted(name: string, isResidual: boolean): Block {
  const net = new NetworkBuilder();
  const from = net.entry();
  const depthwise = {
    outChannels: FIRST_EXPANDED_CHANNELS,
    groups: FIRST_EXPANDED_CHANNELS,
    padding: 'same',
    bias: false,
  };
  let x = normRelu(net, conv(net, from, 'conv_pw', FIRST_EXPANDED_CHANNELS, { kernel: 1, bias: false }), 1);
  x = normRelu(net, net.add(x, 'Conv2d', 'conv_dw', depthwise), 2);
  x = norm(net, conv(net, x, 'conv_pwl', FIRST_STAGE_CHANNELS, { kernel: 1, bias: false }), 3);
  if (isResidual) net.merge('Add', 'add', [x, from]);
  return net.block(name, {
    wide: ['conv_pw.outChannels', 'conv_dw.outChannels', 'conv_dw.groups'],
    filters: ['conv_pwl.outChannels'],
    kernel: ['conv_dw.kernelSize'],
    ...(!isResidual && { stride: ['conv_dw.stride'], padding: ['conv_dw.padding'] }),
  });
}

/** A block that changes the size, then some that keep it. */
function stage(): Block {
  const net = new NetworkBuilder();
  net.copy(net.copy(net.entry(), 'bottleneck', 'first'), 'residual', 'rest');
  return net.block('Stage', {
    wide: ['first.wide'],
    filters: ['first.filters', 'rest.filters'],
    kernel: ['first.kernel', 'rest.kernel'],
    stride: ['first.stride'],
    padding: ['first.padding'],
    rest_wide: ['rest.wide'],
    rest_repeat: ['rest.repeat'],
  });
}

/** @param image height and width: they decide where strided convolutions pad */
function backbone(image: Extents): Block {
  const net = new NetworkBuilder();
  let [extents, channels] = [smaller(image, 2), STEM_CHANNELS];
  const stem = {
    outChannels: STEM_CHANNELS,
    stride: square(2),
    padding: samePadding(image, 3, 2),
    bias: false,
  };
  let x = normRelu(net, net.add(net.entry(), 'Conv2d', 'conv_stem', stem), 1);
  for (const [i, [expansion, kernel, stride, filters, blocks]] of EFFICIENTNET_STAGES.entries()) {
    const name = `stage${i + 1}`;
    const wide = channels * expansion;
    const padding = samePadding(extents, kernel, stride);
    const params: Params = { wide, filters, kernel: square(kernel), stride: square(stride), padding };
    const more = { ...params, rest_wide: filters * expansion, rest_repeat: blocks - 1 };
    if (expansion === 1) x = net.copy(x, 'separable', name);
    else x = blocks > 1 ? net.copy(x, 'stage', name, more) : net.copy(x, 'bottleneck', name, params);
    [extents, channels] = [smaller(extents, stride), filters];
  }
  normRelu(net, conv(net, x, 'conv_head', LAST_CHANNELS, { kernel: 1, bias: false }), 2);
  return net.block('EfficientNet-Lite0 backbone');
}

export const efficientnetLite0: ZooModel = {
  name: 'efficientnet_lite0',
  title: 'EfficientNet-Lite0',
  summary: 'Small, fast and accurate: comes with weights that have seen 1.3 million photographs.',
  input: [3, 224, 224],
  classes: 1000,
  build(input, classes) {
    const net = new NetworkBuilder();
    const blocks: Record<BlockId, Block> = {
      backbone: backbone([input[1], input[2]]),
      stage: stage(),
      bottleneck: inverted('Bottleneck', false),
      residual: inverted('Inverted residual', true),
      separable: separable(),
    };
    const x = poolToVector(net, net.copy(net.input(input), 'backbone', BACKBONE), 'avgpool');
    linear(net, dropout(net, x, 'dropout', DROPOUT), 'classifier', classes);
    return net.graph(blocks);
  },
};
