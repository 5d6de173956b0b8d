/**
 * Whole runs on real threads: the same bits for any number of workers, an interrupted run that goes on as if
 * nothing had happened, and orders given while it runs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import type { BackendName } from '../../src/engine/runtime/backend.ts';
import { shuffled } from '../../src/engine/runtime/philox.ts';
import { TrainerHandle } from '../../src/engine/runtime/trainerHandle.ts';
import type { TrainerMessage } from '../../src/engine/runtime/trainerMessages.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { fastBackends } from './backends.ts';

const COUNT = 230;
const SIDE = 10;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-training-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Images whose class is the quarter that is bright: learned in seconds. */
function brightQuarters(): TrainingData {
  const images = Buffer.alloc(COUNT * SIDE * SIDE);
  const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 4);
  for (let i = 0; i < images.length; i++) {
    const [image, y, x] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE];
    const quarter = 2 * Number(y >= SIDE / 2) + Number(x >= SIDE / 2);
    images[i] = ((i * 2654435761) >>> 25) + (quarter === labels[image] ? 100 : 0);
  }
  const imagesPath = join(folder, 'images.bin');
  writeFileSync(imagesPath, images);
  const order = shuffled(
    Int32Array.from({ length: COUNT }, (_, i) => i),
    1,
    0,
  );
  return {
    imagesPath,
    imageShape: [1, SIDE, SIDE],
    classes: ['a', 'b', 'c', 'd'],
    labels,
    splits: { train: order.slice(0, 150), val: order.slice(150, 190), test: order.slice(190) },
    mean: [0.4],
    std: [0.25],
    fingerprint: 'bright-quarters',
  };
}

function documentOf(training: Partial<ProjectDocument['training']> = {}): ProjectDocument {
  const graph = chain([
    ['Input', 'input', { shape: [1, SIDE, SIDE] }],
    ['Conv2d', 'conv', { outChannels: 9 }],
    ['ReLU', 'relu'],
    ['MaxPool2d', 'pool'],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 4 }],
  ]);
  const document = newDocument('quarters', graph);
  return { ...document, training: { ...document.training, batchSize: 16, epochs: 3, ...training } };
}

interface Trained {
  messages: TrainerMessage[];
  end: Extract<TrainerMessage, { type: 'end' }> | undefined;
}

async function train(
  options: {
    document?: ProjectDocument;
    backend?: BackendName;
    threads?: number;
    yields?: boolean;
    resumeFrom?: string | null;
    checkpointSteps?: number;
  } = {},
  steer: (training: TrainerHandle, message: TrainerMessage) => void = () => {},
): Promise<Trained> {
  const { document = documentOf(), backend = 'wasm', threads = 2, ...others } = options;
  const messages: TrainerMessage[] = [];
  const training = new TrainerHandle(
    {
      document,
      data: brightQuarters(),
      backend,
      threads,
      yields: false,
      folder,
      resumeFrom: null,
      ...others,
    },
    message => {
      messages.push(message);
      steer(training, message);
    },
  );
  await training.ended;
  return { messages, end: messages.find(message => message.type === 'end') };
}

const ofType = <T extends TrainerMessage['type']>(messages: TrainerMessage[], type: T) =>
  messages.filter((message): message is Extract<TrainerMessage, { type: T }> => message.type === type);

it('learns, and reports every step once', async () => {
  const { messages, end } = await train();
  expect(end?.state).toBe('finished');
  expect(end?.metrics['test.accuracy']).toBeGreaterThan(0.9);
  const steps = ofType(messages, 'steps').flatMap(({ points }) => points.map(({ step }) => step));
  expect(steps).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
  expect(ofType(messages, 'epoch').map(({ point }) => point.epoch)).toEqual([1, 2, 3]);
});

it.each(fastBackends)('ends in the same weights for one, two and three workers: %s', async (_, use) => {
  const backend = use();
  const hashes = new Set<string | null | undefined>();
  for (const threads of [1, 2, 3]) hashes.add((await train({ threads, backend })).end?.weightHash);
  expect(hashes.size).toBe(1);
  expect([...hashes][0]).toMatch(/^[0-9a-f]{64}$/);
});

/** Everything by chance, everything that is kept between steps, a batch in parts. */
const everything: Partial<ProjectDocument['training']> = {
  epochs: 4,
  batchSize: 24,
  accumulate: 3,
  learningRate: 0.005,
  optimizer: { kind: 'AdamW', params: { amsgrad: true } },
  schedule: { kind: 'ReduceLROnPlateau', params: { patience: 0, threshold: 0.2 } },
  warmup: 0.5,
  regularisation: { l1: 1e-4, decayAll: false, clipNorm: 1, clipValue: 0.5, ema: 0.9 },
  stopping: { patience: 3, metric: 'loss', restoreBest: true },
  augmentations: [
    { kind: 'RandomRotation', params: {} },
    { kind: 'RandomContrast', params: {} },
    { kind: 'GaussianNoise', params: {} },
    { kind: 'RandomErasing', params: {} },
    { kind: 'FGSM', params: {} },
  ],
};

