/** Numbers to begin with: the demos of the notes, and some that show one thing. */
import type { Settings } from '../figureSettings.tsx';
import type { Volume } from '../oneLayerNetwork.ts';
import { chanceVolume } from './windowGeometry.ts';

export type SweepSettings = Settings<
  'size' | 'channels' | 'filters' | 'kernelSize' | 'stride' | 'padding' | 'extra' | 'dilation'
>;

export interface Sweep extends SweepSettings {
  input: Volume;
  kernels: readonly Volume[];
  biases: readonly number[];
}

const PLAIN_SETTINGS = {
  channels: 1,
  filters: 1,
  kernelSize: 3,
  stride: 1,
  padding: 0,
  extra: 0,
  dilation: 1,
} as const;

const CROSS: Volume = [
  [
    [1, 0, 1],
    [0, 1, 0],
    [1, 0, 1],
  ],
];

const STAIRS: Volume = [
  [
    [0, 1, 1, 1, 0, 0, 0],
    [0, 0, 1, 1, 1, 0, 0],
    [0, 0, 0, 1, 1, 1, 0],
    [0, 0, 0, 1, 1, 0, 0],
    [0, 0, 1, 1, 0, 0, 0],
    [0, 1, 1, 0, 0, 0, 0],
    [1, 1, 0, 0, 0, 0, 0],
  ],
];

const TOP_EDGE: Volume = [
  [
    [-1, -1, -1],
    [0, 0, 0],
    [1, 1, 1],
  ],
];

/** Dark above, bright below. */
const BAR: Volume = [
  Array.from({ length: 7 }, (_, y) => Array.from({ length: 7 }, () => (y >= 2 && y <= 4 ? 9 : 0))),
];

export const presets: Readonly<Record<string, Sweep>> = {
  '5×5×3 · K 2 · F 3 · S 2 · P 1': fill({
    ...PLAIN_SETTINGS,
    size: 5,
    channels: 3,
    filters: 2,
    stride: 2,
    padding: 1,
  }),
  'A cross on a 7×7 image': { ...PLAIN_SETTINGS, size: 7, input: STAIRS, kernels: [CROSS], biases: [0] },
  'A top edge': { ...PLAIN_SETTINGS, size: 7, input: BAR, kernels: [TOP_EDGE], biases: [0] },
  'Stride 3 does not fit 7': fill({ ...PLAIN_SETTINGS, size: 8, stride: 3 }),
  'Dilation 2': fill({ ...PLAIN_SETTINGS, size: 7, dilation: 2 }),
};

/** Numbers for settings: what fits of those there were, chance for the rest. */
export function fill(settings: SweepSettings, before?: Sweep): Sweep {
  const { size, channels, filters, kernelSize } = settings;
  const input = merged(chanceVolume(1, [channels, size, size], [0, 2]), before?.input);
  const kernels = Array.from({ length: filters }, (_, k) =>
    merged(chanceVolume(k + 2, [channels, kernelSize, kernelSize], [-1, 1]), before?.kernels[k]),
  );
  const biases = Array.from({ length: filters }, (_, k) => before?.biases[k] ?? (k === 0 ? 1 : 0));
  return { ...settings, input, kernels, biases };
}

function merged(fresh: Volume, kept: Volume | undefined): Volume {
  if (!kept) return fresh;
  return fresh.map((rows, c) => rows.map((row, y) => row.map((value, x) => kept[c]?.[y]?.[x] ?? value)));
}
