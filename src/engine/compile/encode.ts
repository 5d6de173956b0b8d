/** Turns instructions into the words that the virtual machine walks (kernels/instructions.h has the structs). */
import { type FieldType, instructions as table } from '../layers/instructions.ts';
import { hashName } from './hashName.ts';
import type { Instruction } from './program.ts';

/** Tells one table of instructions from another. Kernels carry that of the table that they were built from. */
export const instructionsHash = hashName(JSON.stringify(table));

const opcodes = new Map(Object.keys(table).map((name, opcode) => [name, opcode]));

/** What ends a program. */
export const END = -1;

/** How many words an instruction takes. */
export function wordsOf({ name }: Instruction): number {
  return 1 + Object.keys(table[name]).length;
}

/** How many words a program takes. */
export function encodedLength(program: readonly Instruction[]): number {
  return program.reduce((sum, instruction) => sum + wordsOf(instruction), 1);
}

export function encode(program: readonly Instruction[], lines: Int32Array): Int32Array {
  const words = new Int32Array(encodedLength(program));
  const floats = new Float32Array(words.buffer);
  let at = 0;
  for (const { name, operands } of program) {
    words[at++] = opcodes.get(name)!;
    for (const [field, type] of Object.entries<FieldType>(table[name])) {
      const operand = operands[field];
      if (operand === undefined) throw new TypeError(`${name} was emitted without ${field}`);
      if (type === 'float') floats[at++] = operand as number;
      else words[at++] = typeof operand === 'number' ? operand : operand === null ? 0 : lines[operand.id]!;
    }
  }
  words[at] = END;
  return words;
}