/** With dropout and noise inside, too. */
function chancy(): ProjectDocument {
  const graph = chain([
    ['Input', 'input', { shape: [1, SIDE, SIDE] }],
    ['Conv2d', 'conv', { outChannels: 9 }],
    ['BatchNorm2d', 'norm'],
    ['ReLU', 'relu'],
    ['GaussianNoise', 'noise'],
    ['MaxPool2d', 'pool'],
    ['Flatten', 'flatten'],
    ['Dropout', 'dropout', { p: 0.3 }],
    ['Linear', 'head', { outFeatures: 4 }],
  ]);
  return { ...documentOf(everything), graph };
}

it.each(fastBackends)('does so with all that acts by chance: %s', async (_, use) => {
  const backend = use();
  const hashes = new Set<string | null | undefined>();
  for (const threads of [1, 2, 3])
    hashes.add((await train({ document: chancy(), threads, backend })).end?.weightHash);
  expect(hashes.size).toBe(1);
  expect([...hashes][0]).toMatch(/^[0-9a-f]{64}$/);
});

it('goes on exactly from every step, with averages, schedule and what was best', async () => {
  const document = chancy();
  const whole = await train({ document, checkpointSteps: 1 });
  const saved = ofType(whole.messages, 'checkpoint').filter(({ kind }) => kind === 'last');
  expect(saved.length).toBeGreaterThan(20);
  // Every one would take a minute: some within an epoch, at its end, and while the rate climbs.
  for (const { path, step } of saved.filter((_, i) => i % 4 === 1)) {
    const resumed = await train({ document, resumeFrom: path });
    expect(resumed.end?.weightHash, `from step ${step}`).toBe(whole.end?.weightHash);
    expect(resumed.end?.metrics, `from step ${step}`).toMatchObject({
      'test.loss': whole.end?.metrics['test.loss'],
    });
  }
});

it('learns the same from a batch in parts as from a whole one', async () => {
  const losses = await Promise.all(
    [1, 4].map(async accumulate => {
      const { messages } = await train({ document: documentOf({ accumulate, epochs: 1 }) });
      return ofType(messages, 'steps').flatMap(({ points }) => points.map(({ loss }) => loss));
    }),
  );
  expect(losses[0]).toHaveLength(10);
  for (const [i, loss] of losses[0]!.entries()) expect(loss).toBeCloseTo(losses[1]![i]!, 4);
});

it('stops early, with the weights of its best epoch', async () => {
  const stopping = { patience: 2, metric: 'loss', restoreBest: true } as const;
  const schedule = { kind: 'StepLR', params: { stepSize: 3, gamma: 1e-6 } };
  const { messages, end } = await train({
    document: documentOf({ epochs: 30, stopping, schedule, learningRate: 0.5 }),
  });
  const losses = ofType(messages, 'epoch').map(({ point }) => point.valLoss!);
  const best = losses.indexOf(Math.min(...losses)) + 1;
  expect(losses).toHaveLength(best + 2);
  expect(end?.metrics['best.epoch']).toBe(best);
});

it('counts patience anew where it is given more epochs, and only there', async () => {
  const stopping = { patience: 2, metric: 'loss', restoreBest: false } as const;
  // So slow that no epoch is better than the first.
  const slow = (epochs: number) => documentOf({ epochs, stopping, learningRate: 1e-30 });
  const epochsOf = ({ messages }: Awaited<ReturnType<typeof train>>) =>
    ofType(messages, 'epoch').map(({ point }) => point.epoch);
  const first = await train({ document: slow(10) });
  expect(epochsOf(first)).toEqual([1, 2, 3]);
  const saved = ofType(first.messages, 'checkpoint').filter(({ kind }) => kind === 'last');
  const resumeFrom = saved.at(-1)!.path;
  expect(epochsOf(await train({ document: slow(10), resumeFrom }))).toEqual([]);
  const extended = await train({ document: slow(20), resumeFrom });
  expect(epochsOf(extended)).toEqual([4, 5]);
  const within = ofType(extended.messages, 'checkpoint').find(({ epoch }) => epoch === 4)!;
  expect(epochsOf(await train({ document: slow(20), resumeFrom: within.path }))).toEqual([5]);
});

it('lets a schedule go on from a learning rate that was changed by hand', async () => {
  const gamma = 0.98;
  const schedule = { kind: 'ExponentialLR', params: { gamma } };
  const document = documentOf({ epochs: 60, schedule });
  const { messages } = await train({ document }, (training, message) => {
    if (message.type === 'steps' && message.points[0]!.step === 1) training.pause();
    if (message.type !== 'paused') return;
    training.setLearningRate(0.001);
    training.resume();
  });
  const rates = ofType(messages, 'steps').flatMap(({ points }) =>
    points.map(({ learningRate }) => learningRate),
  );
  const epochOf = (step: number) => Math.floor(step / 10);
  const changed = rates.findIndex((rate, step) => Math.abs(rate - 0.02 * gamma ** epochOf(step)) > 1e-9);
  expect(changed).toBeGreaterThan(0);
  for (const [step, rate] of rates.entries()) {
    const wanted =
      step < changed ? 0.02 * gamma ** epochOf(step) : 0.001 * gamma ** (epochOf(step) - epochOf(changed));
    expect(rate, `step ${step}`).toBeCloseTo(wanted, 6);
  }
});

