/** How far the memory reaches: 4 GiB in WebAssembly, beyond it with native kernels. */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { allocate, MemoryError } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { fastBackends } from './backends.ts';

const GIB = 2 ** 30;

it('says what to do where a network is too large for a backend', () => {
  expect(() => allocate(5 * GIB, 1, 'wasm')).toThrow(
    new MemoryError(
      'Training would take 5.0 GiB; WebAssembly reaches 4 GiB. Use native code, a smaller batch, or a batch in parts.',
    ),
  );
  expect(() => allocate(17 * GIB, 1, 'native')).toThrow(/the engine reaches 16 GiB. Use a smaller batch/);
});

/** What a network answers whose tensors lie behind so many bytes. */
function answerBehind(bytes: number): number[] {
  const backend = loadBackend('native');
  const graph = chain([
    ['Input', 'input', { shape: [3, 8, 8] }],
    ['Conv2d', 'conv', { outChannels: 20 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 4 }],
  ]);
  const [inference, realBytes, start] = [infer(graph), backend.realBytes, bytes] as const;
  const options = { batch: 2, input: 'real', programs: ['train'], training: defaultTraining } as const;
  const session = new Session(compile({ ...options, inference, realBytes, start }), backend, 2);
  try {
    session.initialise(1);
    session.realImages.fill(0.5);
    session.run('train', 2, { learningRate: 0.1, seed: 1, step: 0 });
    return session.weights().flatMap(({ values }) => [...values]);
  } finally {
    session.close();
  }
}

it.each(fastBackends.slice(1))('%s computes the same behind 4 GiB', (_, use) => {
  use();
  expect(answerBehind(5 * GIB)).toEqual(answerBehind(2 ** 20));
});
