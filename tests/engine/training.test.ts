/**
 * Whole runs on real threads: the same bits for any number of workers, an interrupted run that goes on as if
 * nothing had happened, and orders given while it runs.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { shuffled } from '../../src/engine/runtime/philox.ts';
import type { TrainerMessage } from '../../src/engine/runtime/trainerMessages.ts';
import { Training } from '../../src/engine/runtime/training.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';

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
  options: { document?: ProjectDocument; threads?: number; resumeFrom?: string | null } = {},
  steer: (training: Training, message: TrainerMessage) => void = () => {},
): Promise<Trained> {
  const { document = documentOf(), threads = 2, resumeFrom = null } = options;
  const messages: TrainerMessage[] = [];
  const training = new Training(
    { document, data: brightQuarters(), threads, folder, resumeFrom },
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

it('ends in the same weights for one, two and three workers', async () => {
  const hashes = new Set<string | undefined>();
  for (const threads of [1, 2, 3]) hashes.add((await train({ threads })).end?.weightHash);
  expect(hashes.size).toBe(1);
  expect([...hashes][0]).toMatch(/^[0-9a-f]{64}$/);
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
