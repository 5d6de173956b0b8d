/**
 * The memory plan: where each tensor lies. Tensors that last (weights, gradients, what goes in and out) have a
 * place of their own; the others share one region, each in the first gap that is free while it lives.
 */
import { LINE_BYTES } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import { CompileError, type Instruction, tensorBytes, tensorsOf } from './program.ts';

interface Lifetime {
  readonly tensor: Tensor;
  readonly lines: number;
  first: number;
  last: number;
}

export function linesOf(tensor: Tensor, realBytes: number): number {
  return Math.ceil(tensorBytes(tensor, realBytes) / LINE_BYTES);
}

/** Lines that lie free behind each tensor where overruns are looked for: more than a kernel writes at a time. */
export const GUARD_LINES = 16;

/**
 * Places tensors one after the other from a line on.
 * @param gap lines to be left free behind each
 * @returns the first free line behind them
 */
export function placeInOrder(
  tensors: Iterable<Tensor>,
  from: number,
  realBytes: number,
  lines: Int32Array,
  gap = 0,
): number {
  let next = from;
  for (const tensor of tensors) {
    lines[tensor.id] = next;
    next += linesOf(tensor, realBytes) + gap;
  }
  return next;
}

/**
 * Places that are looked at to plan one program: a second or two. A thousand layers take a thirtieth of it; where each of
 * hundreds feeds each of hundreds, it would be minutes.
 */
const MOST_LOOKS = 400_000_000;

/**
 * Places a program's temporaries from a line on: largest first, each as low as it fits beside those that live
 * at the same time. `kept` tensors live to the end. @returns the first free line behind them
 * @throws CompileError where it would take too long
 */
export function placeByLifetime(
  program: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
  from: number,
  realBytes: number,
  lines: Int32Array,
): number {
  const lifetimes = lifetimesOf(program, kept, realBytes, lines);
  lifetimes.sort((a, b) => b.lines - a.lines || a.tensor.id - b.tensor.id);
  /** The lowest first: of tens of thousands none is sorted again, and none is looked at behind the first gap. */
  const placed: Placed[] = [];
  let end = from;
  let looks = 0;
  for (const { tensor, lines: needed, first, last } of lifetimes) {
    let at = from;
    if (looks > MOST_LOOKS)
      throw new CompileError(
        `This network is too large to be trained: it computes ${lifetimes.length} values one from the other, and too many of them at the same time for their memory to be planned.`,
      );
    for (const other of placed) {
      looks++;
      if (other.first > last || first > other.last) continue;
      if (at + needed <= other.start) break;
      if (other.end > at) at = other.end;
    }
    lines[tensor.id] = at;
    placed.splice(placeAmong(placed, at), 0, { start: at, end: at + needed, first, last });
    end = Math.max(end, at + needed);
  }
  return end;
}

/** Lines that are taken from one instruction to another. */
interface Placed {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Behind those that begin no higher. */
function placeAmong(placed: readonly Placed[], start: number): number {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle]!.start <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** From the first instruction that touches a tensor to the last; tensors that have a place are left out. */
function lifetimesOf(
  program: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
  realBytes: number,
  lines: Int32Array,
): Lifetime[] {
  const lifetimes = new Map<Tensor, Lifetime>();
  for (const [index, instruction] of program.entries()) {
    for (const { tensor } of tensorsOf(instruction)) {
      if (lines[tensor.id]! > 0) continue;
      const lifetime = lifetimes.get(tensor);
      if (lifetime) lifetime.last = index;
      else lifetimes.set(tensor, { tensor, lines: linesOf(tensor, realBytes), first: index, last: index });
    }
  }
  for (const lifetime of lifetimes.values()) if (kept.has(lifetime.tensor)) lifetime.last = program.length;
  return [...lifetimes.values()];
}
