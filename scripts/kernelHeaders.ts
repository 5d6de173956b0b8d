/** The headers of the kernels that follow from the engine's tables: constants.h and instructions.h. */
import { instructionsHash } from '../src/engine/compile/encode.ts';
import type { FieldType } from '../src/engine/layers/fieldType.ts';
import { instructions } from '../src/engine/layers/instructions.ts';
import { kernelTables } from '../src/engine/layers/kernelConstants.ts';

const snakeCase = (name: string) => name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`);
const upperCase = (name: string) => snakeCase(name).toUpperCase();
const typeName = (name: string) => name[0]!.toUpperCase() + name.slice(1);

const cType = (type: FieldType) => (type === 'int' ? 'int32_t' : type === 'float' ? 'float' : 'tensor_t');

const CONTROL_TYPES = { int: 'int32_t', unsigned: 'uint32_t', float: 'float' };

/** A number beyond 31 bits is one of 32 without a sign. */
const literal = (value: number) =>
  value < 0 ? `(${value})` : value > 0x7fff_ffff ? `0x${value.toString(16)}u` : `${value}`;

const head = (table: string) =>
  `/* Written by scripts/build-kernels.ts from engine/layers/${table}. Not to be edited. */\n#pragma once`;

/** kernels/constants.h: every number that C and TypeScript share. */
export function constantsHeader(): string {
  const { constants, enums, controlBlock } = kernelTables;
  const numbers = Object.entries(constants).map(([name, value]) => `#define ${name} ${literal(value)}`);
  const choices = Object.entries(enums).map(([name, codes]) => {
    const members = Object.entries(codes).map(
      ([each, code]) => `  ${upperCase(name)}_${upperCase(each)} = ${code},`,
    );
    return `enum {\n${members.join('\n')}\n};`;
  });
  const words = Object.entries(controlBlock).map(
    ([name, type]) => `  ${CONTROL_TYPES[type]} ${snakeCase(name)};`,
  );
  return [
    head('kernelConstants.ts'),
    '#include <stdint.h>',
    ...numbers,
    ...choices,
    `typedef struct {\n${words.join('\n')}\n} Control;`,
    '',
  ].join('\n');
}

/** kernels/instructions.h: one struct and one kernel's prototype for each instruction, and the table of both. */
export function instructionsHeader(): string {
  const entries = Object.entries<Record<string, FieldType>>(instructions);
  const structs = entries.map(([name, fields]) => {
    const members = Object.entries(fields).map(([field, type]) => `  ${cType(type)} ${snakeCase(field)};`);
    const type = typeName(name);
    return `typedef struct {\n  int32_t opcode;\n${members.join('\n')}\n} ${type};\nvoid ${snakeCase(name)}(const ${type} *op, const Context *context);\n`;
  });
  const rows = entries.map(([name]) => `  X(${snakeCase(name)}, ${typeName(name)})`);
  return [
    head('instructions.ts'),
    `#define INSTRUCTIONS_HASH (${instructionsHash})`,
    ...structs,
    `#define INSTRUCTIONS(X) \\\n${rows.join(' \\\n')}`,
    '',
  ].join('\n');
}
