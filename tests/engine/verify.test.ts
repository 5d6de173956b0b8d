/** Programs are verified after lowering, fusing and planning: each kind of planted fault is found, in words. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CompileOptions, compile } from '../../src/engine/compile/compile.ts';
import * as fusing from '../../src/engine/compile/fuse.ts';
import * as planning from '../../src/engine/compile/plan.ts';
import {
  fieldsOf,
  type Instruction,
  type Model,
  type Operand,
  operandOf,
  tensorsOf,
} from '../../src/engine/compile/program.ts';
import { ProgramError, type Verified, verify } from '../../src/engine/compile/verify.ts';
import { defaultTraining, type Graph } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { SCRATCH_BYTES } from '../../src/engine/layers/kernelConstants.ts';
import type { Tensor } from '../../src/engine/layers/lowering.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

vi.mock('../../src/engine/compile/fuse.ts', { spy: true });
vi.mock('../../src/engine/compile/plan.ts', { spy: true });

afterEach(() => void vi.restoreAllMocks());

const tensor = (id: number, count = 16, type: Tensor['type'] = 'real'): Tensor => ({
  id,
  name: `t${id}`,
  type,
  count,
});

const relu = (x: Tensor, y: Tensor): Instruction => ({ name: 'reluForward', operands: { x, y, count: 16 } });

const [a, b, c, d] = [tensor(0), tensor(1), tensor(2), tensor(3)] as const;

/** a → b → c → d, of which the host gives the first and reads the last. */
const sound = {
  instructions: [relu(a, b), relu(b, c), relu(c, d)],
  realBytes: 4,
  given: [a],
  read: [d],
} satisfies Verified;

/** Where they lie: one line each, d where b was. */
const plan = { lines: Int32Array.of(2, 3, 4, 3), from: 2, end: 5, lasting: [a] };

/** An instruction with an operand that its type does not admit. */
const wrong = (instruction: Instruction, operands: Record<string, unknown>) =>
  ({ ...instruction, operands: { ...instruction.operands, ...operands } }) as Instruction;

const verifying = (change: Partial<Verified>) => () => verify({ ...sound, ...change });

it('finds nothing wrong with a sound program, and takes a place again that is free', () => {
  expect(verifying({ plan })).not.toThrow();
});

describe('operands', () => {
  const first = relu(a, b);
  it.each<[string, Record<string, unknown>, string]>([
    ['a missing tensor', { x: undefined }, 'Instruction 0, reluForward, wants a tensor of real as its x.'],
    ['none where one is needed', { y: null }, 'wants a tensor of real as its y.'],
    ['a number for a tensor', { x: 7 }, 'wants a tensor of real as its x.'],
    ['a tensor of other numbers', { x: tensor(0, 16, 'int32') }, 'wants a tensor of real as its x.'],
    ['a tensor for a number', { count: a }, 'wants a whole number of 32 bits as its count.'],
    ['a fraction', { count: 1.5 }, 'wants a whole number of 32 bits as its count.'],
    ['more than 32 bits', { count: 2 ** 31 }, 'wants a whole number of 32 bits as its count.'],
  ])('%s', (_, operands, sentence) => {
    const instructions = [wrong(first, operands), relu(b, c), relu(c, d)];
    expect(verifying({ instructions })).toThrow(sentence);
    expect(verifying({ instructions })).toThrow(ProgramError);
  });

  it('what is no number', () => {
    const draw = { weight: d, outputs: 1, inputs: 1, taps: 1, groups: 1, flat: 0, key: 1, bound: Number.NaN };
    const instructions: Instruction[] = [{ name: 'drawUniform', operands: draw }];
    expect(verifying({ instructions })).toThrow('wants a number as its bound.');
  });

  it('takes what may be absent, and a cut without an upper end', () => {
    const epilogue = { scale: null, bias: null, addend: null, slope: 0, ceiling: Number.POSITIVE_INFINITY };
    const model = compiled(chainOf(16), { programs: ['evaluate'] });
    const convolution = model.instructions.evaluate.find(({ name }) => name === 'conv2dForward')!;
    const instructions = [wrong(convolution, { x: a, weight: b, y: d, ...epilogue })];
    expect(verifying({ instructions, given: [a, b] })).not.toThrow();
  });

  it('one that is written where another is read, unless each number depends on itself alone', () => {
    expect(verifying({ instructions: [relu(a, a)], read: [] })).toThrow('would write t0 while it reads it');
    const back: Instruction = {
      name: 'reluBackward',
      operands: { y: a, dy: b, dx: b, accumulate: 0, count: 16 },
    };
    expect(verifying({ instructions: [back], given: [a, b], read: [b] })).not.toThrow();
  });

  it('more channels than a thread has room for', () => {
    const channels = SCRATCH_BYTES / 4 + 1;
    const sums = tensor(4, 1, 'float64');
    const term = { losses: c, gradient: null, termWeight: 1, addLoss: 0, accumulate: 0 };
    const operands = {
      ...{ output: a, targets: tensor(5, 16, 'int32'), sums },
      ...{ ...term, smooth: 1, positions: 1, channels },
    };
    const instructions: Instruction[] = [{ name: 'diceLoss', operands }];
    expect(verifying({ instructions, given: [a, operands.targets], read: [c] })).toThrow(
      "has more channels than fit into a thread's scratch.",
    );
  });
});

