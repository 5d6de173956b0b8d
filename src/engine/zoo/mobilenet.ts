/**
 * MobileNetV2, as torchvision has it: inverted residuals, wide inside and narrow, without activation, at their ends.
 * Sandler et al.: "MobileNetV2: inverted residuals and linear bottlenecks", 2018.
 */
import { type Flow, NetworkBuilder } from './builder.ts';
import { batchNorm, type ConvSettings, conv, dropout, linear, poolToVector } from './layers.ts';
import type { ZooModel } from './zoo.ts';

/** Expansion factor, output channels, number of blocks, stride of the first. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const STEM_CHANNELS = 32;
const LAST_CHANNELS = 1280;

/** Convolution, BatchNorm2d, ReLU6: `<name>_0`, `_1`, `_2`. */
function basic(net: NetworkBuilder, from: Flow, name: string, filters: number, settings: ConvSettings): Flow {
  const x = conv(net, from, `${name}_0`, filters, { ...settings, bias: false });
  return net.add(batchNorm(net, x, `${name}_1`), 'ReLU6', `${name}_2`);
}

function invertedResidual(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  [channels, expansion, filters, stride]: readonly [number, number, number, number],
): Flow {
  const wide = channels * expansion;
  let x = from;
  let part = 0;
  if (expansion !== 1) x = basic(net, x, `${name}_conv_${part++}`, wide, { kernel: 1 });
  x = basic(net, x, `${name}_conv_${part++}`, wide, { stride, groups: wide });
  x = conv(net, x, `${name}_conv_${part++}`, filters, { kernel: 1, bias: false });
  x = batchNorm(net, x, `${name}_conv_${part}`);
  return stride === 1 && channels === filters ? net.merge('Add', `${name}_add`, [x, from]) : x;
}

export const mobilenetV2: ZooModel = {
  name: 'mobilenet_v2',
  title: 'MobileNetV2',
  summary: 'Depthwise convolutions in inverted residuals: made for little machines.',
  input: [3, 224, 224],
  classes: 1000,
  build(input, classes) {
    const net = new NetworkBuilder();
    let x = basic(net, net.input(input), 'features_0', STEM_CHANNELS, { stride: 2 });
    let [channels, index] = [STEM_CHANNELS, 1];
    for (const [expansion, filters, blocks, firstStride] of STAGES) {
      for (let i = 0; i < blocks; i++) {
        const stride = i === 0 ? firstStride : 1;
        x = invertedResidual(net, x, `features_${index++}`, [channels, expansion, filters, stride]);
        channels = filters;
      }
    }
    x = poolToVector(net, basic(net, x, `features_${index}`, LAST_CHANNELS, { kernel: 1 }), 'avgpool');
    linear(net, dropout(net, x, 'classifier_0', 0.2), 'classifier_1', classes);
    return net.graph();
  },
};
