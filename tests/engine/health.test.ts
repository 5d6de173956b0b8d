/** What is said of layers that are known to fare badly, and of a network that is known to learn. */
import { expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { defaultTraining, type Graph } from '../../src/engine/graph/document.ts';
import { type HealthFinding, judgeHealth, type LayerHealth } from '../../src/engine/graph/healthFindings.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { loadBackend } from '../../src/engine/runtime/backend.ts';
import { deadUnits, healthOf } from '../../src/engine/runtime/measureHealth.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';

const BATCH = 16;

/** How layers fare after some steps on one batch of noise with 4 classes. */
function watched(graph: Graph, learningRate: number, steps: number): LayerHealth[] {
  const backend = loadBackend();
  const model = compile({
    inference: infer(graph),
    training: { ...defaultTraining, optimizer: { kind: 'SGD', params: { momentum: 0 } } },
    batch: BATCH,
    input: 'real',
    programs: ['train', 'watch'],
    realBytes: backend.realBytes,
    start: MODEL_START,
  });
  const session = new Session(model, backend, 1);
  session.initialise(3);
  session.realImages.set(
    Float32Array.from({ length: session.realImages.length }, (_, i) => Math.sin(i * 12.9898) * 1.5),
  );
  session.targets(model.heads[0]!).set(Int32Array.from({ length: BATCH }, (_, i) => i % 4));
  for (let step = 0; step < steps; step++) {
    session.run('watch', BATCH, { learningRate, seed: 1, step });
  }
  const health = [
    ...healthOf(session),
    ...deadUnits(session, node => infer(graph).nodes.get(node)!.node.name),
  ];
  session.close();
  return health;
}

const network = (...layers: ChainLink[]): Graph =>
  chain([['Input', 'input', { shape: [1, 8, 8] }], ...layers, ['Linear', 'head', { outFeatures: 4 }]]);

const worst = (found: ReadonlyMap<string, readonly HealthFinding[]>, layer: string) => {
  const { figure, wellness } = found.get(layer)![0]!;
  return `${wellness} ${figure}`;
};

it('finds the gradient that vanishes through a stack of sigmoids', () => {
  const stack = Array.from({ length: 8 }, (_, i): ChainLink[] => [
    ['Linear', `fc${i}`, { outFeatures: 32 }],
    ['Sigmoid', `s${i}`],
  ]);
  const found = judgeHealth(watched(network(['Flatten', 'flatten'], ...stack.flat()), 0.02, 2));
  expect(worst(found, 'fc0')).toBe('ill gradientNorm');
  expect(worst(found, 'head')).toBe('good updateRatio');
});

it('finds the ReLUs that too large a step has killed, and what they cut off', () => {
  const small = network(
    ['Conv2d', 'conv', { outChannels: 8 }],
    ['ReLU', 'relu1'],
    ['Flatten', 'flatten'],
    ['Linear', 'fc', { outFeatures: 32 }],
    ['ReLU', 'relu2'],
  );
  const killed = judgeHealth(watched(small, 30, 4));
  expect(worst(killed, 'relu2')).toBe('ill dead');
  expect(worst(killed, 'conv')).toBe('ill gradientNorm');
  const sound = judgeHealth(watched(small, 0.02, 4));
  for (const layer of ['conv', 'relu1', 'fc', 'relu2', 'head']) {
    expect(sound.get(layer)![0]!.wellness, layer).toBe('good');
  }
});

it('says what explodes and what moves too much or hardly, figures that are no numbers too', () => {
  const found = judgeHealth([
    { node: 'conv', gradientNorm: 5, updateRatio: 1e-7 },
    { node: 'fc', gradientNorm: 500, updateRatio: 0.1 },
    { node: 'head', gradientNorm: Number.NaN, updateRatio: 0.001 },
  ]);
  expect(['conv', 'fc', 'head'].map(layer => worst(found, layer))).toEqual([
    'watch updateRatio',
    'watch updateRatio',
    'ill gradientNorm',
  ]);
  expect(found.get('fc')!.map(({ wellness }) => wellness)).toEqual(['watch', 'watch']);
});
