/**
 * What the compiler makes: instructions over tensors, and where each tensor lies. Plain data, so that it can be posted
 * to a worker thread.
 */
import type { Answer, NodeId } from '../graph/document.ts';
import type { FieldType } from '../layers/fieldType.ts';
import { type InstructionName, instructions, type Operands } from '../layers/instructions.ts';
import type { Weight } from '../layers/layer.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Shape } from '../layers/shape.ts';

/** An instruction by its name, which determines the type of its operands. */
export type InstructionOf<N extends InstructionName> = {
  [K in N]: { readonly name: K; readonly operands: Readonly<Operands<K, Tensor>> };
}[N];

export type Instruction = InstructionOf<InstructionName>;

export type Operand = Tensor | number | null;

/** One operand field of an instruction, from the instruction table. */
export interface InstructionField {
  readonly field: string;
  readonly type: FieldType;
  readonly isTensor: boolean;
  /** Whether it is an output. Some outputs are also read, e.g. where `accumulate` is 1. */
  readonly isWritten: boolean;
}

/** Computed once, as they are needed for every instruction. */
const fields = new Map<InstructionName, readonly InstructionField[]>(
  Object.entries<Readonly<Record<string, FieldType>>>(instructions).map(([name, types]) => [
    name as InstructionName,
    Object.entries(types).map(([field, type]) => ({
      field,
      type,
      isTensor: type !== 'int' && type !== 'float',
      isWritten: /out/.test(type),
    })),
  ]),
);

/** In the order in which they are encoded. */
export const fieldsOf = ({ name }: Instruction): readonly InstructionField[] => fields.get(name)!;

/** An operand by its field name, where the instruction's type is not known. */
export const operandOf = (instruction: Instruction, field: string): Operand | undefined =>
  (instruction.operands as Readonly<Record<string, Operand | undefined>>)[field];

/** A field that is a tensor, and that tensor. */
export interface TensorUse extends InstructionField {
  readonly tensor: Tensor;
}

/** The tensors that an instruction uses, without absent optional ones. */
export function tensorsOf(instruction: Instruction): TensorUse[] {
  const uses: TensorUse[] = [];
  for (const each of fieldsOf(instruction)) {
    if (!each.isTensor) continue;
    const tensor = operandOf(instruction, each.field) as Tensor | null;
    const { field, type, isWritten } = each;
    if (tensor) uses.push({ field, type, isTensor: true, isWritten, tensor });
  }
  return uses;
}

export const isTensor = (operand: unknown): operand is Tensor =>
  typeof operand === 'object' && operand !== null;

/** The same instruction with each tensor replaced by what `change` returns. */
export function withTensors(instruction: Instruction, change: (tensor: Tensor) => Tensor): Instruction {
  const operands = Object.entries<Operand>(instruction.operands).map(([field, operand]) => [
    field,
    isTensor(operand) ? change(operand) : operand,
  ]);
  return { ...instruction, operands: Object.fromEntries(operands) } as Instruction;
}

/** A weight with its gradient and optimizer state, under its PyTorch name: `conv1.weight`. */
export interface Parameter {
  readonly name: string;
  readonly weight: Weight;
  readonly tensor: Tensor;
  /** Null in a model that is compiled for evaluation alone. */
  readonly gradient: Tensor | null;
  /** The sum of gradients over the runs of one update; null where an update is one run. */
  readonly accumulated: Tensor | null;
  /** Whether weight decay and L1 apply. */
  readonly decays: boolean;
  /**
   * Partial sums of squares of the last measured update, as measureUpdate writes them; null where updates are not
   * measured.
   */
  readonly squares: Tensor | null;
  /** Optimizer state: `momentum_buffer` …, and `ema`, the moving average of the weight. */
  readonly slots: Readonly<Record<string, Tensor>>;
}

/**
 * `accumulate` is `train` without the update: what it learns is kept for the update of a later `train`. `watch` is
 * `train` that also looks at how many units are alive. `features` is what the others begin with, where they begin behind
 * what does not learn.
 */
