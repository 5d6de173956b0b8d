/**
 * The constants that the kernels and TypeScript share. scripts/build-kernels.ts writes them into kernels/constants.h
 * under the same names. They are part of the instructions' hash (compile/encode.ts), so that kernels built with other
 * numbers are refused.
 */

const constants = {
  /** Output channels per panel: a multiple of every SIMD width. */
  PANEL: 16,
  /** Tensors' addresses are in lines of so many bytes, so that 32 bits reach 256 GiB. */
  LINE_BYTES: 64,
  /** Follows the last instruction of a program, in place of an opcode. */
  PROGRAM_END: -1,
  /**
   * Each thread's memory for packing. Weight gradients need the most (GradientScratch in winograd_weight.c). A kernel's
   * scratch type compiles only if it fits (SCRATCH in kernels.h).
   */
  SCRATCH_BYTES: 74 * 65_536,

  /**
   * A weight's gradient is computed in blocks of this many rows and columns, each of which is a task (conv2d_weight.c).
   */
  WEIGHT_ROWS: 256,
  WEIGHT_COLUMNS: 128,
  /** How many windows (output pixels), and how many numbers of each, are packed at a time (conv2d.c). */
  BLOCK_PIXELS: 64,
  BLOCK_DEPTH: 256,
  /** Winograd's F(4×4, 3×3): output pixels per side of a tile, and products (points) per tile. */
  WINOGRAD_TILE: 4,
  WINOGRAD_POINTS: 36,
  /**
   * Numbers left free between the arrays of two points. Distances that are powers of two would map their lines to the
   * same cache sets.
   */
  WINOGRAD_APART: 16,
  /** Weight gradient by Winograd: the most channels of a block, and the tiles that are summed at a time. */
  WINOGRAD_GRADIENT_BLOCK: 128,
  WINOGRAD_CHUNK_TILES: 64,

  /** The largest window of a blur, in pixels per side. */
  BLUR_WINDOW: 31,

  /** The constants of Philox4x32-10 (Salmon et al., 2011). */
  PHILOX_MULTIPLIER_0: 0xd2511f53,
  PHILOX_MULTIPLIER_1: 0xcd9e8d57,
  PHILOX_WEYL_0: 0x9e3779b9,
  PHILOX_WEYL_1: 0xbb67ae85,
  PHILOX_ROUNDS: 10,

  /** Fraction bits of the fixed-point weights of image resizing. */
  RESIZE_WEIGHT_BITS: 14,
  /** The most source rows (taps) for one output row. */
  RESIZE_MOST_TAPS: 128,
  /** Taps and pixels are processed in groups of this many. */
  RESIZE_DOWN_TAPS: 2,
  RESIZE_ACROSS_TAPS: 8,
  RESIZE_ACROSS_PIXELS: 4,
  /** Bytes behind each buffer that the pictures' kernels may read or write past its end. */
  PICTURE_SLACK: 16,
  JPEG_COMPONENTS: 3,
  /** Sizes in bytes of the structs passed to the pictures' kernels: 32-bit words, written by plainJpeg.ts. */
  JPEG_FRAME_BYTES: 112,
  RESIZE_BYTES: 64,
} as const;

/** Codes that select a function. In C each has its enum's name as a prefix. */
const enums = {
  /** Elementwise functions (activation.c). */
  activation: {
    relu6: 0,
    leakyRelu: 1,
    elu: 2,
    gelu: 3,
    geluTanh: 4,
    silu: 5,
    hardswish: 6,
    hardsigmoid: 7,
    sigmoid: 8,
    tanh: 9,
  },
  /** Padding modes (pad2d.c). */
  padding: { zeros: 0, reflect: 1, replicate: 2, circular: 3 },
  /** Geometric augmentations (warp.c), with the meaning of the operands a, b, c, d. */
  warp: {
    /** a: probability. */
    flipHorizontal: 0,
    flipVertical: 1,
    /** a: the largest angle in degrees. */
    rotate: 2,
    /** a, b: the smallest and the largest factor. */
    scale: 3,
    /** a, b: the largest shares of width and height. */
    translate: 4,
    /** a, b: the smallest and the largest share of the area; c, d: the smallest and the largest aspect ratio. */
    resizedCrop: 5,
  },
  /** Colour augmentations (colour.c). */
  colour: { brightness: 0, contrast: 1, saturation: 2, hue: 3 },
  /** Elementwise losses (element_loss.c). */
  elementLoss: { binary: 0, squared: 1, smoothL1: 2 },
  /** The purpose of a random stream; streams are independent of each other. */
  stream: { initialisation: 1, order: 2, layers: 3, augmentations: 4 },
} as const;

/** The words of the control block, in order: the parameters of a run, and the barrier of its threads. */
const controlBlock = {
  /** Incremented for each run that the pool is to do. */
  generation: 'int',
  /** The command for the pool's threads (`commands` in runtime/memory.ts). */
  command: 'int',
  /** Byte offset of the first instruction. */
  program: 'int',
  /** Images of this run; at most what the program was compiled for. */
  batch: 'int',
  learningRate: 'float',
  /** The seed of the training run. */
  seed: 'unsigned',
  step: 'unsigned',
  /** The number of the current update, counted from 1. */
  update: 'int',
  /** Counted from 0. */
  epoch: 'int',
  /** Images of the whole update, including those of its other runs. */
  total: 'int',
  /** Barrier: how many threads have arrived. */
  arrived: 'int',
  /** Barrier: incremented when all have arrived. */
  phase: 'int',
  /** Barrier: threads that sleep instead of spinning. */
  sleepers: 'int',
  /**
   * The counter of the next task; instructions alternate between the two, so that one is reset while the other counts.
   */
  evenTasks: 'int',
  oddTasks: 'int',
  /** 1: the loss is NaN or infinite, and the rest of the program was skipped. */
  halted: 'int',
} as const satisfies Record<string, 'int' | 'unsigned' | 'float'>;

export type ControlWord = keyof typeof controlBlock;

/** All three tables, as they are written and hashed. */
export const kernelTables = { constants, enums, controlBlock } as const;

export const {
  PANEL,
  LINE_BYTES,
  PROGRAM_END,
  SCRATCH_BYTES,
  WEIGHT_ROWS,
  WEIGHT_COLUMNS,
  BLOCK_PIXELS,
  BLOCK_DEPTH,
  WINOGRAD_TILE,
  WINOGRAD_POINTS,
  WINOGRAD_APART,
  WINOGRAD_GRADIENT_BLOCK,
  WINOGRAD_CHUNK_TILES,
  BLUR_WINDOW,
  PHILOX_MULTIPLIER_0,
  PHILOX_MULTIPLIER_1,
  PHILOX_WEYL_0,
  PHILOX_WEYL_1,
  PHILOX_ROUNDS,
  RESIZE_WEIGHT_BITS,
  RESIZE_MOST_TAPS,
  RESIZE_DOWN_TAPS,
  RESIZE_ACROSS_TAPS,
  RESIZE_ACROSS_PIXELS,
  PICTURE_SLACK,
  JPEG_COMPONENTS,
  JPEG_FRAME_BYTES,
  RESIZE_BYTES,
} = constants;

export const {
  activation: activationCodes,
  padding: paddingCodes,
  warp: warpCodes,
  colour: colourCodes,
  elementLoss: elementLossCodes,
  stream: streams,
} = enums;
