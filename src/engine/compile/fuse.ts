/**
 * Joins what one pass over memory can compute: behind a convolution a normalisation by given statistics, a sum with a
 * shortcut, and a cut (ReLU, ReLU6, LeakyReLU); behind a normalisation by the batch's a sum, and the cut both ways;
 * what flows back through a maximum and the ReLU before it. What would stand in between is never stored. It refuses
 * where anybody else reads that.
 */
import { type FieldType, instructions as table } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Tensors } from './lower.ts';
import type { Instruction } from './program.ts';

type Operands = Instruction['operands'];

const writes = ({ name, operands }: Instruction, tensor: Tensor) =>
  Object.entries<FieldType>(table[name]).some(
    ([field, type]) => /out/.test(type) && operands[field] === tensor,
  );

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
      for (const operand of new Set(Object.values(instruction.operands))) {
        if (operand === null || typeof operand !== 'object') continue;
        const known = this.#users.get(operand);
        if (known) known.push(instruction);
        else this.#users.set(operand, [instruction]);
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
    const writers = this.usersOf(tensor).filter(user => writes(user, tensor));
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

const withOperands = (instruction: Instruction, operands: Operands): Instruction => ({
  ...instruction,
  operands: { ...instruction.operands, ...operands },
});

/** What a convolution writes, as kernels/epilogue.h puts it; null of what is none. */
function convolved({ name, operands }: Instruction): 'y' | 'dx' | null {
  if (operands.accumulate !== 0) return null;
  if (name === 'conv2dForward' || name === 'winogradForward') return 'y';
  return name === 'conv2dBackwardInput' || name === 'winogradBackwardInput' ? 'dx' : null;
}

/** The one that reads what an instruction writes, if there is no other. */
function onlyReader(joining: Joining, instruction: Instruction, result: string): Instruction | undefined {
  const others = joining.others(instruction.operands[result] as Tensor, instruction);
  return others?.length === 1 ? others[0] : undefined;
}

/** A normalisation whose statistics are known beforehand scales and shifts what a convolution found. */
function joinNorms(joining: Joining, instructions: readonly Instruction[], tensors: Tensors): void {
  for (const convolution of instructions) {
    const result = convolved(convolution);
    const norm = result && onlyReader(joining, convolution, result);
    if (!result || norm?.name !== 'batchNormForward') continue;
    const { mean, variance, weight, bias, y, channels, eps } = norm.operands as Operands & { y: Tensor };
    const folded = (part: string) => tensors.make(`${y.name}.${part}`, 'real', channels as number);
    const [scale, shift] = [folded('scale'), folded('shift')];
    const statistics = { mean: mean!, variance: variance!, weight: weight!, bias: bias! };
    const operands = {
      ...statistics,
      before: convolution.operands.bias!,
      scale,
      shift,
      channels: channels!,
      eps: eps!,
    };
    joining.replace(
      convolution,
      { name: 'foldNorm', operands },
      withOperands(convolution, { scale, bias: shift, [result]: y }),
    );
    joining.replace(norm);
  }
}

/** What a convolution or a normalisation writes. */
const made = (instruction: Instruction) =>
  convolved(instruction) ?? (instruction.name === 'batchNormForward' ? 'y' : null);

/** The later of two that are added adds the other on its way out. */
function joinSums(joining: Joining, instructions: readonly Instruction[]): void {
  const sums = new Set<Instruction>();
  for (const before of instructions.toReversed()) {
    const result = made(before);
    const sum = result && onlyReader(joining, before, result);
    if (!result || sum?.name !== 'addForward' || sums.has(sum)) continue;
    const { a, b, y } = sum.operands;
    const addend = (before.operands[result] === a ? b : a) as Tensor;
    if (a === b || !joining.isThereBefore(addend, before)) continue;
    sums.add(sum);
    joining.replace(before, withOperands(before, { addend, [result]: y! }));
    joining.replace(sum);
  }
}

/** The functions of kernels/activation.c that are cuts. */
const [RELU6, LEAKY_RELU] = [0, 1];

interface Cut {
  readonly slope: number;
  readonly ceiling: number;
}

/** @returns null where it is none, or one that cannot be found from its output */
function cutOf({ name, operands }: Instruction): Cut | null {
  if (name === 'reluForward') return { slope: 0, ceiling: Number.POSITIVE_INFINITY };
  if (name !== 'activationForward') return null;
  if (operands.function === RELU6) return { slope: 0, ceiling: 6 };
  const slope = operands.alpha as number;
  return operands.function === LEAKY_RELU && slope > 0 ? { slope, ceiling: Number.POSITIVE_INFINITY } : null;
}

/** A cut and what flows back through it: the slope is found from what came out. */
function joinCuts(joining: Joining, instructions: readonly Instruction[]): void {
  for (const before of instructions) {
    const result = made(before);
    if (!result) continue;
    const between = before.operands[result] as Tensor;
    const others = joining.others(between, before);
    const [cut, backward] = others ?? [];
    const found = cut && cutOf(cut);
    const isItsOwn = backward?.name === 'activationBackward' && backward.operands.kept === between;
    if (!found || others!.length > (isItsOwn ? 2 : 1)) continue;
    const y = cut.operands.y as Tensor;
    if (before.name === 'batchNormForward') {
      if (found.slope !== 0) continue;
      joining.replace(before, withOperands(before, { y, ceiling: found.ceiling }));
      // Behind a shortcut's sum its input does not tell what was cut.
      if (before.operands.addend === null) joinNormBackward(joining, before, cut, found.ceiling);
    } else joining.replace(before, withOperands(before, { [result]: y, ...found }));
    if (isItsOwn) joining.replace(backward, withOperands(backward, { kept: y }));
    joining.replace(cut);
  }
}

/** What flows back through the cut behind a normalisation by the batch's statistics, which finds it from its input. */
function joinNormBackward(joining: Joining, norm: Instruction, cut: Instruction, ceiling: number): void {
  const y = cut.operands.y as Tensor;
  const isBackward = ({ name, operands }: Instruction) =>
    (name === 'reluBackward' && operands.y === y) || (name === 'activationBackward' && operands.kept === y);
  const backward = joining.usersOf(y).find(isBackward);
  if (backward?.operands.accumulate !== 0) return;
  const gradient = backward.operands.dx as Tensor;
  const readers = joining.others(gradient, backward);
  const isOwn = ({ name, operands }: Instruction) =>
    (name === 'batchNormBackwardStatistics' || name === 'batchNormBackwardInput') &&
    operands.dy === gradient &&
    operands.dx !== gradient &&
    operands.x === norm.operands.x;
  if (!readers?.every(isOwn)) return;
  joining.replace(backward);
  const dy = backward.operands.dy!;
  for (const reader of readers) joining.replace(reader, withOperands(reader, { dy, ceiling }));
}

/** A maximum remembers only places above zero, where a ReLU lets the gradient through. */
function joinPools(joining: Joining, instructions: readonly Instruction[]): void {
  for (const backward of instructions) {
    if (backward.name !== 'maxPool2dBackward' || backward.operands.accumulate !== 0) continue;
    const relu = onlyReader(joining, backward, 'dx');
    if (relu?.name !== 'reluBackward' || relu.operands.accumulate !== 0) continue;
    const pool = joining.usersOf(backward.operands.argmax as Tensor).find(user => user !== backward);
    if (pool?.name !== 'maxPool2dForward' || pool.operands.x !== relu.operands.y) continue;
    joining.replace(pool, withOperands(pool, { gate: 1 }));
    joining.replace(backward, withOperands(backward, { dx: relu.operands.dx! }));
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
