/**
 * Operator fusion: joins instructions that one pass over memory can compute, so that values between them are never
 * stored.
 * - convolution + BatchNorm2d with running statistics + Add + ReLU, ReLU6 or LeakyReLU
 * - BatchNorm2d with batch statistics + Add + ReLU or ReLU6, and the backward passes of both
 * - MaxPool2d behind a ReLU: the two backward passes
 * Nothing is fused where another instruction or the host reads the value between.
 */
import { activationCodes } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Tensors } from './lower.ts';
import { type Instruction, type InstructionOf, tensorsOf } from './program.ts';

/** One fusion pass over a program: which instructions use each tensor, and what replaces them. */
class Fusion {
  readonly #instructions: readonly Instruction[];
  readonly #kept: ReadonlySet<Tensor>;
  readonly #users = new Map<Tensor, Instruction[]>();
  readonly #places = new Map<Instruction, number>();
  readonly #changed = new Map<Instruction, readonly Instruction[]>();

  constructor(instructions: readonly Instruction[], kept: ReadonlySet<Tensor>) {
    this.#instructions = instructions;
    this.#kept = kept;
    for (const [place, instruction] of instructions.entries()) {
      this.#places.set(instruction, place);
      for (const tensor of new Set(tensorsOf(instruction).map(use => use.tensor))) {
        const known = this.#users.get(tensor);
        if (known) known.push(instruction);
        else this.#users.set(tensor, [instruction]);
      }
    }
  }

  /** The instructions that read or write a tensor, in program order. */
  usersOf(tensor: Tensor): readonly Instruction[] {
    return this.#users.get(tensor) ?? [];
  }

