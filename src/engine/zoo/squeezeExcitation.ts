/**
 * Squeeze-and-excitation: each channel's mean goes through two 1×1 convolutions, and what comes of it multiplies the
 * channel. Hu, Shen, Sun: "Squeeze-and-excitation networks", 2017. Names are torchvision's.
 */
import type { Flow, NetworkBuilder } from './builder.ts';
import { conv } from './layers.ts';

export interface Squeeze {
  readonly channels: number;
  /** What is left of them between the two convolutions. */
  readonly squeezed: number;
  /** Kinds behind the first and the second convolution. */
  readonly activation: string;
  readonly gate: string;
}

/** The gate is drawn beside the way of the image. */
export function squeezeExcite(net: NetworkBuilder, from: Flow, name: string, squeeze: Squeeze): Flow {
  let x = net.add(net.aside(from, 1), 'GlobalAvgPool2d', `${name}_avgpool`);
  x = conv(net, x, `${name}_fc1`, squeeze.squeezed, { kernel: 1 });
  x = conv(net, net.add(x, squeeze.activation, `${name}_activation`), `${name}_fc2`, squeeze.channels, {
    kernel: 1,
  });
  const gate = net.add(x, squeeze.gate, `${name}_scale_activation`);
  return { ...net.merge('Multiply', `${name}_scale`, [from, gate]), column: from.column };
}
