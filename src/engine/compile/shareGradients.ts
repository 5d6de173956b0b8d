/**
 * Lets gradients share memory. The backward pass of Add only copies a gradient, and is left out where both sides can
 * use one tensor; elementwise backward passes (activations, dropout) write in place where dy is not needed afterwards.
 */
import type { Tensor } from '../layers/lowering.ts';
import { type Instruction, type InstructionOf, tensorsOf, withTensors } from './program.ts';

/** Each element of dx depends on the same element of dy alone, so that they can write in place. */
const elementwise = ['reluBackward', 'activationBackward', 'dropoutBackward'] as const;

type Elementwise = InstructionOf<(typeof elementwise)[number]>;

export const isElementwise = (instruction: Instruction): instruction is Elementwise =>
  (elementwise as readonly string[]).includes(instruction.name);

/** The indices of the instructions that read or write a tensor, ascending. */
interface Uses {
  readonly all: number[];
  readonly writes: number[];
}

function usesIn(instructions: readonly Instruction[]): Map<Tensor, Uses> {
  const uses = new Map<Tensor, Uses>();
  for (const [place, instruction] of instructions.entries())
    for (const { tensor, isWritten } of tensorsOf(instruction)) {
      const known = uses.get(tensor) ?? { all: [], writes: [] };
      uses.set(tensor, known);
      if (known.all.at(-1) !== place) known.all.push(place);
      if (isWritten) known.writes.push(place);
    }
  return uses;
}

const ascending = (a: readonly number[], b: readonly number[]) => [...a, ...b].sort((x, y) => x - y);

/** Whether the last use of `one` comes before the next write to `other` after an instruction. */
const endsBefore = (one: Uses, other: Uses, place: number) =>
  one.all.at(-1)! < (other.writes.find(write => write > place) ?? Number.POSITIVE_INFINITY);

/** @param kept tensors that the host reads after the run. @returns the program with fewer tensors */
export function shareGradients(
  instructions: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
): Instruction[] {
  const uses = usesIn(instructions);
  const shared = new Map<Tensor, Tensor>();
  const resolve = (tensor: Tensor) => shared.get(tensor) ?? tensor;
  const dropped = new Set<number>();
  for (const [place, instruction] of instructions.entries()) {
    const isCopy = instruction.name === 'copyBackward';
    if (!(isCopy || isElementwise(instruction)) || instruction.operands.accumulate !== 0) continue;
    const { dx } = instruction.operands;
    const dy = resolve(instruction.operands.dy);
    if (kept.has(dy) || kept.has(dx) || dy.count !== dx.count || uses.get(dx)!.all[0] !== place) continue;
    const [from, to] = [uses.get(dy)!, uses.get(dx)!];
    if (isCopy ? !endsBefore(from, to, place) || !endsBefore(to, from, place) : from.all.at(-1) !== place)
      continue;
    if (isCopy) dropped.add(place);
    // Of the uses before this instruction only the first is still needed. Without dropping the rest, a gradient that
    // a thousand layers share would collect a list of thousands.
    const all = ascending(from.all, to.all).filter(each => !dropped.has(each));
    const writes = ascending(from.writes, to.writes);
    uses.set(dy, {
      all: all.filter((each, i) => i === 0 || each >= place),
      writes: writes.filter(each => each >= place && !dropped.has(each)),
    });
    shared.set(dx, dy);
  }
  return instructions.flatMap((instruction, place) =>
    dropped.has(place) ? [] : [withTensors(instruction, resolve)],
  );
}
