/** The solver: the notes' examples, every answer right, none missing, and a way out where there is none. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { setParams } from '../../src/engine/graph/edits.ts';
import { type SolvableField, solvableWindow, solveField } from '../../src/engine/graph/fieldSolver.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { outputSize, type Quantity, solve, type WindowSizes } from '../../src/engine/graph/sizeSolver.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const sizes = { kernel: 3, stride: 1, padding: 0, dilation: 1 };

describe('known examples', () => {
  it('of the notes: 7, kernel 3, padding 0, wanted 4: stride 1.333 is not whole', () => {
    const answer = solve({ in: 7, kernel: 3, padding: 0, dilation: 1, out: 4 });
    expect(answer.solutions).toEqual([]);
    expect(answer.why).toBe('stride = (7 + 2·0 − 1·(3 − 1) − 1) / (4 − 1) = 1.333, which is not whole.');
    const by = (change: Quantity) => answer.alternatives.filter(other => other.change === change);
    expect(by('padding')[0]).toMatchObject({ padding: 1, stride: 2, kernel: 3, out: 4 });
    expect(by('kernel').map(({ kernel, stride }) => [kernel, stride])).toEqual(
      expect.arrayContaining([
        [4, 1],
        [1, 2],
      ]),
    );
    expect(
      by('out')
        .map(({ out, stride }) => [out, stride])
        .toSorted(),
    ).toEqual([
      [3, 2],
      [5, 1],
    ]);
    for (const { kernel, stride, padding } of answer.transposed) {
      expect((7 - 1) * stride - 2 * padding + kernel).toBe(4);
    }
    expect(answer.transposed.length).toBeGreaterThan(0);
  });

  it('of AlexNet: 227, kernel 11, stride 4 gives 55, and 55 asks for stride 4', () => {
    expect(outputSize({ ...sizes, in: 227, kernel: 11, stride: 4 })).toBe(55);
    const { solutions } = solve({ in: 227, kernel: 11, padding: 0, dilation: 1, out: 55 });
    expect(solutions).toEqual([
      { in: 227, kernel: 11, stride: 4, padding: 0, dilation: 1, out: 55, unread: 0 },
    ]);
  });

  it('with several unknown: what halves 224 is first a 3×3 kernel with stride 2 and padding 1', () => {
    const [best] = solve({ in: 224, dilation: 1, out: 112 }).solutions;
    expect(best).toMatchObject({ kernel: 3, stride: 2, padding: 1 });
  });

  it('keeps near to what stands there', () => {
    const known = { in: 28, stride: 1, padding: 2, dilation: 1, out: 28 };
    expect(solve(known).solutions[0]).toMatchObject({ kernel: 5 });
    const free = { in: 28, dilation: 1, out: 14 };
    expect(solve(free, { kernel: 5, stride: 1, padding: 2 }).solutions[0]).toMatchObject({
      kernel: 5,
      stride: 2,
      padding: 2,
    });
  });
});

describe('any one unknown', () => {
  const names: readonly Quantity[] = ['in', 'kernel', 'stride', 'padding', 'dilation', 'out'];
  const window = fc.record({
    in: fc.integer({ min: 1, max: 40 }),
    kernel: fc.integer({ min: 1, max: 9 }),
    stride: fc.integer({ min: 1, max: 6 }),
    padding: fc.integer({ min: 0, max: 6 }),
    dilation: fc.integer({ min: 1, max: 4 }),
  });

  it.each(names)('%s: every answer satisfies the formula, and none that does is missing', name => {
    fc.assert(
      fc.property(window, given => {
        const out = outputSize(given);
        if (out === undefined) return;
        const whole: WindowSizes = { ...given, out };
        const { [name]: present, ...known } = whole;
        const { solutions } = solve(known);
        for (const solution of solutions) {
          expect(outputSize(solution)).toBe(solution.out);
          expect(solution.unread).toBeGreaterThanOrEqual(0);
        }
        const found = new Set(solutions.map(solution => solution[name]));
        const least = name === 'padding' ? 0 : 1;
        for (let value = least; value <= 45; value++) {
          // With one tap dilation means nothing, so it is not listed more than once.
          if (name === 'dilation' && given.kernel === 1 && value > 1) continue;
          const fits = name === 'out' ? value === out : outputSize({ ...whole, [name]: value }) === whole.out;
          expect(found.has(value), `${name} ${value}`).toBe(fits);
        }
        if (name !== 'dilation' || given.kernel > 1) expect(found.has(present)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('without an answer offers changes that are right', () => {
    fc.assert(
      fc.property(window, fc.integer({ min: 1, max: 40 }), (given, out) => {
        const { stride: _, ...known } = given;
        const { solutions, why, alternatives } = solve({ ...known, out });
        expect(why === null).toBe(solutions.length > 0);
        for (const { change, unread, ...sizes } of alternatives) {
          expect(outputSize(sizes)).toBe(sizes.out);
          expect(unread).toBe(0);
          const others = (['kernel', 'padding', 'dilation'] as const).filter(name => name !== change);
          for (const name of others) expect(sizes[name]).toBe(given[name]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('of a field', () => {
  const graph = (shape: readonly number[], kind: string, params: object) =>
    chain([
      ['Input', 'input', { shape }],
      [kind, 'layer', { ...params }],
    ]);
  const rows: [string, ReturnType<typeof graph>, SolvableField, [number, number]][] = [
    ['the stride of a convolution', graph([3, 28, 28], 'Conv2d', {}), 'stride', [14, 14]],
    ['its padding', graph([3, 28, 28], 'Conv2d', { kernelSize: [5, 5] }), 'padding', [28, 28]],
    ['its kernel, height and width apart', graph([3, 30, 20], 'Conv2d', {}), 'kernelSize', [28, 20]],
    ['its dilation', graph([3, 28, 28], 'Conv2d', { padding: [0, 0, 0, 0] }), 'dilation', [22, 22]],
    ['the stride of a pooling', graph([3, 28, 28], 'MaxPool2d', {}), 'stride', [7, 7]],
    ['the padding of a pooling', graph([3, 7, 7], 'MaxPool2d', { kernelSize: [3, 3] }), 'padding', [4, 4]],
    ['a kernel that does not fit', graph([3, 4, 4], 'Conv2d', { kernelSize: [9, 9] }), 'kernelSize', [2, 2]],
    ['the stride of a transposed convolution', graph([3, 7, 7], 'ConvTranspose2d', {}), 'stride', [14, 14]],
    ['its padding', graph([3, 7, 9], 'ConvTranspose2d', { kernelSize: [4, 4] }), 'padding', [12, 16]],
    ['its kernel', graph([3, 7, 7], 'ConvTranspose2d', { stride: [3, 3] }), 'kernelSize', [21, 23]],
    ['its dilation', graph([3, 7, 7], 'ConvTranspose2d', { kernelSize: [3, 3] }), 'dilation', [19, 19]],
    ['a stride that is not whole', graph([3, 7, 7], 'Conv2d', { padding: [0, 0, 0, 0] }), 'stride', [4, 4]],
  ];
  it.each(rows)('%s: every answer, once set, does what it says', (_, before, field, wanted) => {
    const solvable = solvableWindow(infer(before), 'layer')!;
    expect(solvable.fields).toContain(field);
    const { answers, why } = solveField(solvable, field, wanted);
    expect(answers.length).toBeGreaterThan(0);
    for (const { setParams: params, output } of answers) {
      const layer = infer(setParams(before, 'layer', params)).nodes.get('layer')!;
      expect(layer.figures?.shape.slice(1)).toEqual(output);
      if (why === null) expect(output).toEqual(wanted);
      if (why === null) expect(Object.keys(params)).toEqual([field]);
    }
  });

  it('leaves the kernel alone where the padding follows it', () => {
    const same = infer(graph([3, 8, 8], 'Conv2d', { padding: 'same' }));
    expect(solvableWindow(same, 'layer')?.fields).toEqual(['padding']);
    expect(solvableWindow(same, 'input')).toBeUndefined();
  });
});
