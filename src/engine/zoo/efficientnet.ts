/**
 * EfficientNet-B0, as torchvision has it: inverted residuals with squeeze-and-excitation and SiLU; in training, whole
 * blocks are left out by chance, deeper ones more often.
 * Tan, Le: "EfficientNet: rethinking model scaling for convolutional neural networks", 2019.
 */
import { type Flow, NetworkBuilder } from './builder.ts';
import { EFFICIENTNET_STAGES, LAST_CHANNELS, STEM_CHANNELS } from './efficientnetStages.ts';
import { batchNorm, type ConvSettings, conv, dropout, linear, poolToVector } from './layers.ts';
import { squeezeExcite } from './squeezeExcitation.ts';
import type { ZooModel } from './zoo.ts';

const BLOCKS = EFFICIENTNET_STAGES.reduce((sum, [, , , , blocks]) => sum + blocks, 0);
/** How often a block behind the last one would be left out. */
const DROPOUT_RATE = 0.2;

interface BlockSettings {
  readonly channels: number;
  readonly expansion: number;
  readonly kernel: number;
  readonly stride: number;
  readonly filters: number;
  /** How often it is left out. */
  readonly dropped: number;
}

/** Convolution and BatchNorm2d, `<name>_0` and `_1`. */
function convNorm(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  filters: number,
  settings: ConvSettings,
): Flow {
  return batchNorm(net, conv(net, from, `${name}_0`, filters, { ...settings, bias: false }), `${name}_1`);
}

/** The same, and SiLU: `_2`. */
function basic(net: NetworkBuilder, from: Flow, name: string, filters: number, settings: ConvSettings): Flow {
  return net.add(convNorm(net, from, name, filters, settings), 'SiLU', `${name}_2`);
}

function block(net: NetworkBuilder, from: Flow, name: string, settings: BlockSettings): Flow {
  const { channels, expansion, kernel, stride, filters, dropped } = settings;
  const wide = channels * expansion;
  let part = 0;
  const next = () => `${name}_block_${part++}`;
  let x = expansion === 1 ? from : basic(net, from, next(), wide, { kernel: 1 });
  x = basic(net, x, next(), wide, { kernel, stride, groups: wide });
  const squeezed = Math.max(1, Math.floor(channels / 4));
  x = squeezeExcite(net, x, next(), { channels: wide, squeezed, activation: 'SiLU', gate: 'Sigmoid' });
  x = convNorm(net, x, next(), filters, { kernel: 1 });
  if (stride !== 1 || channels !== filters) return x;
  return net.merge('Add', `${name}_add`, [
    net.add(x, 'DropPath', `${name}_stochastic_depth`, { p: dropped }),
    from,
  ]);
}

export const efficientnetB0: ZooModel = {
  name: 'efficientnet_b0',
  title: 'EfficientNet-B0',
  summary: 'Width, depth and image size in balance, found by search; each block weighs its channels.',
  input: [3, 224, 224],
  classes: 1000,
  build(input, classes) {
    const net = new NetworkBuilder();
    let x = basic(net, net.input(input), 'features_0', STEM_CHANNELS, { stride: 2 });
    let [channels, built] = [STEM_CHANNELS, 0];
    for (const [stage, [expansion, kernel, firstStride, filters, blocks]] of EFFICIENTNET_STAGES.entries()) {
      for (let i = 0; i < blocks; i++) {
        const stride = i === 0 ? firstStride : 1;
        const dropped = (DROPOUT_RATE * built++) / BLOCKS;
        const settings = { channels, expansion, kernel, stride, filters, dropped };
        x = block(net, x, `features_${stage + 1}_${i}`, settings);
        channels = filters;
      }
    }
    x = poolToVector(
      net,
      basic(net, x, `features_${EFFICIENTNET_STAGES.length + 1}`, LAST_CHANNELS, { kernel: 1 }),
    );
    linear(net, dropout(net, x, 'classifier_0', DROPOUT_RATE), 'classifier_1', classes);
    return net.graph();
  },
};
