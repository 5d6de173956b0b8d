/**
 * MobileNetV3, small and large, as torchvision has it: MobileNetV2's inverted residuals with squeeze-and-excitation
 * and Hardswish, their widths found by search. Howard et al.: "Searching for MobileNetV3", 2019.
 */
import type { Graph } from '../graph/document.ts';
import { type Flow, NetworkBuilder } from './builder.ts';
import { batchNorm, type ConvSettings, conv, dropout, linear, poolToVector } from './layers.ts';
import { squeezeExcite } from './squeezeExcitation.ts';
import type { ZooModel } from './zoo.ts';

/** Kernel, channels inside, channels at the end, whether it squeezes, activation, stride. */
type Row = readonly [
  kernel: number,
  wide: number,
  filters: number,
  squeezes: boolean,
  activation: 'ReLU' | 'Hardswish',
  stride: number,
];

const SMALL: readonly Row[] = [
  [3, 16, 16, true, 'ReLU', 2],
  [3, 72, 24, false, 'ReLU', 2],
  [3, 88, 24, false, 'ReLU', 1],
  [5, 96, 40, true, 'Hardswish', 2],
  [5, 240, 40, true, 'Hardswish', 1],
  [5, 240, 40, true, 'Hardswish', 1],
  [5, 120, 48, true, 'Hardswish', 1],
  [5, 144, 48, true, 'Hardswish', 1],
  [5, 288, 96, true, 'Hardswish', 2],
  [5, 576, 96, true, 'Hardswish', 1],
  [5, 576, 96, true, 'Hardswish', 1],
];

const LARGE: readonly Row[] = [
  [3, 16, 16, false, 'ReLU', 1],
  [3, 64, 24, false, 'ReLU', 2],
  [3, 72, 24, false, 'ReLU', 1],
  [5, 72, 40, true, 'ReLU', 2],
  [5, 120, 40, true, 'ReLU', 1],
  [5, 120, 40, true, 'ReLU', 1],
  [3, 240, 80, false, 'Hardswish', 2],
  [3, 200, 80, false, 'Hardswish', 1],
  [3, 184, 80, false, 'Hardswish', 1],
  [3, 184, 80, false, 'Hardswish', 1],
  [3, 480, 112, true, 'Hardswish', 1],
  [3, 672, 112, true, 'Hardswish', 1],
  [5, 672, 160, true, 'Hardswish', 2],
  [5, 960, 160, true, 'Hardswish', 1],
  [5, 960, 160, true, 'Hardswish', 1],
];

const STEM_CHANNELS = 16;
/** The last convolution is so many times wider than what it gets. */
const LAST_WIDTH_FACTOR = 6;
/** Channels are a multiple of it. */
const CHANNEL_MULTIPLE = 8;
const NORM = { eps: 0.001, momentum: 0.01 };

/** A quarter, as a multiple of eight, and never a tenth less. */
function squeezedFrom(channels: number): number {
  const quarter = channels / 4;
  const nearest = Math.max(
    CHANNEL_MULTIPLE,
    Math.floor((quarter + CHANNEL_MULTIPLE / 2) / CHANNEL_MULTIPLE) * CHANNEL_MULTIPLE,
  );
  return nearest < 0.9 * quarter ? nearest + CHANNEL_MULTIPLE : nearest;
}

/** Convolution and BatchNorm2d, `<name>_0` and `_1`. */
function convNorm(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  filters: number,
  settings: ConvSettings,
): Flow {
  return batchNorm(
    net,
    conv(net, from, `${name}_0`, filters, { ...settings, bias: false }),
    `${name}_1`,
    NORM,
  );
}

function block(net: NetworkBuilder, from: Flow, name: string, channels: number, row: Row): Flow {
  const [kernel, wide, filters, squeezes, activation, stride] = row;
  let part = 0;
  const next = () => `${name}_block_${part++}`;
  const basic = (x: Flow, settings: ConvSettings) => {
    const at = next();
    return net.add(convNorm(net, x, at, wide, settings), activation, `${at}_2`);
  };
  let x = wide === channels ? from : basic(from, { kernel: 1 });
  x = basic(x, { kernel, stride, groups: wide });
  if (squeezes) {
    const squeezed = squeezedFrom(wide);
    x = squeezeExcite(net, x, next(), { channels: wide, squeezed, activation: 'ReLU', gate: 'Hardsigmoid' });
  }
  x = convNorm(net, x, next(), filters, { kernel: 1 });
  return stride === 1 && channels === filters ? net.merge('Add', `${name}_add`, [x, from]) : x;
}

function build(
  rows: readonly Row[],
  hidden: number,
  input: readonly [number, number, number],
  classes: number,
): Graph {
  const net = new NetworkBuilder();
  const hardswish = (from: Flow, name: string) => net.add(from, 'Hardswish', name);
  let x = hardswish(
    convNorm(net, net.input(input), 'features_0', STEM_CHANNELS, { stride: 2 }),
    'features_0_2',
  );
  let channels = STEM_CHANNELS;
  for (const [i, row] of rows.entries()) {
    x = block(net, x, `features_${i + 1}`, channels, row);
    channels = row[2];
  }
  const last = `features_${rows.length + 1}`;
  x = hardswish(convNorm(net, x, last, LAST_WIDTH_FACTOR * channels, { kernel: 1 }), `${last}_2`);
  x = hardswish(linear(net, poolToVector(net, x), 'classifier_0', hidden), 'classifier_1');
  linear(net, dropout(net, x, 'classifier_2', 0.2), 'classifier_3', classes);
  return net.graph();
}

function mobilenetV3(size: 'small' | 'large', rows: readonly Row[], hidden: number): ZooModel {
  return {
    name: `mobilenet_v3_${size}`,
    title: `MobileNetV3-${size === 'small' ? 'Small' : 'Large'}`,
    summary: 'Inverted residuals that weigh their channels: squeeze-and-excitation for little machines.',
    input: [3, 224, 224],
    classes: 1000,
    build: (input, classes) => build(rows, hidden, input, classes),
  };
}

export const mobilenetV3Small = mobilenetV3('small', SMALL, 1024);
export const mobilenetV3Large = mobilenetV3('large', LARGE, 1280);
