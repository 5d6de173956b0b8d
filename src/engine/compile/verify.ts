/**
 * The invariants of every compiled program: operands have the types of the instruction table, tensors are written
 * before they are read, and, once planned, lie within the memory and overlap no other tensor that is alive. A layer,
 * fusion or plan that breaks them would silently compute wrong numbers.
 */
import { SCRATCH_BYTES } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import { linesOf } from './plan.ts';
import { fieldsOf, type Instruction, isTensor, operandOf, type TensorUse, tensorsOf } from './program.ts';
import { isElementwise } from './shareGradients.ts';

export interface Verified {
  readonly instructions: readonly Instruction[];
  /** Bytes of a `real`. */
  readonly realBytes: 4 | 8;
  /** Tensors that the host sets before a run. */
  readonly given: Iterable<Tensor>;
  /** Tensors that the host reads after a run. */
  readonly read: Iterable<Tensor>;
  /** Missing before memory is planned. */
  readonly plan?: Plan;
}

export interface Plan {
  /** The line at which each tensor begins, by its id. */
  readonly lines: Int32Array;
  /** The lines available for tensors: from the first up to, not including, the second. */
  readonly from: number;
  readonly end: number;
  /** Tensors that keep their memory across programs. */
  readonly lasting: Iterable<Tensor>;
}

/** A defect of the compiler, not of the document. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** @throws ProgramError naming the instruction and the tensor */
export function verify(program: Verified): void {
  for (const [place, instruction] of program.instructions.entries())
    verifyOperands(instruction, place, program.realBytes);
  verifyOrder(program);
  if (program.plan) verifyPlan(program, program.plan);
}

const titleOf = ({ name }: Instruction, place: number) => `Instruction ${place}, ${name},`;

/**
 * Checks that operands exist and have their types, and that an instruction reads and writes one tensor only where that
 * is allowed.
 */
function verifyOperands(instruction: Instruction, place: number, realBytes: number): void {
  for (const { field, type } of fieldsOf(instruction)) {
    const wanted = wantedBy(type);
    if (!wanted.admits(operandOf(instruction, field)))
      throw new ProgramError(`${titleOf(instruction, place)} wants ${wanted.title} as its ${field}.`);
  }
  const uses = tensorsOf(instruction);
  for (const { field, tensor, isWritten } of uses) {
    const other = isWritten && uses.find(use => use.tensor === tensor && use.field !== field);
    if (other && !isElementwise(instruction))
      throw new ProgramError(
        `${titleOf(instruction, place)} would write ${tensor.name} while it reads it as its ${other.field}.`,
      );
  }
  if (instruction.name === 'diceLoss' && instruction.operands.channels * realBytes > SCRATCH_BYTES)
    throw new ProgramError(
      `${titleOf(instruction, place)} has more channels than fit into a thread's scratch.`,
    );
}

interface Wanted {
  readonly title: string;
  admits(operand: unknown): boolean;
}

const WHOLE: Wanted = {
  title: 'a whole number of 32 bits',
  admits: operand => typeof operand === 'number' && (operand | 0) === operand,
};

const NUMBER: Wanted = {
  title: 'a number',
  admits: operand => typeof operand === 'number' && !Number.isNaN(operand),
};

/** Parsed field types, cached because they are needed for every operand. */
const wanted = new Map<string, Wanted>();

function wantedBy(type: string): Wanted {
  const known = wanted.get(type);
  if (known) return known;
  const made = type === 'int' ? WHOLE : type === 'float' ? NUMBER : tensorsFor(type);
  wanted.set(type, made);
  return made;
}

/** @param type e.g. `inout? int32`; without an element type, reals */
function tensorsFor(type: string): Wanted {
  const [use = '', elements = 'real'] = type.split(' ');
  const types = elements.split('|');
  return {
    title: `a tensor of ${types.join(' or ')}`,
    admits: operand =>
      isTensor(operand) ? types.includes(operand.type) : operand === null && /\?/.test(use),
  };
}

