/** Groups of layers that most networks have. Names are torchvision's, with dots as `_`. */
import { around, type Flow, type NetworkBuilder, type Params, square } from './builder.ts';

export interface ConvSettings {
  readonly kernel?: number;
  readonly stride?: number;
  /** Half the kernel by default, which keeps the size at stride 1. */
  readonly padding?: number;
  readonly groups?: number;
  readonly bias?: boolean;
}

export function conv(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  outChannels: number,
  { kernel = 3, stride = 1, padding = Math.floor(kernel / 2), groups = 1, bias = true }: ConvSettings = {},
): Flow {
  return net.add(from, 'Conv2d', name, {
    outChannels,
    kernelSize: square(kernel),
    stride: square(stride),
    padding: around(padding),
    groups,
    bias,
  });
}

export interface PoolSettings {
  readonly padding?: number;
  readonly ceilMode?: boolean;
}

export function maxPool(
  net: NetworkBuilder,
  from: Flow,
  name: string,
  kernel: number,
  stride: number,
  { padding = 0, ceilMode = false }: PoolSettings = {},
): Flow {
  const params = { kernelSize: square(kernel), stride: square(stride), padding: square(padding), ceilMode };
  return net.add(from, 'MaxPool2d', name, params);
}

export function relu(net: NetworkBuilder, from: Flow, name: string): Flow {
  return net.add(from, 'ReLU', name);
}

export function batchNorm(net: NetworkBuilder, from: Flow, name: string, params: Params = {}): Flow {
  return net.add(from, 'BatchNorm2d', name, params);
}

export function linear(net: NetworkBuilder, from: Flow, name: string, outFeatures: number): Flow {
  return net.add(from, 'Linear', name, { outFeatures });
}

export function dropout(net: NetworkBuilder, from: Flow, name: string, p = 0.5): Flow {
  return net.add(from, 'Dropout', name, { p });
}

/** Global average pooling and Flatten: one number per channel. */
export function poolToVector(net: NetworkBuilder, from: Flow, name = 'avgpool'): Flow {
  return net.add(net.add(from, 'GlobalAvgPool2d', name), 'Flatten', 'flatten');
}