  /** The users of a tensor without `exclude`; null where the host reads the tensor, too. */
  others(tensor: Tensor, exclude: Instruction): readonly Instruction[] | null {
    if (this.#kept.has(tensor)) return null;
    return this.usersOf(tensor).filter(each => each !== exclude);
  }

  /** Whether everything that writes a tensor comes before an instruction. */
  isWrittenBefore(tensor: Tensor, instruction: Instruction): boolean {
    const place = this.#places.get(instruction)!;
    const writers = this.usersOf(tensor).filter(user =>
      tensorsOf(user).some(use => use.isWritten && use.tensor === tensor),
    );
    return writers.every(writer => this.#places.get(writer)! < place);
  }

  /** Replaces an instruction by none or several; the next pass sees the result. */
  replace(instruction: Instruction, ...by: readonly Instruction[]): void {
    this.#changed.set(instruction, by);
  }

  get result(): Instruction[] {
    return this.#instructions.flatMap(each => this.#changed.get(each) ?? [each]);
  }
}

function withOperands<I extends Instruction>(instruction: I, operands: Partial<I['operands']>): I {
  return { ...instruction, operands: { ...instruction.operands, ...operands } };
}

/** The convolutions with an epilogue (kernels/epilogue.h), into which the following instructions can be fused. */
type Convolution = InstructionOf<
  'conv2dForward' | 'winogradForward' | 'conv2dBackwardInput' | 'winogradBackwardInput'
>;

type Norm = InstructionOf<'batchNormForward'>;

const convolutions: readonly string[] = [
  'conv2dForward',
  'winogradForward',
  'conv2dBackwardInput',
  'winogradBackwardInput',
] satisfies Convolution['name'][];

/** Whether it is a convolution (forward, or by the input) that overwrites its result instead of accumulating. */
const isConvolution = (instruction: Instruction): instruction is Convolution =>
  convolutions.includes(instruction.name) && (instruction as Convolution).operands.accumulate === 0;

const isNorm = (instruction: Instruction): instruction is Norm => instruction.name === 'batchNormForward';

const resultOf = ({ operands }: Convolution | Norm): Tensor => ('y' in operands ? operands.y : operands.dx);

/** The same instruction with its result in another tensor. */
function writingTo<I extends Convolution | Norm>(instruction: I, result: Tensor): I {
  const field = 'y' in instruction.operands ? 'y' : 'dx';
  return { ...instruction, operands: { ...instruction.operands, [field]: result } };
}

/** The only other user of an instruction's result; undefined where there are none or several. */
function onlyReader(fusion: Fusion, instruction: Instruction, result: Tensor): Instruction | undefined {
  const others = fusion.others(result, instruction);
  return others?.length === 1 ? others[0] : undefined;
}

/** BatchNorm2d in evaluation mode: its running statistics become a scale and a shift per channel of the convolution. */
function fuseNorms(fusion: Fusion, instructions: readonly Instruction[], tensors: Tensors): void {
  for (const convolution of instructions) {
    if (!isConvolution(convolution)) continue;
    const norm = onlyReader(fusion, convolution, resultOf(convolution));
    if (norm?.name !== 'batchNormForward') continue;
    const { mean, variance, weight, bias, y, channels, eps } = norm.operands;
    const perChannel = (part: string) => tensors.make(`${y.name}.${part}`, 'real', channels);
    const [scale, shift] = [perChannel('scale'), perChannel('shift')];
    const statistics = { mean, variance, weight, bias };
    const operands = { ...statistics, before: convolution.operands.bias, scale, shift, channels, eps };
    fusion.replace(
      convolution,
      { name: 'foldNorm', operands },
      writingTo(withOperands(convolution, { scale, bias: shift }), y),
    );
    fusion.replace(norm);
  }
}

/** Add of two values: whichever is computed last adds the other one (the shortcut) before it is stored. */
function fuseSums(fusion: Fusion, instructions: readonly Instruction[]): void {
  const sums = new Set<Instruction>();
  for (const before of instructions.toReversed()) {
    if (!isConvolution(before) && !isNorm(before)) continue;
    const result = resultOf(before);
    const sum = onlyReader(fusion, before, result);
    if (sum?.name !== 'addForward' || sums.has(sum)) continue;
    const { a, b, y } = sum.operands;
    const addend = result === a ? b : a;
    if (a === b || !fusion.isWrittenBefore(addend, before)) continue;
    sums.add(sum);
    fusion.replace(before, writingTo(withOperands(before, { addend }), y));
    fusion.replace(sum);
  }
}

/** An activation that clips: slope below zero (0 or LeakyReLU's), ceiling above (6 for ReLU6, else infinite). */
interface Cut {
  readonly slope: number;
  readonly ceiling: number;
  readonly y: Tensor;
}

/** @returns null where it is no such activation, or its derivative cannot be told from its output */
function cutOf({ name, operands }: Instruction): Cut | null {
  if (name === 'reluForward') return { slope: 0, ceiling: Number.POSITIVE_INFINITY, y: operands.y };
  if (name !== 'activationForward') return null;
  const { function: code, alpha: slope, y } = operands;
  if (code === activationCodes.relu6) return { slope: 0, ceiling: 6, y };
  const isCut = code === activationCodes.leakyRelu && slope > 0;
  return isCut ? { slope, ceiling: Number.POSITIVE_INFINITY, y } : null;
}

/** Fuses an activation into what computes its input. Its backward pass then takes the derivative from the output. */
function fuseCuts(fusion: Fusion, instructions: readonly Instruction[]): void {
  for (const before of instructions) {
    if (!isConvolution(before) && !isNorm(before)) continue;
    const between = resultOf(before);
    const others = fusion.others(between, before);
    const [cut, backward] = others ?? [];
    const found = cut && cutOf(cut);
    const isActivationBackward =
      backward?.name === 'activationBackward' && backward.operands.kept === between;
    if (!found || others!.length > (isActivationBackward ? 2 : 1)) continue;
    const { slope, ceiling, y } = found;
    if (isNorm(before)) {
      if (slope !== 0) continue;
      fusion.replace(before, withOperands(before, { y, ceiling }));
      // With a shortcut added, the normalisation's own input no longer tells which values were clipped.
      if (before.operands.addend === null) fuseNormBackward(fusion, before, found);
    } else fusion.replace(before, writingTo(withOperands(before, { slope, ceiling }), y));
    if (isActivationBackward) fusion.replace(backward, withOperands(backward, { kept: y }));
    fusion.replace(cut);
  }
}

/**
 * Fuses the activation's backward pass into that of the BatchNorm2d before it, which recomputes from its input which
 * values were clipped.
 */
function fuseNormBackward(fusion: Fusion, norm: Norm, { y, ceiling }: Cut): void {
  const isCutBackward = (user: Instruction): user is InstructionOf<'reluBackward' | 'activationBackward'> =>
    (user.name === 'reluBackward' && user.operands.y === y) ||
    (user.name === 'activationBackward' && user.operands.kept === y);
  const backward = fusion.usersOf(y).find(isCutBackward);
  if (backward?.operands.accumulate !== 0) return;
  const { dy, dx: gradient } = backward.operands;
  const isNormBackward = (reader: Instruction) =>
    (reader.name === 'batchNormBackwardStatistics' ||
      (reader.name === 'batchNormBackwardInput' && reader.operands.dx !== gradient)) &&
    reader.operands.dy === gradient &&
    reader.operands.x === norm.operands.x;
  const readers = fusion.others(gradient, backward);
  if (!readers?.every(isNormBackward)) return;
  fusion.replace(backward);
  for (const reader of readers) fusion.replace(reader, withOperands(reader, { dy, ceiling }));
}

/**
 * MaxPool2d behind a ReLU: argmax only records positive values, so that the pooling's backward pass includes ReLU's.
 */
function fusePools(fusion: Fusion, instructions: readonly Instruction[]): void {
  for (const backward of instructions) {
    if (backward.name !== 'maxPool2dBackward' || backward.operands.accumulate !== 0) continue;
    const { argmax, dx } = backward.operands;
    const relu = onlyReader(fusion, backward, dx);
    if (relu?.name !== 'reluBackward' || relu.operands.accumulate !== 0) continue;
    const pool = fusion.usersOf(argmax).find(user => user !== backward);
    if (pool?.name !== 'maxPool2dForward' || pool.operands.x !== relu.operands.y) continue;
    fusion.replace(pool, withOperands(pool, { gate: 1 }));
    fusion.replace(backward, withOperands(backward, { dx: relu.operands.dx }));
    fusion.replace(relu);
  }
}

/** @param kept tensors that the host reads after the run. @returns the fused program */
export function fuse(
  instructions: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
  tensors: Tensors,
): Instruction[] {
  const passes = [fuseNorms, fuseSums, fuseCuts, fusePools];
  return passes.reduce<Instruction[]>(
    (program, runPass) => {
      const fusion = new Fusion(program, kept);
      runPass(fusion, program, tensors);
      return fusion.result;
    },
    [...instructions],
  );
}
