/**
 * What the compiler makes: instructions over tensors, and where each tensor lies. Data only, so that it can be
 * sent to a thread as it is.
 */
import type { InstructionName } from '../layers/instructions.ts';
import type { Weight } from '../layers/layer.ts';
import type { Tensor } from '../layers/lowering.ts';

/** Addresses are counted in lines, so that 32 bits reach 256 GiB. */
export const LINE_BYTES = 64;

export interface Instruction {
  readonly name: InstructionName;
  readonly operands: Readonly<Record<string, Tensor | number | null>>;
}

/** A learned tensor with what belongs to it, under its PyTorch name: `conv1.weight`. */
export interface Parameter {
  readonly name: string;
  readonly weight: Weight;
  readonly tensor: Tensor;
  /** Null in a model that is compiled for evaluation alone. */
  readonly gradient: Tensor | null;
  /** What the optimizer keeps: `momentum_buffer`. */
  readonly slots: Readonly<Record<string, Tensor>>;
}

export type ProgramName = 'train' | 'evaluate';

export interface Model {
  /** The largest batch it can run. */
  readonly batch: number;
  /** Bytes of a `real`: 4 on the fast backends, 8 on the reference. */
  readonly realBytes: 4 | 8;
  readonly parameters: readonly Parameter[];
  /** What enters: bytes, or reals that are normalised already. `batch × height × width × channels`. */
  readonly images: Tensor;
  /** One int32 class per image. */
  readonly targets: Tensor;
  /** What leaves, per program: `batch × classes`. */
  readonly outputs: Readonly<Record<ProgramName, Tensor | null>>;
  /** Loss of each image. */
  readonly losses: Tensor;
  /** The best class of each image. */
  readonly predictions: Tensor;
  /** Per channel: `normalised = byte * scale + shift`. Null where reals enter. */
  readonly normalization: { readonly scale: Tensor; readonly shift: Tensor } | null;
  /** Encoded instructions; null for a program that was not asked for. */
  readonly programs: Readonly<Record<ProgramName, Int32Array | null>>;
  /** Where each tensor lies, in lines from the start of the memory, by its id. */
  readonly lines: Int32Array;
  /** Where the threads' stacks and scratch may begin, in bytes: behind programs and tensors. */
  readonly end: number;
  readonly sizes: { readonly weights: number; readonly optimizer: number; readonly activations: number };
}

/** A document that cannot be compiled: inference or the caller should have said so before, or a layer says it. */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  /** Stable, kebab-case, where a layer refuses: `batch-norm-with-one-value`. */
  readonly code: string | undefined;

  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

export function tensorBytes(tensor: Tensor, realBytes: number): number {
  const elements = { real: realBytes, float64: 8, int32: 4, uint8: 1 };
  return tensor.count * elements[tensor.type];
}
