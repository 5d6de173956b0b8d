/**
 * What the compiler makes: instructions over tensors, and where each tensor lies. Data only, so that it can be
 * sent to a thread as it is.
 */
import type { Answer, NodeId } from '../graph/document.ts';
import type { FieldType } from '../layers/fieldType.ts';
import { type InstructionName, instructions, type Operands } from '../layers/instructions.ts';
import type { Weight } from '../layers/layer.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Shape } from '../layers/shape.ts';

/** One of some instructions: its name says which, and so what its operands are. */
export type InstructionOf<N extends InstructionName> = {
  [K in N]: { readonly name: K; readonly operands: Readonly<Operands<K, Tensor>> };
}[N];

export type Instruction = InstructionOf<InstructionName>;

export type Operand = Tensor | number | null;

/** A field of an instruction, as the table has it. */
export interface InstructionField {
  readonly field: string;
  readonly type: FieldType;
  readonly isTensor: boolean;
  /** Of some, what they hold is also read, of others only where they accumulate. */
  readonly isWritten: boolean;
}

/** Found once: they are asked for at every instruction of every program. */
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

/** In the order of the words that it is encoded in. */
export const fieldsOf = ({ name }: Instruction): readonly InstructionField[] => fields.get(name)!;

/** The operand of a field, of whatever instruction. */
export const operandOf = (instruction: Instruction, field: string): Operand | undefined =>
  (instruction.operands as Readonly<Record<string, Operand | undefined>>)[field];

/** A field that is a tensor, and that tensor. */
export interface TensorUse extends InstructionField {
  readonly tensor: Tensor;
}

/** The tensors that an instruction works on; what is absent is left out. */
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

/** The same instruction on other tensors. */
export function withTensors(instruction: Instruction, change: (tensor: Tensor) => Tensor): Instruction {
  const operands = Object.entries<Operand>(instruction.operands).map(([field, operand]) => [
    field,
    isTensor(operand) ? change(operand) : operand,
  ]);
  return { ...instruction, operands: Object.fromEntries(operands) } as Instruction;
}

/** A learned tensor with what belongs to it, under its PyTorch name: `conv1.weight`. */
export interface Parameter {
  readonly name: string;
  readonly weight: Weight;
  readonly tensor: Tensor;
  /** Null in a model that is compiled for evaluation alone. */
  readonly gradient: Tensor | null;
  /** Where the gradients of several runs are added up for one update; null where one run is all. */
  readonly accumulated: Tensor | null;
  /** Whether weight decay and L1 are for it. */
  readonly decays: boolean;
  /** Of the last update that was watched: sums of squares, as measureUpdate leaves them; null where none is watched. */
  readonly squares: Tensor | null;
  /** What is kept from update to update: `momentum_buffer`, and `ema`, the average of the weight itself. */
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
  /** What leaves, per program: `batch × height × width × channels`, or `batch × features`. */
  readonly outputs: Readonly<Record<ProgramName, Tensor | null>>;
  /** What is true: an int32 class for each image or pixel, or four reals. */
  readonly targets: Tensor;
  /** The best class of each image or pixel; null of a box. */
  readonly predictions: Tensor | null;
  /** How well each image was answered: right or not, the share of right pixels, the overlap of the boxes. */
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
  /** The largest batch it can run. */
  readonly batch: number;
  /** Bytes of a `real`: 4 on the fast backends, 8 on the reference. */
  readonly realBytes: 4 | 8;
  readonly parameters: readonly Parameter[];
  /** What enters: bytes, or reals that are normalised already. `batch × height × width × channels`. */
  readonly images: Tensor;
  /** Where the images and masks of the next batch are read to; missing where nothing is read ahead. */
  readonly staged?: { readonly images: Tensor; readonly masks: Tensor | null };
  /** What the host fills in, or has `features` compute, before any other program runs; missing where they begin with the images. */
  readonly features?: Features;
  /** Where each image stands in the dataset: what its random numbers depend on. */
  readonly indices: Tensor;
  readonly heads: readonly ModelHead[];
  /** Loss of each image. */
  readonly losses: Tensor;
  readonly constants: readonly Constant[];
  /** Of each layer that cuts off below zero; left by `watch`. */
  readonly activity: readonly Activity[];
  /** What flows out of every node of the training program, in topological order; empty where they are not kept. */
  readonly outputsOfNodes: readonly { readonly node: NodeId; readonly tensor: Tensor }[];
  /** Per channel: `normalised = byte * scale + shift`. Null where reals enter. */
  readonly normalization: { readonly scale: Tensor; readonly shift: Tensor } | null;
  /** What the programs were encoded from: what a profile tells of. */
  readonly instructions: Readonly<Record<ProgramName, readonly Instruction[]>>;
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