describe('the order of instructions', () => {
  it('something is read that nothing has written', () => {
    expect(verifying({ given: [] })).toThrow('reads t0 before anything is written there.');
    const [one, two, three] = sound.instructions;
    expect(verifying({ instructions: [two!, one!, three!] })).toThrow(
      'Instruction 0, reluForward, reads t1 before anything is written there.',
    );
  });

  it('something is added to what is not there', () => {
    const add = (accumulate: number): Instruction => ({
      name: 'copyBackward',
      operands: { dy: a, dx: d, accumulate, count: 16 },
    });
    expect(verifying({ instructions: [add(1)] })).toThrow('reads t3 before anything is written there.');
    expect(verifying({ instructions: [add(0), add(1)] })).not.toThrow();
  });

  it('the host reads what nothing writes', () => {
    expect(verifying({ instructions: sound.instructions.slice(0, 2) })).toThrow(
      'Nothing writes t3, which the host reads.',
    );
  });
});

describe('the plan', () => {
  const at = (...lines: number[]) => verifying({ plan: { ...plan, lines: Int32Array.from(lines) } });

  it('something lies before the memory of its model or behind it', () => {
    expect(at(1, 3, 4, 3)).toThrow('t0 lies outside of the memory of its model.');
    expect(at(2, 3, 5, 3)).toThrow('t2 lies outside of the memory of its model.');
    expect(at(0, 3, 4, 3)).toThrow('t0 lies outside of the memory of its model.');
  });

  it('something is written over while it is wanted', () => {
    expect(at(2, 3, 3, 4)).toThrow('t2 lies where t1 is still wanted, from instruction 1 on.');
    const wide = [tensor(0), tensor(1, 17), tensor(2), tensor(3)] as const;
    const instructions = [relu(wide[0], wide[1]), relu(wide[1], wide[2]), relu(wide[2], wide[3])];
    const given = { instructions, given: [wide[0]], read: [wide[3]] };
    const end = { ...plan, end: 6, lasting: [] };
    expect(verifying({ ...given, plan: { ...end, lines: Int32Array.of(2, 3, 5, 3) } })).not.toThrow();
    expect(verifying({ ...given, plan: { ...end, lines: Int32Array.of(2, 3, 4, 3) } })).toThrow(
      't2 lies where t1 is still wanted, from instruction 1 on.',
    );
  });

  it('what the host gave, or will read, is written over', () => {
    expect(at(2, 3, 4, 2)).toThrow('t3 lies where t0 is still wanted, from instruction 2 on.');
    const read = [b, d];
    expect(verifying({ read, plan })).toThrow('t3 lies where t1 is still wanted, from instruction 2 on.');
  });

  it('a program takes the place of what another one keeps', () => {
    const kept = tensor(4);
    const lines = Int32Array.of(2, 3, 4, 3, 4);
    expect(verifying({ plan: { ...plan, lines, lasting: [kept] } })).toThrow(
      't2 lies where t4 is still wanted, from instruction 1 on.',
    );
  });
});

const chainOf = (size: number): Graph =>
  chain([
    ['Input', 'input', { shape: [2, size, size] }],
    ['Conv2d', 'conv', { outChannels: 4 }],
    ['ReLU', 'relu'],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 3 }],
  ]);

function compiled(graph: Graph, options: Partial<CompileOptions> = {}): Model {
  return compile({
    inference: infer(graph),
    training: defaultTraining,
    batch: 4,
    input: 'uint8',
    programs: ['train', 'evaluate'],
    realBytes: 4,
    start: MODEL_START,
    ...options,
  });
}

describe('a compiler with a fault', () => {
  it('a layer that writes nothing', () => {
    vi.spyOn(layerKind('ReLU')!, 'lower').mockImplementation((_, lowering) => void lowering.output());
    expect(() => compiled(chainOf(8))).toThrow('reads relu.output before anything is written there.');
  });

  it('a fusion that loses an instruction', () => {
    vi.mocked(fusing.fuse).mockImplementationOnce(instructions => instructions.slice(1));
    expect(() => compiled(chainOf(8))).toThrow('before anything is written there.');
  });

  it('a plan that gives two tensors one place', () => {
    vi.mocked(planning.placeByLifetime).mockImplementationOnce((program, _kept, from, _realBytes, lines) => {
      for (const instruction of program)
        for (const { tensor } of tensorsOf(instruction)) if (lines[tensor.id] === 0) lines[tensor.id] = from;
      return from + 100_000;
    });
    expect(() => compiled(chainOf(8))).toThrow(/lies where .* is still wanted/);
  });
});

/** What a host gives to the train program and reads of it. */
function hostOf({ images, indices, normalization, heads, constants, parameters, losses }: Model) {
  const given = [
    ...[images, indices, normalization!.scale, normalization!.shift],
    ...heads.map(({ targets }) => targets),
    ...constants.map(each => each.tensor),
    ...parameters.flatMap(each => [each.tensor, ...Object.values(each.slots)]),
  ];
  const read = [losses, ...heads.flatMap(({ outputs, scores }) => [outputs.train!, scores])];
  return { given, read };
}

/** Whether an instruction alone writes something that others read. */
const makesSomething = (instruction: Instruction) =>
  fieldsOf(instruction).some(
    ({ field, type }) =>
      type.startsWith('out') ||
      (type.startsWith('inout') && field !== 'losses' && operandOf(instruction, 'accumulate') === 0),
  );

it('misses no instruction of a network that learns', () => {
  const model = compiled(lenet.build([1, 28, 28], 10), { realBytes: 8, programs: ['train'] });
  const { train } = model.instructions;
  const host = { realBytes: 8, ...hostOf(model) } as const;
  expect(() => verify({ ...host, instructions: train })).not.toThrow();
  const making = train.filter(makesSomething);
  expect(making.length).toBeGreaterThan(20);
  const measured = new Set<Operand | undefined>(model.heads.map(({ predictions }) => predictions));
  for (const left of making) {
    const instructions = train.filter(each => each !== left);
    if (tensorsOf(left).some(use => use.isWritten && measured.has(use.tensor))) continue;
    expect(() => verify({ ...host, instructions }), left.name).toThrow(ProgramError);
  }
});
