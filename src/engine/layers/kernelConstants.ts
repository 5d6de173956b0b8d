/**
 * The numbers that the kernels and TypeScript share, each in this one place. scripts/build-kernels.ts writes them
 * into kernels/constants.h under the same names, and the hash of the instructions covers them
 * (compile/encode.ts), so that kernels which were built from other numbers are refused.
 */

const constants = {
  /** Kernels work on panels of this many output channels: what is a multiple of every SIMD register. */
  PANEL: 16,
  /** Addresses are counted in lines of so many bytes, so that 32 bits reach 256 GiB. */
  LINE_BYTES: 64,
  /** Stands behind the last instruction of a program, in the place of an opcode. */
  PROGRAM_END: -1,
  /**
   * What each thread has to pack numbers into: most is needed for weight gradients (GradientScratch of
   * winograd_weight.c). Whatever a kernel keeps there is compiled only if it fits (SCRATCH of kernels.h).
   */
  SCRATCH_BYTES: 74 * 65_536,

  /** A weight's gradient is summed in blocks of so many rows and columns, each by itself (conv2d_weight.c). */
  WEIGHT_ROWS: 256,
  WEIGHT_COLUMNS: 128,
  /** So many windows, and so many numbers of each, are packed at a time (conv2d.c). */
  BLOCK_PIXELS: 64,
  BLOCK_DEPTH: 256,
  /** Output pixels on each side of a tile of Winograd's F(4×4, 3×3), and the products that such a tile takes. */
  WINOGRAD_TILE: 4,
  WINOGRAD_POINTS: 36,
  /**
   * Numbers that are left free between those of two points: off the powers of two, whose lines would fall onto each
   * other in the cache.
   */
  WINOGRAD_APART: 16,
  /** The gradient of a weight by Winograd: at most so many of its channels at a time, summed over so many tiles. */
  WINOGRAD_GRADIENT_BLOCK: 128,
  WINOGRAD_CHUNK_TILES: 64,

  /** Pixels on each side of the largest window that a blur may have. */
  BLUR_WINDOW: 31,

  /** Of Philox4x32-10, by its authors. */
  PHILOX_MULTIPLIER_0: 0xd2511f53,
  PHILOX_MULTIPLIER_1: 0xcd9e8d57,
  PHILOX_WEYL_0: 0x9e3779b9,
  PHILOX_WEYL_1: 0xbb67ae85,
  PHILOX_ROUNDS: 10,

  /** Bits behind the point of the weights that a picture is resized by. */
  RESIZE_WEIGHT_BITS: 14,
  /** As many rows as one may be made of. */
  RESIZE_MOST_TAPS: 128,
  /** Taps and pixels are taken so many at a time. */
  RESIZE_DOWN_TAPS: 2,
  RESIZE_ACROSS_TAPS: 8,
  RESIZE_ACROSS_PIXELS: 4,
  /** Bytes behind each place that the pictures' kernels may read or write along with it. */
  PICTURE_SLACK: 16,
  JPEG_COMPONENTS: 3,
  /** What the pictures' kernels are told, in bytes: structs of 32-bit words, which plainJpeg.ts writes. */
  JPEG_FRAME_BYTES: 112,
  RESIZE_BYTES: 64,
} as const;

/** What an operand means that chooses one of several ways. In C each has its enum's name before its own. */
const enums = {
  /** Functions of each element by itself (activation.c). */
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
  /** What pixels are added around an image (pad2d.c). */
  padding: { zeros: 0, reflect: 1, replicate: 2, circular: 3 },
  /** How pixels move (warp.c), and what the operands a, b, c, d are. */
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
    /** a, b: the smallest and the largest share of the area; c, d: the narrowest and the widest ratio. */
    resizedCrop: 5,
  },
  /** How colours change (colour.c). */
  colour: { brightness: 0, contrast: 1, saturation: 2, hue: 3 },
  /** Losses of each number by itself (element_loss.c). */
  elementLoss: { binary: 0, squared: 1, smoothL1: 2 },
  /** What a stream of random numbers is for; numbers of different streams have nothing to do with each other. */
  stream: { initialisation: 1, order: 2, layers: 3, augmentations: 4 },
} as const;

/** The words of the control block, in their order: what a run depends on, and how its threads meet. */
const controlBlock = {
  /** Rises with each run that the pool is asked for. */
  generation: 'int',
  /** What the pool's threads are to do (`commands` in runtime/memory.ts). */
  command: 'int',
  /** Byte offset of the first instruction. */
  program: 'int',
  /** Images in this run, at most what the program was compiled for. */
  batch: 'int',
  learningRate: 'float',
  /** Of the run: what random numbers depend on. */
  seed: 'unsigned',
  step: 'unsigned',
  /** How many updates the weights have had with this one, from 1 on. */
  update: 'int',
  /** Counts from 0. */
  epoch: 'int',
  /** Images that this update learns from, those of other runs included. */
  total: 'int',
  /** Barrier: threads that wait. */
  arrived: 'int',
  /** Barrier: rises when all have arrived. */
  phase: 'int',
  /** Barrier: threads that sleep rather than spin. */
  sleepers: 'int',
  /** The next task of an instruction: of this one and of the one after it, by turns. */
  evenTasks: 'int',
  oddTasks: 'int',
  /** 1: the loss is no number; the rest of the program was left out. */
  halted: 'int',
} as const satisfies Record<string, 'int' | 'unsigned' | 'float'>;

export type ControlWord = keyof typeof controlBlock;

/** All of it, for what writes and hashes it. */
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
