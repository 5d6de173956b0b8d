/** The size formula solved for the Input, through whatever lies between. */
import { expect, it } from 'vitest';
import { infer } from '../../src/engine/graph/infer.ts';
import { sizedNodes, solveInput } from '../../src/engine/graph/inputSolver.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const small = chain([
  ['Input', 'input', { shape: [3, 30, 30] }],
  ['Conv2d', 'conv', { kernelSize: [3, 3], padding: [0, 0, 0, 0] }],
  ['MaxPool2d', 'pool'],
  ['Flatten', 'flatten'],
]);

it('finds every size that gives the wanted one, the smallest first', () => {
  expect(solveInput(small, 'input', 'pool', [7, 7])).toEqual({
    answers: [
      { shape: [3, 16, 16], output: [7, 7] },
      { shape: [3, 17, 17], output: [7, 7] },
    ],
    why: null,
  });
});

it('solves each axis by itself', () => {
  const { answers } = solveInput(small, 'input', 'pool', [7, 5]);
  expect(answers[0]).toEqual({ shape: [3, 16, 12], output: [7, 5] });
  expect(answers.map(({ shape }) => shape.slice(1).join('×')).sort()).toEqual([
    '16×12',
    '16×13',
    '17×12',
    '17×13',
  ]);
});

it('says where no size does, and what comes near', () => {
  const up = chain([
    ['Input', 'input', { shape: [1, 4, 4] }],
    ['Upsample', 'up'],
  ]);
  expect(solveInput(up, 'input', 'up', [7, 7])).toEqual({
    answers: [
      { shape: [1, 3, 3], output: [6, 6] },
      { shape: [1, 4, 4], output: [8, 8] },
    ],
    why: 'No size of the images gives 7 × 7 at up.',
  });
});

it('goes through a whole network: ResNet-18 ends in 7×7 for 193 to 224 pixels', () => {
  const model = zooModel('resnet18')!;
  const graph = model.build(model.input, model.classes);
  const inference = infer(graph);
  const nodes = sizedNodes(inference);
  const last = nodes.findLast(id => inference.nodes.get(id)!.figures!.shape[1] === 7)!;
  const { answers } = solveInput(graph, 'input', last, [7, 7]);
  expect(answers[0]!.shape).toEqual([3, 193, 193]);
  expect(answers.every(({ output }) => String(output) === '7,7')).toBe(true);
});

it('asks of images only, and not of what sees the whole image', () => {
  expect(sizedNodes(infer(small))).toEqual(['conv', 'pool']);
});
