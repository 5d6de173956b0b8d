/**
 * How fast single convolutions are, on one thread, the best of many turns: `node tests/bench/kernels.ts [part of a
 * name]`. Prints GFLOP/s of the direct convolution (2 · multiply-accumulates, whatever the kernel does) forward, by the input and by the weight.
 */
import { compile } from '../../src/engine/compile/compile.ts';

import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { instructions as table } from '../../src/engine/layers/instructions.ts';
import { PROGRAM_END } from '../../src/engine/layers/kernelConstants.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { allocate, CONTROL, controlWords, MODEL_START, words } from '../../src/engine/runtime/memory.ts';
import { openThread } from '../../src/engine/runtime/pool.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

interface Shape {
  readonly name: string;
  readonly side: number;
  readonly from: number;
  readonly to: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly batch?: number;
}

const shapes: readonly Shape[] = [
  { name: '3x3', side: 32, from: 32, to: 32 },
  { name: '3x3', side: 16, from: 64, to: 64 },
  { name: '3x3', side: 8, from: 128, to: 128 },
  { name: '3x3', side: 32, from: 16, to: 16 },
  { name: '3x3', side: 64, from: 64, to: 64, batch: 32 },
  { name: '3x3', side: 8, from: 256, to: 256 },
  { name: '3x3', side: 4, from: 512, to: 512 },
  { name: 'first', side: 32, from: 3, to: 32 },
  { name: 'first', side: 28, from: 1, to: 32 },
  { name: 'strided', side: 32, from: 64, to: 128, stride: 2 },
  { name: 'strided', side: 16, from: 32, to: 64, stride: 2 },
  { name: '1x1', side: 32, from: 64, to: 128, kernel: 1, stride: 2 },
  { name: '1x1', side: 24, from: 24, to: 144, kernel: 1 },
  { name: '1x1', side: 24, from: 144, to: 24, kernel: 1 },
  { name: '1x1', side: 6, from: 384, to: 64, kernel: 1 },
  { name: '5x5', side: 14, from: 32, to: 64, kernel: 5 },
  { name: 'linear', side: 1, from: 1024, to: 128, kernel: 1 },
  { name: 'depthwise', side: 24, from: 144, to: 144, groups: 144 },
  { name: 'depthwise', side: 48, from: 96, to: 96, groups: 96, stride: 2 },
  { name: 'grouped', side: 16, from: 128, to: 128, groups: 32 },
];

/** The program of a network around a convolution, in which everything wants a gradient. */
function modelOf({ side, from, to, kernel = 3, stride = 1, groups = 1, batch = 64 }: Shape) {
  const pad = kernel >> 1;
  const conv = {
    outChannels: to,
    kernelSize: [kernel, kernel],
    stride: [stride, stride],
    groups,
    bias: false,
  };
  const graph = chain([
    ['Input', 'input', { shape: [5, side, side] }],
    ['Conv2d', 'before', { outChannels: from, kernelSize: [1, 1], padding: [0, 0, 0, 0] }],
    ['Conv2d', 'conv', { ...conv, padding: [pad, pad, pad, pad] }],
    ['GlobalAvgPool2d', 'pool'],
    ['Flatten', 'flatten'],
  ]);
  const options = { training: defaultTraining, batch, input: 'real', programs: ['train'] } as const;
  return compile({ ...options, inference: infer(graph), realBytes: 4, start: MODEL_START });
}

const names = Object.keys(table) as (keyof typeof table)[];
const directions = {
  forward: /Forward/,
  input: /Transpose|BackwardInput/,
  weight: /BackwardWeight|sumParts/,
};
const only = process.argv[2] ?? '';
const backend = loadBackend(process.argv[3] === 'native' ? 'native' : 'wasm');

for (const shape of shapes) {
  const { name, side, from, to, kernel = 3, stride = 1, groups = 1, batch = 64 } = shape;
  const title = `${name} ${side}² ${from}→${to}${stride > 1 ? ` s${stride}` : ''}`;
  if (!title.includes(only)) continue;
  const model = modelOf(shape);
  const memory = allocate(model.end, 1, backend.name);
  const control = controlWords(memory);
  const all = new Float32Array(memory.buffer, MODEL_START, (model.end - MODEL_START) / 4);
  for (let i = 0; i < all.length; i++) all[i] = (((i * 2654435761) >>> 16) % 2001) / 1000 - 1;
  const { run } = openThread({
    kernels: backend.kernels,
    memory,
    thread: 0,
    threads: 1,
    modelEnd: model.end,
  });
  control[words.batch] = batch;
  control[words.program] = CONTROL - 1024;
  const single = new Int32Array(memory.buffer, CONTROL - 1024, 128);
  const program = model.programs.train!;
  const found: Record<string, number> = { forward: 0, input: 0, weight: 0 };
  const parts: string[] = [];
  let isOurs = false;
  for (let at = 0; program[at] !== PROGRAM_END; ) {
    const instruction = names[program[at]!]!;
    const fields = Object.keys(table[instruction]);
    const value = (field: string) => program[at + 1 + fields.indexOf(field)];
    if (instruction !== 'sumParts') isOurs = value('channels') === from && value('outChannels') === to;
    if (isOurs) {
      single.set(program.subarray(at, at + 1 + fields.length));
      single[1 + fields.length] = PROGRAM_END;
      run();
      let milliseconds = Infinity;
      const end = performance.now() + 300;
      for (let turns = 0; turns < 8 || performance.now() < end; turns++) {
        const start = performance.now();
        run();
        milliseconds = Math.min(milliseconds, performance.now() - start);
      }
      for (const [direction, pattern] of Object.entries(directions))
        if (pattern.test(instruction)) found[direction]! += milliseconds;
      parts.push(`${instruction} ${milliseconds.toFixed(2)}`);
    }
    at += 1 + fields.length;
  }
  const out = Math.ceil(side / stride) ** 2;
  const flops = 2 * batch * out * to * (from / groups) * kernel ** 2;
  const rates = Object.values(found).map(ms => (flops / ms / 1e6).toFixed(1).padStart(7));
  console.log(`${title.padEnd(28)}${rates.join('')}   ${parts.join(', ')}`);
}
