/**
 * Joins what one pass over memory can compute: behind a convolution a normalisation by given statistics, a sum with a
 * shortcut, and a cut (ReLU, ReLU6, LeakyReLU); behind a normalisation by the batch's a sum, and the cut both ways;
 * what flows back through a maximum and the ReLU before it. What would stand in between is never stored. It refuses
 * where anybody else reads that.
 */
import { activationCodes } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Tensors } from './lower.ts';
import { type Instruction, type InstructionOf, tensorsOf } from './program.ts';

/** A program while instructions are joined, and who reads and writes what. */
class Joining {
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

  /** All that read or write a tensor, in their order. */
  usersOf(tensor: Tensor): readonly Instruction[] {
    return this.#users.get(tensor) ?? [];
  }

  /** All but one that read or write a tensor; null where the host looks at it, too. */
  others(tensor: Tensor, than: Instruction): readonly Instruction[] | null {
    if (this.#kept.has(tensor)) return null;
    return this.usersOf(tensor).filter(each => each !== than);
  }

  /** Whether a tensor is complete before an instruction. */
  isThereBefore(tensor: Tensor, instruction: Instruction): boolean {
    const place = this.#places.get(instruction)!;
    const writers = this.usersOf(tensor).filter(user =>
      tensorsOf(user).some(use => use.isWritten && use.tensor === tensor),
    );
    return writers.every(writer => this.#places.get(writer)! < place);
  }

  /** Puts others in an instruction's place, each of which may be joined further in the next turn. */
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

/** What kernels/epilogue.h lets more follow on. */
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

/** Whether it is a convolution, either way, that writes its result and adds to none that is there. */
const isConvolution = (instruction: Instruction): instruction is Convolution =>
  convolutions.includes(instruction.name) && (instruction as Convolution).operands.accumulate === 0;

const isNorm = (instruction: Instruction): instruction is Norm => instruction.name === 'batchNormForward';

const resultOf = ({ operands }: Convolution | Norm): Tensor => ('y' in operands ? operands.y : operands.dx);

/** The same with its result in another tensor. */
function writingTo<I extends Convolution | Norm>(instruction: I, result: Tensor): I {
  const field = 'y' in instruction.operands ? 'y' : 'dx';
  return { ...instruction, operands: { ...instruction.operands, [field]: result } };
}

/** The one that reads what an instruction writes, if there is no other. */
function onlyReader(joining: Joining, instruction: Instruction, result: Tensor): Instruction | undefined {
  const others = joining.others(result, instruction);
  return others?.length === 1 ? others[0] : undefined;
}

/** A normalisation whose statistics are known beforehand scales and shifts what a convolution found. */
function joinNorms(joining: Joining, instructions: readonly Instruction[], tensors: Tensors): void {
  for (const convolution of instructions) {
    if (!isConvolution(convolution)) continue;
    const norm = onlyReader(joining, convolution, resultOf(convolution));
    if (norm?.name !== 'batchNormForward') continue;
    const { mean, variance, weight, bias, y, channels, eps } = norm.operands;
    const folded = (part: string) => tensors.make(`${y.name}.${part}`, 'real', channels);
    const [scale, shift] = [folded('scale'), folded('shift')];
    const statistics = { mean, variance, weight, bias };
    const operands = { ...statistics, before: convolution.operands.bias, scale, shift, channels, eps };
    joining.replace(
      convolution,
      { name: 'foldNorm', operands },
      writingTo(withOperands(convolution, { scale, bias: shift }), y),
    );
    joining.replace(norm);
  }
}

/** The later of two that are added adds the other on its way out. */
function joinSums(joining: Joining, instructions: readonly Instruction[]): void {
  const sums = new Set<Instruction>();
  for (const before of instructions.toReversed()) {
    if (!isConvolution(before) && !isNorm(before)) continue;
    const result = resultOf(before);
    const sum = onlyReader(joining, before, result);
    if (sum?.name !== 'addForward' || sums.has(sum)) continue;
    const { a, b, y } = sum.operands;
    const addend = result === a ? b : a;
    if (a === b || !joining.isThereBefore(addend, before)) continue;
    sums.add(sum);
    joining.replace(before, writingTo(withOperands(before, { addend }), y));
    joining.replace(sum);
  }
}

/** A function that cuts numbers off, and what it writes. */
interface Cut {
  readonly slope: number;
  readonly ceiling: number;
  readonly y: Tensor;
}

/** @returns null where it is none, or one that cannot be found from its output */
function cutOf({ name, operands }: Instruction): Cut | null {
  if (name === 'reluForward') return { slope: 0, ceiling: Number.POSITIVE_INFINITY, y: operands.y };
  if (name !== 'activationForward') return null;
  const { function: code, alpha: slope, y } = operands;
  if (code === activationCodes.relu6) return { slope: 0, ceiling: 6, y };
  const isCut = code === activationCodes.leakyRelu && slope > 0;
  return isCut ? { slope, ceiling: Number.POSITIVE_INFINITY, y } : null;
}

/** A cut and what flows back through it: the slope is found from what came out. */
function joinCuts(joining: Joining, instructions: readonly Instruction[]): void {
  for (const before of instructions) {
    if (!isConvolution(before) && !isNorm(before)) continue;
    const between = resultOf(before);
    const others = joining.others(between, before);
    const [cut, backward] = others ?? [];
    const found = cut && cutOf(cut);
    const isItsOwn = backward?.name === 'activationBackward' && backward.operands.kept === between;
    if (!found || others!.length > (isItsOwn ? 2 : 1)) continue;
    const { slope, ceiling, y } = found;
    if (isNorm(before)) {
      if (slope !== 0) continue;
      joining.replace(before, withOperands(before, { y, ceiling }));
      // Behind a shortcut's sum its input does not tell what was cut.
      if (before.operands.addend === null) joinNormBackward(joining, before, found);
    } else joining.replace(before, writingTo(withOperands(before, { slope, ceiling }), y));
    if (isItsOwn) joining.replace(backward, withOperands(backward, { kept: y }));
    joining.replace(cut);
  }
}

/** What flows back through the cut behind a normalisation by the batch's statistics, which finds it from its input. */
function joinNormBackward(joining: Joining, norm: Norm, { y, ceiling }: Cut): void {
  const isBackward = (user: Instruction): user is InstructionOf<'reluBackward' | 'activationBackward'> =>
    (user.name === 'reluBackward' && user.operands.y === y) ||
    (user.name === 'activationBackward' && user.operands.kept === y);
  const backward = joining.usersOf(y).find(isBackward);
  if (backward?.operands.accumulate !== 0) return;
  const { dy, dx: gradient } = backward.operands;
  const isOwn = (reader: Instruction) =>
    (reader.name === 'batchNormBackwardStatistics' ||
      (reader.name === 'batchNormBackwardInput' && reader.operands.dx !== gradient)) &&
    reader.operands.dy === gradient &&
    reader.operands.x === norm.operands.x;
  const readers = joining.others(gradient, backward);
  if (!readers?.every(isOwn)) return;
  joining.replace(backward);
  for (const reader of readers) joining.replace(reader, withOperands(reader, { dy, ceiling }));
}

/** A maximum remembers only places above zero, where a ReLU lets the gradient through. */
function joinPools(joining: Joining, instructions: readonly Instruction[]): void {
  for (const backward of instructions) {
    if (backward.name !== 'maxPool2dBackward' || backward.operands.accumulate !== 0) continue;
    const { argmax, dx } = backward.operands;
    const relu = onlyReader(joining, backward, dx);
    if (relu?.name !== 'reluBackward' || relu.operands.accumulate !== 0) continue;
    const pool = joining.usersOf(argmax).find(user => user !== backward);
    if (pool?.name !== 'maxPool2dForward' || pool.operands.x !== relu.operands.y) continue;
    joining.replace(pool, withOperands(pool, { gate: 1 }));
    joining.replace(backward, withOperands(backward, { dx: relu.operands.dx }));
    joining.replace(relu);
  }
}

/** @param kept tensors that a host reads after the run. @returns the same program with less to do */
export function fuse(
  instructions: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
  tensors: Tensors,
): Instruction[] {
  const turns = [joinNorms, joinSums, joinCuts, joinPools];
  return turns.reduce<Instruction[]>(
    (program, join) => {
      const joining = new Joining(program, kept);
      join(joining, program, tensors);
      return joining.result;
    },
    [...instructions],
  );
}
