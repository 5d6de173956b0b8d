/** Gradients that share a place: any program finds with it what it found before, and residual networks copy none. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import type { Instruction, Operand } from '../../src/engine/compile/program.ts';
import { shareGradients } from '../../src/engine/compile/shareGradients.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Tensor } from '../../src/engine/layers/lowering.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { resnet20 } from '../../src/engine/zoo/resnet.ts';

const tensor = (id: number, name: string): Tensor => ({ id, name, type: 'real', count: 1 });
const start = tensor(0, 'start');

/** Runs instructions on tensors of one number. */
function run(program: readonly Instruction[]): Map<Tensor, number> {
  const values = new Map([[start, 1]]);
  const read = (operand: unknown) => values.get(operand as Tensor)!;
  for (const { name, operands } of program) {
    const { a, b, y, dy, dx, accumulate } = operands as Record<string, Operand>;
    if (name === 'addForward') values.set(y as Tensor, read(a) + read(b));
    else {
      const flow = name === 'copyBackward' ? read(dy) : 3 * read(dy) + read(y);
      values.set(dx as Tensor, (accumulate === 0 ? 0 : read(dx)) + flow);
    }
  }
  return values;
}

const step = fc.record({
  name: fc.constantFrom('copyBackward', 'reluBackward', 'addForward'),
  one: fc.nat(30),
  other: fc.nat(30),
  to: fc.nat(30),
  isNew: fc.boolean(),
  accumulate: fc.constantFrom(0, 1),
});

it('changes nothing that is found, in any program', () => {
  let [shared, dropped] = [0, 0];
  const property = fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), steps => {
    const [gradients, results, program]: [Tensor[], Tensor[], Instruction[]] = [[start], [], []];
    const some = (i: number) => gradients[i % gradients.length]!;
    for (const [i, { name, one, other, to, isNew, accumulate }] of steps.entries()) {
      const made = tensor(i + 1, name);
      if (name === 'addForward') {
        results.push(made);
        program.push({ name, operands: { a: some(one), b: some(other), y: made, count: 1 } });
        continue;
      }
      const dx = isNew ? made : some(to);
      const operands = { y: some(other), dy: some(one), dx, accumulate: isNew ? 0 : accumulate, count: 1 };
      if (operands.dy === dx || operands.y === dx) continue;
      if (isNew) gradients.push(made);
      program.push({
        name,
        operands: name === 'copyBackward' ? { ...operands, y: null } : operands,
      } as Instruction);
    }
    const less = shareGradients(program, new Set(results));
    dropped += program.length - less.length;
    shared += less.filter(
      ({ operands }) => 'dy' in operands && 'dx' in operands && operands.dy === operands.dx,
    ).length;
    const [before, after] = [run(program), run(less)];
    expect(results.map(each => after.get(each))).toEqual(results.map(each => before.get(each)));
  });
  fc.assert(property, { numRuns: 1000, seed: 1 });
  expect(Math.min(shared, dropped)).toBeGreaterThan(100);
});

it('leaves no sum, no cut and no copy of a gradient in a residual network', () => {
  const { instructions } = compile({
    inference: infer(resnet20.build([3, 32, 32], 10)),
    training: defaultTraining,
    batch: 8,
    input: 'real',
    programs: ['train'],
    realBytes: 4,
    start: MODEL_START,
  });
  const names = instructions.train.map(({ name }) => name);
  expect(names.filter(name => /^(add|relu|activation)Forward|^copyBackward/.test(name))).toEqual([]);
  expect(names.filter(name => name === 'batchNormForward')).toHaveLength(21);
});