export const programNames = ['accumulate', 'train', 'watch', 'evaluate', 'features'] as const;

export type ProgramName = (typeof programNames)[number];

export function forEachProgram<T>(make: (name: ProgramName) => T): Record<ProgramName, T> {
  return Object.fromEntries(programNames.map(name => [name, make(name)])) as Record<ProgramName, T>;
}

/** Where a network answers. */
export interface ModelHead {
  readonly node: NodeId;
  readonly answer: Answer;
  readonly shape: Shape;
  /** The output by program: `batch × height × width × channels`, or `batch × features`. */
  readonly outputs: Readonly<Record<ProgramName, Tensor | null>>;
  /** int32 classes, one for each image or pixel, or a box of four reals for each image. */
  readonly targets: Tensor;
  /** The class of the highest score for each image or pixel; null for boxes. */
  readonly predictions: Tensor | null;
  /** A metric for each image: 1 for the right class else 0, the share of right pixels, or the IoU of boxes. */
  readonly scores: Tensor;
}

/** What flows out of the last node that all programs but `features` would compute alike: they begin behind it. */
export interface Features {
  readonly node: NodeId;
  /** Of one image. */
  readonly shape: Shape;
  /** `batch × height × width × channels`, or `batch × features`. */
  readonly tensor: Tensor;
}

/** How many units of a layer that cuts off below zero are above it. */
export interface Activity {
  readonly node: NodeId;
  /** Of each channel the share of places. */
  readonly active: Tensor;
  /** Whether `features` leaves it, and not the program that runs behind it. */
  readonly isBefore: boolean;
}

/** A tensor of given numbers. */
export interface Constant {
  readonly tensor: Tensor;
  readonly values: readonly number[];
}

export interface Model {
  /** The largest batch that it can run. */
  readonly batch: number;
  /** Bytes of a `real`: 4 on the fast backends, 8 on the reference. */
  readonly realBytes: 4 | 8;
  readonly parameters: readonly Parameter[];
  /** Input images, `batch × height × width × channels`: bytes, or normalised reals. */
  readonly images: Tensor;
  /** Where images and masks of the next batch are staged; missing without prefetching. */
  readonly staged?: { readonly images: Tensor; readonly masks: Tensor | null };
  /** What the host fills in, or has `features` compute, before any other program runs; missing where they begin with the images. */
  readonly features?: Features;
  /** Where each image stands in the dataset: what its random numbers depend on. */
  readonly indices: Tensor;
  readonly heads: readonly ModelHead[];
  /** The loss of each image. */
  readonly losses: Tensor;
  readonly constants: readonly Constant[];
  /** Of each layer that cuts off below zero; left by `watch`. */
  readonly activity: readonly Activity[];
  /** What flows out of every node of the training program, in topological order; empty where they are not kept. */
  readonly outputsOfNodes: readonly { readonly node: NodeId; readonly tensor: Tensor }[];
  /** Per channel: `normalised = byte * scale + shift`. Null where reals enter. */
  readonly normalization: { readonly scale: Tensor; readonly shift: Tensor } | null;
  /** The programs before encoding, for profiles and tests. */
  readonly instructions: Readonly<Record<ProgramName, readonly Instruction[]>>;
  /** The encoded programs; null for those that were not asked for. */
  readonly programs: Readonly<Record<ProgramName, Int32Array | null>>;
  /** The line at which each tensor begins, by its id, counted from the start of the memory. */
  readonly lines: Int32Array;
  /** The end of programs and tensors, in bytes; the threads' stacks and scratch follow. */
  readonly end: number;
  readonly sizes: { readonly weights: number; readonly optimizer: number; readonly activations: number };
}

/**
 * A document that cannot be compiled. Mostly inference or the caller reports the cause before; some only a layer knows.
 */
export class CompileError extends Error {
  override readonly name = 'CompileError';
  /** Set where a layer refuses; stable, kebab-case: `batch-norm-with-one-value`. */
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
