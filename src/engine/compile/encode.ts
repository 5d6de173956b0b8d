/** Encodes instructions as 32-bit words for the virtual machine (the structs are in kernels/instructions.h). */
import { instructions as table } from '../layers/instructions.ts';
import { kernelTables, PROGRAM_END } from '../layers/kernelConstants.ts';
import { hashName } from './hashName.ts';
import { fieldsOf, type Instruction, operandOf } from './program.ts';

/** FNV-1a hash of the tables' JSON. */
export const hashOfTables = (tables: object): number => hashName(JSON.stringify(tables));

/**
 * Hash of the instruction table and of the constants that C shares. Kernels carry the hash of the tables that they were
 * built from, and are refused where it differs.
 */
export const instructionsHash = hashOfTables({ instructions: table, ...kernelTables });

const opcodes = new Map(Object.keys(table).map((name, opcode) => [name, opcode]));

/** The length of an encoded instruction, in words. */
export function wordsOf({ name }: Instruction): number {
  return 1 + Object.keys(table[name]).length;
}

/** The length of an encoded program, in words. */
export function encodedLength(program: readonly Instruction[]): number {
  return program.reduce((sum, instruction) => sum + wordsOf(instruction), 1);
}

export function encode(program: readonly Instruction[], lines: Int32Array): Int32Array {
  const words = new Int32Array(encodedLength(program));
  const floats = new Float32Array(words.buffer);
  let at = 0;
  for (const instruction of program) {
    const { name } = instruction;
    words[at++] = opcodes.get(name)!;
    for (const { field, type } of fieldsOf(instruction)) {
      const operand = operandOf(instruction, field);
      if (operand === undefined) throw new TypeError(`${name} was emitted without ${field}`);
      if (type === 'float') floats[at++] = operand as number;
      else words[at++] = typeof operand === 'number' ? operand : operand === null ? 0 : lines[operand.id]!;
    }
  }
  words[at] = PROGRAM_END;
  return words;
}