/** Output fields of which each instruction writes only a part; several instructions fill the tensor together. */
const PIECEWISE: Readonly<Record<string, string>> = { concatForward: 'y', gradientSquares: 'squares' };

/** Whether an instruction depends on a tensor's previous contents. */
function reads({ name, operands }: Instruction, { field, type, isWritten }: TensorUse): boolean {
  if (!isWritten) return true;
  if (!type.startsWith('inout') || PIECEWISE[name] === field) return false;
  if (field === 'losses' && 'addLoss' in operands) return operands.addLoss === 1;
  return 'accumulate' in operands ? operands.accumulate === 1 : true;
}

/** Checks that what is read was set by the host or written before, and that what the host reads is written. */
function verifyOrder({ instructions, given, read }: Verified): void {
  const written = new Set(given);
  for (const [place, instruction] of instructions.entries()) {
    const uses = tensorsOf(instruction);
    for (const use of uses)
      if (reads(instruction, use) && !written.has(use.tensor))
        throw new ProgramError(
          `${titleOf(instruction, place)} reads ${use.tensor.name} before anything is written there.`,
        );
    for (const { tensor, isWritten } of uses) if (isWritten) written.add(tensor);
  }
  for (const tensor of read)
    if (!written.has(tensor)) throw new ProgramError(`Nothing writes ${tensor.name}, which the host reads.`);
}

/** A planned tensor and its lifetime, from one instruction to another. */
interface PlacedTensor {
  readonly tensor: Tensor;
  readonly start: number;
  readonly end: number;
  first: number;
  last: number;
}

/** Checks that every tensor lies within the memory and overlaps none that is alive at the same time. */
function verifyPlan({ instructions, realBytes, given, read }: Verified, plan: Plan): void {
  const placed = new Map<Tensor, PlacedTensor>();
  const live = (tensor: Tensor, first: number, last: number) => {
    const known = placed.get(tensor);
    if (known) {
      known.first = Math.min(known.first, first);
      known.last = Math.max(known.last, last);
      return;
    }
    const start = plan.lines[tensor.id]!;
    const end = start + linesOf(tensor, realBytes);
    if (start < plan.from || end > plan.end)
      throw new ProgramError(`${tensor.name} lies outside of the memory of its model.`);
    if (end > start) placed.set(tensor, { tensor, start, end, first, last });
  };
  for (const [place, instruction] of instructions.entries())
    for (const { tensor } of tensorsOf(instruction)) live(tensor, place, place);
  for (const tensor of [...given, ...plan.lasting]) live(tensor, -1, instructions.length);
  for (const tensor of read) live(tensor, instructions.length, instructions.length);
  verifyApart([...placed.values()], instructions.length);
}

/** Walks through the program with the tensors that are alive, sorted by their first line. */
function verifyApart(all: readonly PlacedTensor[], length: number): void {
  const beginning = Map.groupBy(all, ({ first }) => first);
  const ending = Map.groupBy(all, ({ last }) => last);
  const alive: PlacedTensor[] = [];
  for (let place = -1; place <= length; place++) {
    for (const each of beginning.get(place) ?? []) {
      const at = insertionIndex(alive, each.start);
      const [below, above] = [alive[at - 1], alive[at]];
      const other = below && below.end > each.start ? below : above && above.start < each.end ? above : null;
      if (other)
        throw new ProgramError(
          `${each.tensor.name} lies where ${other.tensor.name} is still wanted, from instruction ${place} on.`,
        );
      alive.splice(at, 0, each);
    }
    for (const each of ending.get(place) ?? []) alive.splice(insertionIndex(alive, each.start), 1);
  }
}

/** Index of the first that begins at or behind `start`. */
function insertionIndex(alive: readonly PlacedTensor[], start: number): number {
  let [low, high] = [0, alive.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (alive[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
