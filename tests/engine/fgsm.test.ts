/** Training on images that FGSM has changed, as PyTorch does it; and what it leaves alone. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import type { Training } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { targetsOf, weightsOf } from '../oracles/cases.ts';
import { byteAt, fgsmCase, MEAN, STD } from '../oracles/fgsmCase.ts';

const { tensors: expected } = readSafetensors(
  readFileSync(new URL('../oracles/expected/fgsm.safetensors', import.meta.url)),
);
const { document, batch, steps } = fgsmCase;
const [CHANNELS, PIXELS] = [2, 30];

/** The case's network, its images and what is true of them, ready to train. */
function sessionOf(name: BackendName, augmentations: Training['augmentations'], threads = 1): Session {
  const backend = loadBackend(name);
  const model = compile({
    inference: infer(document.graph),
    training: { ...document.training, augmentations },
    batch,
    input: 'uint8',
    programs: ['train'],
    realBytes: backend.realBytes,
    start: MODEL_START,
    keepsOutputs: true,
  });
  const session = new Session(model, backend, threads);
  session.setNormalization(MEAN, STD);
  const given = weightsOf(fgsmCase);
  session.restore(name => given.get(name) && Float32Array.from(given.get(name)!.values));
  session.images.set(Array.from({ length: batch * CHANNELS * PIXELS }, (_, i) => byteAt(i)));
  session.indices.set([5, 6, 7, 8]);
  return session;
}

function step(session: Session, count: number): Float64Array {
  const { learningRate } = document.training;
  session.targets(session.model.heads[0]!).set([...targetsOf(fgsmCase)][0]![1].values);
  session.run('train', batch, { learningRate, seed: 1, step: count });
  return Float64Array.from(session.reals(session.model.outputsOfNodes[0]!.tensor));
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(...Array.from(a, (each, i) => Math.abs(each - b[i]!)));

describe.each(['reference', 'wasm'] as const)('%s', name => {
  it('reads the images that PyTorch reads, and learns the same from them', () => {
    const session = sessionOf(name, document.training.augmentations);
    for (let i = 0; i < steps; i++) {
      const read = step(session, i);
      const wanted = expected.get(`read.${i}`)!.values;
      const channelsFirst = Float64Array.from(read, (_, at) => {
        const [image, c, pixel] = [Math.floor(at / 60), Math.floor(at / PIXELS) % CHANNELS, at % PIXELS];
        return read[image * 60 + pixel * CHANNELS + c]!;
      });
      expect(distance(channelsFirst, wanted), `images of step ${i}`).toBeLessThan(1e-5);
      const loss = Array.from(session.losses).reduce((sum, each) => sum + each, 0) / batch;
      expect(loss).toBeCloseTo(expected.get(`loss.${i}`)!.values[0]!, 5);
    }
    for (const { name, values } of session.weights())
      expect(distance(values, expected.get(name)!.values), name).toBeLessThan(1e-5);
    session.close();
  });
});

const half: Training['augmentations'] = [
  { kind: 'RandomHorizontalFlip', params: { p: 1 } },
  { kind: 'FGSM', params: { p: 0.5, eps: 0.1 } },
  { kind: 'RandomHorizontalFlip', params: { p: 1 } },
];

it('changes its share of the images, wherever it stands, and the same with any number of workers', () => {
  const [plain, one, three] = [[], half, half].map((augmentations, i) => {
    const session = sessionOf('wasm', augmentations, 1 + (i % 3));
    const read = step(session, 0);
    session.close();
    return read;
  });
  expect(one).toEqual(three);
  const changed = [0, 1, 2, 3].map(image => {
    const [a, b] = [one!, plain!].map(each => each.subarray(image * 60, (image + 1) * 60));
    return distance(a!, b!) > 0.1;
  });
  expect(new Set(changed).size).toBe(2);
});
