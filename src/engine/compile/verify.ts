/**
 * What must hold of every program, however it came about: each operand is of the kind that the table says, what is
 * read was written before, and once all has its place nothing lies outside of the memory or on something that is
 * still wanted. A layer, a fusion or a plan that breaks it would compute on wrong numbers without a sign.
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
  /** What the host has filled in before a run. */
  readonly given: Iterable<Tensor>;
  /** What the host reads after a run. */
  readonly read: Iterable<Tensor>;
  /** Once it is planned. */
  readonly plan?: Plan;
}

export interface Plan {
  /** Where each tensor lies, by its id. */
  readonly lines: Int32Array;
  /** Lines that tensors may take: from the first one to before the other. */
  readonly from: number;
  readonly end: number;
  /** What keeps its place whichever program runs. */
  readonly lasting: Iterable<Tensor>;
}

/** A fault of the compiler, not of what was compiled. */
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

/** Operands are there, of their kind; what is written is read by the same instruction only where it may be. */
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

/** By field type: they are few, and asked for at every operand. */
const wanted = new Map<string, Wanted>();

function wantedBy(type: string): Wanted {
  const known = wanted.get(type);
  if (known) return known;
  const made = type === 'int' ? WHOLE : type === 'float' ? NUMBER : tensorsFor(type);
  wanted.set(type, made);
  return made;
}

/** @param type as `inout? int32`; of reals where it does not say */
function tensorsFor(type: string): Wanted {
  const [use = '', elements = 'real'] = type.split(' ');
  const types = elements.split('|');
  return {
    title: `a tensor of ${types.join(' or ')}`,
    admits: operand =>
      isTensor(operand) ? types.includes(operand.type) : operand === null && /\?/.test(use),
  };
}

/** Each writes a part of a tensor, which the others fill up. */
const PIECEWISE: Readonly<Record<string, string>> = { concatForward: 'y', gradientSquares: 'squares' };

/** Whether an instruction depends on what a tensor holds before it. */
function reads({ name, operands }: Instruction, { field, type, isWritten }: TensorUse): boolean {
  if (!isWritten) return true;
  if (!type.startsWith('inout') || PIECEWISE[name] === field) return false;
  if (field === 'losses' && 'addLoss' in operands) return operands.addLoss === 1;
  return 'accumulate' in operands ? operands.accumulate === 1 : true;
}

/** What is read was given by the host or written by an instruction before, and what the host will read is written. */
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

/** A tensor in its place, and the instructions between which it may not be written over. */
interface Lying {
  readonly tensor: Tensor;
  readonly start: number;
  readonly end: number;
  first: number;
  last: number;
}

/** Every tensor lies within the memory, and apart from all that live at the same time. */
function verifyPlan({ instructions, realBytes, given, read }: Verified, plan: Plan): void {
  const lying = new Map<Tensor, Lying>();
  const live = (tensor: Tensor, first: number, last: number) => {
    const known = lying.get(tensor);
    if (known) {
      known.first = Math.min(known.first, first);
      known.last = Math.max(known.last, last);
      return;
    }
    const start = plan.lines[tensor.id]!;
    const end = start + linesOf(tensor, realBytes);
    if (start < plan.from || end > plan.end)
      throw new ProgramError(`${tensor.name} lies outside of the memory of its model.`);
    if (end > start) lying.set(tensor, { tensor, start, end, first, last });
  };
  for (const [place, instruction] of instructions.entries())
    for (const { tensor } of tensorsOf(instruction)) live(tensor, place, place);
  for (const tensor of [...given, ...plan.lasting]) live(tensor, -1, instructions.length);
  for (const tensor of read) live(tensor, instructions.length, instructions.length);
  verifyApart([...lying.values()], instructions.length);
}

/** Goes through the program with what lives at each instruction, the lowest place first. */
function verifyApart(all: readonly Lying[], length: number): void {
  const beginning = Map.groupBy(all, ({ first }) => first);
  const ending = Map.groupBy(all, ({ last }) => last);
  const living: Lying[] = [];
  for (let place = -1; place <= length; place++) {
    for (const each of beginning.get(place) ?? []) {
      const at = placeAmong(living, each.start);
      const [below, above] = [living[at - 1], living[at]];
      const other = below && below.end > each.start ? below : above && above.start < each.end ? above : null;
      if (other)
        throw new ProgramError(
          `${each.tensor.name} lies where ${other.tensor.name} is still wanted, from instruction ${place} on.`,
        );
      living.splice(at, 0, each);
    }
    for (const each of ending.get(place) ?? []) living.splice(placeAmong(living, each.start), 1);
  }
}

/** Before the first that begins no lower. */
function placeAmong(living: readonly Lying[], start: number): number {
  let [low, high] = [0, living.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (living[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return low;
}
