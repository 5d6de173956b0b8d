/** The memory plan: nothing that lives at the same time shares a byte, and less is taken than the sum. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { placeByLifetime } from '../../src/engine/compile/plan.ts';
import type { Instruction } from '../../src/engine/compile/program.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import type { Tensor } from '../../src/engine/layers/lowering.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';

const tensor = (id: number, count: number): Tensor => ({ id, name: `t${id}`, type: 'real', count });

it('keeps tensors apart that live at the same time, for any program', () => {
  const step = fc.record({ x: fc.nat(11), y: fc.nat(11) });
  const counts = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), counts, (steps, sizes) => {
      const tensors = sizes.map((count, id) => tensor(id, count));
      const program: Instruction[] = steps.map(({ x, y }) => ({
        name: 'reluForward',
        operands: { x: tensors[x]!, y: tensors[y]!, count: 1 },
      }));
      const lines = new Int32Array(12);
      const end = placeByLifetime(program, new Set(), 5, 4, lines);
      const lives = tensors.flatMap(({ id, count }) => {
        const touched = steps.flatMap(({ x, y }, i) => (x === id || y === id ? [i] : []));
        const size = Math.ceil((count * 4) / 64);
        return touched.length ? [{ id, from: touched[0]!, to: touched.at(-1)!, size }] : [];
      });
      for (const a of lives) {
        expect(lines[a.id]).toBeGreaterThanOrEqual(5);
        expect(lines[a.id]! + a.size).toBeLessThanOrEqual(end);
        for (const b of lives) {
          if (a.id >= b.id || a.to < b.from || b.to < a.from) continue;
          const apart = lines[a.id]! + a.size <= lines[b.id]! || lines[b.id]! + b.size <= lines[a.id]!;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});

it('forecasts what a session takes, growing with the batch and less than everything side by side', () => {
  const inference = infer(lenet.build([1, 28, 28], 10));
  const model = (batch: number) =>
    compile({
      inference,
      training: defaultTraining,
      batch,
      input: 'uint8',
      programs: ['train', 'evaluate'],
      realBytes: 4,
      start: MODEL_START,
    });
  const [small, large] = [model(8), model(64)];
  expect(large.end).toBeGreaterThan(small.end);
  expect(large.sizes.weights).toBe(small.sizes.weights);
  // Forward activations and their gradients, for training and evaluation, without reuse.
  expect(large.sizes.activations).toBeLessThan(3 * 64 * inference.totals.activationBytes);
});
