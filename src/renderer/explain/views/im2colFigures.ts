/** The sizes of im2col's matrices, and of what this engine does instead. */
import { BLOCK_DEPTH, BLOCK_PIXELS } from '../../../engine/layers/kernelConstants.ts';
import type { Settings } from '../figureSettings.tsx';

export type Im2colSettings = Settings<'size' | 'channels' | 'filters' | 'kernelSize' | 'stride' | 'padding'>;

const FLOAT = 4;

/** What a thread packs at a time (kernels/conv2d.c). */
export const ENGINE_BLOCK = {
  windows: BLOCK_PIXELS,
  depth: BLOCK_DEPTH,
  bytes: BLOCK_PIXELS * BLOCK_DEPTH * FLOAT,
} as const;

/** @param extent rows and columns of the output */
export function im2colFigures({ size, channels, filters, kernelSize }: Im2colSettings, extent: number) {
  const rows = kernelSize * kernelSize * channels;
  const columns = extent * extent;
  return {
    /** Numbers in a window. */
    rows,
    /** Windows. */
    columns,
    columnBytes: rows * columns * FLOAT,
    imageBytes: size * size * channels * FLOAT,
    weightBytes: filters * rows * FLOAT,
    outputBytes: filters * columns * FLOAT,
  };
}
