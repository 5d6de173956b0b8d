/**
 * The memory plan: where each tensor lies. Tensors that last (weights, gradients, what goes in and out) have a
 * place of their own; the others share one region, each in the first gap that is free while it lives.
 */
import { type FieldType, instructions as table } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Instruction, LINE_BYTES, tensorBytes } from './program.ts';

interface Lifetime {
  readonly tensor: Tensor;
  readonly lines: number;
  first: number;
  last: number;
}

export function linesOf(tensor: Tensor, realBytes: number): number {
  return Math.ceil(tensorBytes(tensor, realBytes) / LINE_BYTES);
}

/** Places tensors one after the other from a line on. @returns the first free line behind them */
export function placeInOrder(
  tensors: Iterable<Tensor>,
  from: number,
  realBytes: number,
  lines: Int32Array,
): number {
  let next = from;
  for (const tensor of tensors) {
    lines[tensor.id] = next;
    next += linesOf(tensor, realBytes);
  }
  return next;
}

/**
 * Places a program's temporaries from a line on: largest first, each as low as it fits beside those that live
 * at the same time. `kept` tensors live to the end. @returns the first free line behind them
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
  const placed: Lifetime[] = [];
  let end = from;
  for (const lifetime of lifetimes) {
    const neighbours = placed
      .filter(other => other.first <= lifetime.last && lifetime.first <= other.last)
      .sort((a, b) => lines[a.tensor.id]! - lines[b.tensor.id]!);
    let at = from;
    for (const other of neighbours) {
      const start = lines[other.tensor.id]!;
      if (at + lifetime.lines <= start) break;
      at = Math.max(at, start + other.lines);
    }
    lines[lifetime.tensor.id] = at;
    placed.push(lifetime);
    end = Math.max(end, at + lifetime.lines);
  }
  return end;
}

/** From the first instruction that touches a tensor to the last; tensors that have a place are left out. */
function lifetimesOf(
  program: readonly Instruction[],
  kept: ReadonlySet<Tensor>,
  realBytes: number,
  lines: Int32Array,
): Lifetime[] {
  const lifetimes = new Map<Tensor, Lifetime>();
  for (const [index, { name, operands }] of program.entries()) {
    for (const [field, type] of Object.entries<FieldType>(table[name])) {
      const tensor = operands[field];
      if (type === 'int' || type === 'float' || tensor === null || typeof tensor !== 'object') continue;
      if (lines[tensor.id]! > 0) continue;
      const lifetime = lifetimes.get(tensor);
      if (lifetime) lifetime.last = index;
      else lifetimes.set(tensor, { tensor, lines: linesOf(tensor, realBytes), first: index, last: index });
    }
  }
  for (const lifetime of lifetimes.values()) if (kept.has(lifetime.tensor)) lifetime.last = program.length;
  return [...lifetimes.values()];
}
