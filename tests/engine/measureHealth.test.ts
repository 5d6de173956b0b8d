/** What the watching program sees of units that are dead, and that it learns the same as the plain one. */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { hashWeights } from '../../src/engine/runtime/checkpoint.ts';
import { deadUnits, healthOf } from '../../src/engine/runtime/measureHealth.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

const [CHANNELS, PIXELS, BATCH] = [20, 6, 3];

function trained(program: 'train' | 'watch', learningRate = 0.1): { session: Session; hash: string } {
  const graph = chain([
    ['Input', 'input', { shape: [CHANNELS, 2, 3] }],
    ['ReLU', 'relu'],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 4 }],
  ]);
  const backend = loadBackend();
  const model = compile({
    inference: infer(graph),
    training: { ...defaultTraining, optimizer: { kind: 'Adam', params: {} } },
    batch: BATCH,
    input: 'real',
    programs: ['train', 'watch'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  const session = new Session(model, backend, 2);
  session.initialise(1);
  // Every fourth channel is below zero everywhere; the others are above it at half of the pixels.
  session.realImages.set(
    Array.from({ length: BATCH * PIXELS * CHANNELS }, (_, at) => {
      const [channel, pixel] = [at % CHANNELS, Math.floor(at / CHANNELS)];
      return channel % 4 === 0 ? -1 - channel : pixel % 2 === 0 ? 1 + channel : -1;
    }),
  );
  session.run(program, BATCH, { learningRate, seed: 1, step: 0 });
  return { session, hash: hashWeights(session.weightSources()) };
}

it('counts the channels that are above zero nowhere', () => {
  const { session } = trained('watch');
  expect(deadUnits(session, node => `node ${node}`)).toEqual([{ node: 'node relu', dead: 0.25 }]);
  const shares = [...session.reals(session.model.activity[0]!.active)];
  expect(shares.filter(share => share === 0.5)).toHaveLength(15);
  session.close();
});

it('leaves the same weights as the plain program', () => {
  const [watched, plain] = [trained('watch'), trained('train')];
  expect(watched.hash).toBe(plain.hash);
  for (const { session } of [watched, plain]) session.close();
});

it('measures the length of gradients and weights, and how far they moved', () => {
  const before = trained('train', 0).session;
  const { session } = trained('watch');
  const [was, is] = [before, session].map(
    each => new Map(each.weights().map(({ name, values }) => [name, values])),
  );
  let [gradient, weight, moved] = [0, 0, 0];
  for (const { name, values } of session.gradients()) {
    for (const [i, each] of values.entries()) {
      gradient += each ** 2;
      weight += was!.get(name)![i]! ** 2;
      moved += (is!.get(name)![i]! - was!.get(name)![i]!) ** 2;
    }
  }
  const [head, ...others] = healthOf(session);
  expect(others).toEqual([]);
  expect(head!.node).toBe('head');
  expect(head!.gradientNorm / Math.sqrt(gradient)).toBeCloseTo(1, 6);
  expect(head!.weightNorm / Math.sqrt(weight)).toBeCloseTo(1, 6);
  expect(head!.updateRatio / Math.sqrt(moved / weight)).toBeCloseTo(1, 6);
  for (const each of [before, session]) each.close();
});
