/** The sizes of im2col's matrices, and of what this engine does instead. */
import type { Settings } from '../settings.tsx';

export type Im2colSettings = Settings<'size' | 'channels' | 'filters' | 'kernelSize' | 'stride' | 'padding'>;

const FLOAT = 4;

/** What a thread packs at a time: BLOCK_PIXELS windows × BLOCK_DEPTH numbers of kernels/conv2d.c. */
export const ENGINE_BLOCK = { windows: 64, depth: 256, bytes: 64 * 256 * FLOAT } as const;

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
