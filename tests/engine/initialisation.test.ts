/** What weights begin with: drawn by the kernels, on any number of threads, as Philox in TypeScript draws them. */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { hashName } from '../../src/engine/compile/hashName.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { streams } from '../../src/engine/layers/kernelConstants.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { fillUniform } from '../../src/engine/runtime/philox.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { backends } from './backends.ts';

const SEED = 4_000_000_019;

it.each(backends)('weights are drawn by seed and name, in PyTorch’s order: %s', (_, use) => {
  const backend = loadBackend(use());
  const graph = chain([
    ['Input', 'input', { shape: [6, 9, 7] }],
    ['Conv2d', 'grouped', { outChannels: 39, groups: 3 }],
    ['ConvTranspose2d', 'up', { outChannels: 5 }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 17 }],
  ]);
  const model = compile({
    inference: infer(graph),
    training: defaultTraining,
    batch: 1,
    input: 'real',
    programs: ['evaluate'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  for (const threads of [1, 3]) {
    const session = new Session(model, backend, threads);
    try {
      session.initialise(SEED);
      const weights = session.weights();
      expect(weights).toHaveLength(6);
      for (const { name, values } of weights) {
        const { initial } = model.parameters.find(parameter => parameter.name === name)!.weight;
        const wanted = new Float32Array(values.length);
        fillUniform(
          wanted,
          (initial as { uniform: number }).uniform,
          SEED,
          streams.initialisation,
          hashName(name),
        );
        expect(values, name).toEqual(wanted);
      }
    } finally {
      session.close();
    }
  }
});
