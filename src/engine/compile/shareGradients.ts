/**
 * Gradients that take no place of their own. What only passes a gradient on (the sum's backward pass) goes away, and
 * what changes each number of one by itself (an activation's) writes where it reads, wherever the gradient as it was
 * is no longer wanted.
 */
import type { Tensor } from '../layers/lowering.ts';
import { type Instruction, type InstructionOf, tensorsOf, withTensors } from './program.ts';

/** Of these each number of dx depends on the same number of dy alone: they may write where they read. */
const elementwise = ['reluBackward', 'activationBackward', 'dropoutBackward'] as const;

type Elementwise = InstructionOf<(typeof elementwise)[number]>;

export const isElementwise = (instruction: Instruction): instruction is Elementwise =>
  (elementwise as readonly string[]).includes(instruction.name);

/** Where a tensor is read or written: places in the program, ascending. */
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

/** Whether a tensor is used no more when the other is next written, after a place. */
const endsBefore = (one: Uses, other: Uses, place: number) =>
  one.all.at(-1)! < (other.writes.find(write => write > place) ?? Number.POSITIVE_INFINITY);

/** @param kept tensors that a host reads after the run. @returns the same program over fewer tensors */
export function shareGradients(
  instructions: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
): Instruction[] {
  const uses = usesIn(instructions);
  const shared = new Map<Tensor, Tensor>();
  const now = (tensor: Tensor) => shared.get(tensor) ?? tensor;
  const dropped = new Set<number>();
  for (const [place, instruction] of instructions.entries()) {
    const isCopy = instruction.name === 'copyBackward';
    if (!(isCopy || isElementwise(instruction)) || instruction.operands.accumulate !== 0) continue;
    const { dx } = instruction.operands;
    const dy = now(instruction.operands.dy);
    if (kept.has(dy) || kept.has(dx) || dy.count !== dx.count || uses.get(dx)!.all[0] !== place) continue;
    const [from, to] = [uses.get(dy)!, uses.get(dx)!];
    if (isCopy ? !endsBefore(from, to, place) || !endsBefore(to, from, place) : from.all.at(-1) !== place)
      continue;
    if (isCopy) dropped.add(place);
    // Of what lies behind, only where a tensor is first used is asked for again: a gradient that a thousand layers
    // share would else bring a thousand places along.
    const all = ascending(from.all, to.all).filter(each => !dropped.has(each));
    const writes = ascending(from.writes, to.writes);
    uses.set(dy, {
      all: all.filter((each, i) => i === 0 || each >= place),
      writes: writes.filter(each => each >= place && !dropped.has(each)),
    });
    shared.set(dx, dy);
  }
  return instructions.flatMap((instruction, place) =>
    dropped.has(place) ? [] : [withTensors(instruction, now)],
  );
}
