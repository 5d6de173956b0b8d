/**
 * The memory plan: at which line each tensor begins. Lasting tensors (weights, gradients, inputs, outputs) have memory
 * of their own; temporaries share one region, each in the first gap that is free during its lifetime.
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

/** Free lines behind each tensor when testing for overruns: more than a kernel writes at once. */
export const GUARD_LINES = 16;

/**
 * Places tensors one after the other from a line on.
 * @param gap free lines behind each
 * @returns the first free line
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
 * The most comparisons of two places when planning a program: one or two seconds. A network of a thousand layers takes
 * a thirtieth of that; one where hundreds of nodes each feed hundreds would take minutes.
 */
const MAX_COMPARISONS = 400_000_000;

/**
 * Places a program's temporaries from a line on: largest first, each in the lowest gap between those whose lifetimes
 * overlap its own. `kept` tensors live to the end of the program. @returns the first free line
 * @throws CompileError after MAX_COMPARISONS
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
  /** Sorted by start, so that the search stops at the first gap, without sorting tens of thousands anew. */
  const placed: Placed[] = [];
  let end = from;
  let comparisons = 0;
  for (const { tensor, lines: needed, first, last } of lifetimes) {
    let at = from;
    if (comparisons > MAX_COMPARISONS)
      throw new CompileError(
        `This network is too large to be trained: it computes ${lifetimes.length} values one from the other, and too many of them at the same time for their memory to be planned.`,
      );
    for (const other of placed) {
      comparisons++;
      if (other.first > last || first > other.last) continue;
      if (at + needed <= other.start) break;
      if (other.end > at) at = other.end;
    }
    lines[tensor.id] = at;
    placed.splice(insertionIndex(placed, at), 0, { start: at, end: at + needed, first, last });
    end = Math.max(end, at + needed);
  }
  return end;
}

/** Lines that are occupied from one instruction to another. */
interface Placed {
  readonly start: number;
  readonly end: number;
  readonly first: number;
  readonly last: number;
}

/** Index at which a place that begins at `start` is inserted: behind those that begin at or before it. */
function insertionIndex(placed: readonly Placed[], start: number): number {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placed[middle]!.start <= start) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Lifetimes of tensors, from the first instruction that uses one to the last; without those that have a place already.
 */
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