it('reports every figure of an answer and how the weights fare', async () => {
  const { messages, end } = await train();
  const [report] = ofType(messages, 'evaluation').filter(({ report }) => report.split === 'test');
  expect(report!.report.losses).toHaveLength(40);
  const [head] = report!.report.heads;
  expect(head!.confusion.flat().reduce((sum, each) => sum + each, 0)).toBe(40);
  expect(Object.keys(end!.metrics)).toEqual(
    expect.arrayContaining(['test.loss', 'test.accuracy', 'test.f1', 'test.precision', 'val.recall']),
  );
  const [health] = ofType(messages, 'health');
  expect(health!.nodes.map(({ node }) => node)).toEqual(['conv', 'head', 'relu']);
  for (const each of health!.nodes) {
    if ('dead' in each) expect(each.dead).toBeLessThan(1);
    else expect([each.gradientNorm > 0, each.updateRatio > 0]).toEqual([true, true]);
  }
});

it('ends in other weights for another seed', async () => {
  const [one, two] = [await train(), await train({ document: documentOf({ seed: 2 }) })];
  expect(one.end?.weightHash).not.toBe(two.end?.weightHash);
});

it('goes on from a checkpoint as if it had never stopped', async () => {
  const whole = await train();
  for (const { path, step } of ofType(whole.messages, 'checkpoint').filter(({ kind }) => kind === 'last')) {
    const resumed = await train({ resumeFrom: path });
    expect(resumed.end?.weightHash, `from step ${step}`).toBe(whole.end?.weightHash);
  }
});

it('stops within an epoch at a checkpoint from which it goes on exactly', async () => {
  const document = documentOf({ epochs: 40 });
  const whole = await train({ document });
  const stopped = await train({ document }, (training, message) => {
    if (message.type === 'steps') training.stop();
  });
  expect(stopped.end?.state).toBe('stopped');
  const last = ofType(stopped.messages, 'checkpoint').findLast(({ kind }) => kind === 'last')!;
  expect(last.step).toBeLessThan(400);
  const resumed = await train({ document, resumeFrom: last.path });
  expect(resumed.end?.weightHash).toBe(whole.end?.weightHash);
  expect(readdirSync(folder).filter(name => name.endsWith('.tmp'))).toEqual([]);
});

it('pauses, takes a new learning rate, and resumes', async () => {
  const { messages, end } = await train({ document: documentOf({ epochs: 60 }) }, (training, message) => {
    if (message.type === 'steps' && message.points[0]!.step === 1) training.pause();
    if (message.type === 'paused') {
      training.setLearningRate(0.001);
      training.resume();
    }
  });
  const kinds = messages.map(({ type }) => type);
  expect(kinds.indexOf('paused')).toBeGreaterThan(0);
  expect(kinds.indexOf('resumed')).toBeGreaterThan(kinds.indexOf('paused'));
  expect(ofType(messages, 'steps').at(-1)!.points.at(-1)!.learningRate).toBeCloseTo(0.001);
  expect(end?.state).toBe('finished');
});

it('says when training diverges, and where', async () => {
  const { messages, end } = await train({ document: documentOf({ learningRate: 1000 }) });
  const [failure] = ofType(messages, 'failed');
  expect(end).toBeUndefined();
  expect(failure?.message).toMatch(
    /^The loss became (NaN|Infinity) at step \d+: training diverged\. It began in /,
  );
});

/** How far each thread of this process steps back behind others: 0 none, 19 most. */
function niceness(): Map<string, number> {
  return new Map(
    readdirSync('/proc/self/task').map(thread => {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      // Behind the name, which may hold anything, the 17th field.
      return [thread, Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])];
    }),
  );
}

it.runIf(process.platform === 'linux')('steps back behind a window, with all its threads', async () => {
  const during = new Map<boolean, number[]>();
  for (const yields of [false, true]) {
    const before = new Set(niceness().keys());
    await train({ yields, threads: 3 }, (_, message) => {
      if (message.type !== 'steps') return;
      const started = [...niceness()].filter(([thread]) => !before.has(thread));
      during.set(
        yields,
        started.map(([, nice]) => nice),
      );
    });
  }
  expect(during.get(true)!.filter(nice => nice === 10).length).toBeGreaterThanOrEqual(3);
  expect(during.get(false)).not.toContain(10);
  expect(niceness().get(String(process.pid))).toBe(0);
});
