/** The peak performance of this machine with a backend and number of threads: arithmetic, memory, cache. */
import { encode, encodedLength } from '../../engine/compile/encode.ts';
import { placeInOrder } from '../../engine/compile/plan.ts';
import { forEachProgram, type Instruction, type Model } from '../../engine/compile/program.ts';
import { LINE_BYTES } from '../../engine/layers/kernelConstants.ts';
import type { Tensor } from '../../engine/layers/lowering.ts';
import type { Backend } from '../../engine/runtime/backend.ts';
import { MODEL_START } from '../../engine/runtime/memory.ts';
import { Session } from '../../engine/runtime/session.ts';

export interface Peak {
  /** Floating-point operations a second, multiplication and addition counted apart. */
  readonly flops: number;
  /** Bytes a second, read and written, of what fits no cache, and of what does. */
  readonly memory: number;
  readonly cache: number;
}

const TASK_COUNT = 64;
const ROUNDS_PER_TASK = 200_000;
/** Numbers that are copied: twice 128 MB are in no cache, twice 4 MB in that of most machines. */
const UNCACHED_NUMBERS = 32 * 2 ** 20;
const CACHED_NUMBERS = 2 ** 20;
/** Repetitions, of which the best counts. */
const PEAK_REPEATS = 15;

export function machinePeak(backend: Backend, threads: number): Peak {
  const tensor = (id: number, type: Tensor['type'], count: number): Tensor => ({ id, name: '', type, count });
  const [sums, operations] = [tensor(0, 'real', TASK_COUNT), tensor(1, 'int32', TASK_COUNT)];
  const [from, to] = [tensor(2, 'real', UNCACHED_NUMBERS), tensor(3, 'real', UNCACHED_NUMBERS)];
  const copy = (count: number): Instruction => ({
    name: 'copyBackward',
    operands: { dy: from, dx: to, accumulate: 0, count },
  });
  const program: Instruction[] = [
    { name: 'measureArithmetic', operands: { sums, operations, tasks: TASK_COUNT, rounds: ROUNDS_PER_TASK } },
    copy(UNCACHED_NUMBERS),
    copy(CACHED_NUMBERS),
    copy(CACHED_NUMBERS),
  ];
  const session = new Session(modelOf(program, [sums, operations, from, to]), backend, threads);
  try {
    const none = { learningRate: 0, seed: 0, step: 0 };
    const times = Array.from({ length: PEAK_REPEATS }, () => session.runTimed('evaluate', 1, none));
    const seconds = (i: number) => Math.min(...times.map(each => each[i]!)) / 1000;
    const done = Array.from(session.int32s(operations)).reduce((sum, each) => sum + each, 0);
    const moved = (count: number) => 2 * count * backend.realBytes;
    // The first small copy brings what the second finds in the cache.
    return {
      flops: done / seconds(0),
      memory: moved(UNCACHED_NUMBERS) / seconds(1),
      cache: moved(CACHED_NUMBERS) / seconds(3),
    };
  } finally {
    session.close();
  }
}

/** A model that is nothing but instructions. */
function modelOf(program: readonly Instruction[], tensors: readonly Tensor[]): Model {
  const lines = new Int32Array(tensors.length);
  const first = Math.ceil((MODEL_START + 4 * encodedLength(program)) / LINE_BYTES);
  const end = placeInOrder(tensors, first, 4, lines) * LINE_BYTES;
  const none = tensors[0]!;
  return {
    batch: 1,
    realBytes: 4,
    parameters: [],
    images: none,
    indices: none,
    heads: [],
    losses: none,
    constants: [],
    activity: [],
    outputsOfNodes: [],
    normalization: null,
    instructions: forEachProgram(name => (name === 'evaluate' ? program : [])),
    programs: forEachProgram(name => (name === 'evaluate' ? encode(program, lines) : null)),
    lines,
    end,
    sizes: { weights: 0, optimizer: 0, activations: 0 },
  };
}
