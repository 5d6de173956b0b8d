/**
 * What flows out of frozen layers is computed once: where programs are cut, that nothing is learned otherwise, to the
 * bit, and that what is kept on disk is never taken for what it is not.
 */
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { setFrozen } from '../../src/engine/graph/freezing.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { FeatureFile } from '../../src/engine/runtime/featureFile.ts';
import { shuffled } from '../../src/engine/runtime/philox.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { TrainerHandle } from '../../src/engine/runtime/trainerHandle.ts';
import type { TrainerMessage, TrainerOptions } from '../../src/engine/runtime/trainerMessages.ts';
import { DIGEST_BYTES, type TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { compileForTraining } from '../../src/engine/runtime/trainingModel.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { type ChainLink, chain, withModel } from '../../src/engine/zoo/zoo.ts';
import { noDisk, SmallDisk } from '../faults/smallDisk.ts';
import { fastBackends } from './backends.ts';

const [COUNT, SIDE] = [150, 10];

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-features-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const backbone: readonly ChainLink[] = [
  ['Input', 'input', { shape: [1, SIDE, SIDE] }],
  ['Conv2d', 'conv1', { outChannels: 16, frozen: true }],
  ['BatchNorm2d', 'norm1'],
  ['ReLU', 'relu1'],
  ['Conv2d', 'conv2', { outChannels: 16, frozen: true }],
  ['BatchNorm2d', 'norm2'],
  ['ReLU', 'relu2'],
  ['MaxPool2d', 'pool'],
];
const head: readonly ChainLink[] = [
  ['Conv2d', 'conv3', { outChannels: 5 }],
  ['BatchNorm2d', 'norm3'],
  ['ReLU', 'relu3'],
  ['Flatten', 'flatten'],
  ['Dropout', 'dropout', { p: 0.3 }],
  ['Linear', 'fc', { outFeatures: 4 }],
];

/** A frozen backbone and a head that learns. */
function documentOf(
  training: Partial<ProjectDocument['training']> = {},
  links: readonly ChainLink[] = [...backbone, ...head],
): ProjectDocument {
  const graph = setFrozen(chain(links), ['norm1', 'norm2'], true);
  const document = newDocument('frozen', graph);
  return { ...document, training: { ...document.training, batchSize: 16, epochs: 3, ...training } };
}

function withoutFeatures(document: ProjectDocument): ProjectDocument {
  const { training } = document;
  return { ...document, training: { ...training, computing: { ...training.computing, features: false } } };
}

/** Images whose class is the quarter that is bright. */
function brightQuarters(): TrainingData {
  const labels = Int32Array.from({ length: COUNT }, (_, i) => i % 4);
  const images = Buffer.from(
    Uint8Array.from({ length: COUNT * SIDE ** 2 }, (_, i) => {
      const [image, y, x] = [Math.floor(i / SIDE ** 2), Math.floor(i / SIDE) % SIDE, i % SIDE];
      const quarter = 2 * Number(y >= SIDE / 2) + Number(x >= SIDE / 2);
      return (Math.imul(i, 2654435761) >>> 25) + (quarter === labels[image] ? 100 : 0);
    }),
  );
  const imagesPath = join(folder, 'images.bin');
  writeFileSync(imagesPath, images);
  const all = Int32Array.from({ length: COUNT }, (_, i) => i);
  const order = shuffled(all, 1, 0);
  return {
    imagesPath,
    imageShape: [1, SIDE, SIDE],
    classes: ['a', 'b', 'c', 'd'],
    labels,
    splits: { train: order.slice(0, 90), val: order.slice(90, 120), test: order.slice(120) },
    mean: [0.4],
    std: [0.25],
    fingerprint: 'bright-quarters',
  };
}

const kept = () => join(folder, 'kept');
const keptFiles = () => readdirSync(kept()).map(name => join(kept(), name));

async function train(
  document: ProjectDocument,
  options: Partial<TrainerOptions> = {},
  steer: (training: TrainerHandle, message: TrainerMessage | null) => void = () => {},
) {
  const messages: TrainerMessage[] = [];
  const checkpoints = mkdtempSync(join(folder, 'run-'));
  const training = new TrainerHandle(
    {
      ...{ document, data: brightQuarters(), backend: 'wasm', threads: 2, yields: false, resumeFrom: null },
      ...{ folder: checkpoints, features: { path: kept(), most: 2 ** 30 }, ...options },
    },
    message => {
      messages.push(message);
      steer(training, message);
    },
  );
  steer(training, null);
  await training.ended;
  const end = messages.find(message => message.type === 'end');
  const reports = messages.filter(message => message.type === 'features');
  const { weightHash, metrics } = end ?? {};
  return { messages, reports, end, learned: { weightHash, metrics } };
}

/** A network of the zoo for 64×64 pixels, of which one layer learns. */
function frozenZoo(name: string, learns: string): ProjectDocument {
  const size = { input: [3, 64, 64], classes: 5 } as const;
  const document = withModel(newDocument(name, { nodes: {}, edges: [] }), zooModel(name)!, size);
  const ids = Object.keys(document.graph.nodes).filter(id => id !== learns);
  return { ...document, graph: setFrozen(document.graph, ids, true) };
}

describe('where programs are cut', () => {
  const cutOf = (document: ProjectDocument) => compileForTraining(document).features?.node;

  it.each([
    ['resnet18', 'fc', 'avgpool', [512, 1, 1]],
    ['densenet121', 'classifier', 'avgpool', [1024, 1, 1]],
    ['googlenet', 'fc', 'avgpool', [1024, 1, 1]],
    ['mobilenet_v2', 'classifier_1', 'avgpool', [1280, 1, 1]],
  ])('%s, whose head alone learns', (name, learns, node, shape) => {
    const model = compileForTraining(frozenZoo(name, learns));
    expect(model.features).toMatchObject({ node, shape });
    const read = (program: 'train' | 'evaluate') => JSON.stringify(model.instructions[program]);
    for (const program of ['train', 'evaluate'] as const) expect(read(program)).not.toContain('"images"');
  });

  it('before the first layer that learns, draws by chance or takes the statistics of the batch', () => {
    expect(cutOf(documentOf())).toBe('pool');
    const chance: ChainLink[] = [['Dropout', 'early', { p: 0.2 }], ...head];
    expect(cutOf(documentOf({}, [...backbone, ...chance]))).toBe('pool');
    const learning = setFrozen(documentOf().graph, ['norm2'], false);
    expect(cutOf({ ...documentOf(), graph: learning })).toBeUndefined();
  });

  it('nowhere, where images are augmented, nothing is computed twice, or it would not pay', () => {
    expect(cutOf(documentOf({ augmentations: [{ kind: 'RandomHorizontalFlip', params: {} }] }))).toBe(
      undefined,
    );
    expect(cutOf(documentOf({ epochs: 1 }))).toBeUndefined();
    expect(cutOf(withoutFeatures(documentOf()))).toBeUndefined();
    expect(cutOf(documentOf({}, [...backbone.slice(0, 4), ...head]))).toBeUndefined();
  });
});

describe('what is learned', () => {
  /** All that is kept between steps, a batch in parts. */
  const everything: Partial<ProjectDocument['training']> = {
    epochs: 4,
    batchSize: 24,
    accumulate: 3,
    optimizer: { kind: 'AdamW', params: { amsgrad: true } },
    schedule: { kind: 'ReduceLROnPlateau', params: { patience: 0, threshold: 0.2 } },
    regularisation: { l1: 1e-4, decayAll: false, clipNorm: 1, clipValue: 0.5, ema: 0.9 },
    stopping: { patience: 3, metric: 'loss', restoreBest: true },
  };

  it.each(fastBackends)(
    'is the same with features and without, for any number of workers: %s',
    async (_, use) => {
      const backend: BackendName = use();
      for (const document of [documentOf(), documentOf(everything)]) {
        const plain = await train(withoutFeatures(document), { backend });
        expect(plain.learned.weightHash).toMatch(/^[0-9a-f]{64}$/);
        expect(plain.reports).toEqual([]);
        for (const threads of [1, 2, 3]) {
          const { learned, reports } = await train(document, { backend, threads });
          expect(learned).toEqual(plain.learned);
          expect(reports.at(-1)).toMatchObject({ images: 120, refused: null });
          const { computed, read } = reports.at(-1)!.seconds;
          expect(read).toBeGreaterThan(0);
          // The first of them computes, the others find what it kept.
          expect(computed !== null).toBe(threads === 1);
        }
      }
      // The convolutions differ with the size of batches (winograd.ts), and so may the bits.
      expect(keptFiles()).toHaveLength(2);
    },
  );

  it('is the same after it was stopped and resumed, also with nothing left of the features', async () => {
    const document = documentOf({ epochs: 30 });
    const plain = await train(withoutFeatures(document));
    const stopped = await train(document, { checkpointSteps: 1 }, (training, message) => {
      if (message?.type === 'steps' && message.points.at(-1)!.step > 8) training.stop();
    });
    expect(stopped.end?.state).toBe('stopped');
    const checkpoints = stopped.messages.filter(message => message.type === 'checkpoint');
    const resumeFrom = checkpoints.findLast(({ kind }) => kind === 'last')!.path;
    expect((await train(document, { resumeFrom })).learned.weightHash).toBe(plain.learned.weightHash);
    rmSync(kept(), { recursive: true });
    expect((await train(document, { resumeFrom })).learned.weightHash).toBe(plain.learned.weightHash);
  });

  it('reports the same health of layers, of frozen ones as they were first', async () => {
    const document = documentOf({ epochs: 20 });
    const of = async (document: ProjectDocument) =>
      (await train(document)).messages.filter(message => message.type === 'health');
    const [plain, features] = [await of(withoutFeatures(document)), await of(document)];
    expect(features).toHaveLength(2);
    expect(features[0]).toEqual(plain[0]);
    const isFrozen = ({ node }: { node: string }) => node === 'relu1' || node === 'relu2';
    expect(features[1]!.nodes.filter(isFrozen)).toEqual(plain[0]!.nodes.filter(isFrozen));
    const others = (nodes: { node: string }[]) => nodes.filter(each => !isFrozen(each));
    expect(others(features[1]!.nodes)).toEqual(others(plain[1]!.nodes));
  });
});

describe('the features of an image', () => {
  const BATCH = 7;
  const networks = [
    ['resnet18', 'fc'],
    ['mobilenet_v2', 'classifier_1'],
    ['googlenet', 'fc'],
    ['vgg11', 'classifier_6'],
  ] as const;

  it.each(fastBackends)('are the same at every place of a batch of any size: %s', (_, use) => {
    const backend = loadBackend(use());
    for (const [name, learns] of networks) {
      const document = frozenZoo(name, learns);
      const training = { ...document.training, batchSize: BATCH };
      const session = new Session(compileForTraining({ ...document, training }), backend, 2);
      session.setNormalization([0.5, 0.4, 0.6], [0.25, 0.2, 0.3]);
      session.initialise(1);
      const size = session.images.length / BATCH;
      const images = Uint8Array.from({ length: BATCH * size }, (_, i) => Math.imul(i + 7, 2654435761) >>> 24);
      const featuresOf = (chosen: readonly number[]) => {
        for (const [place, image] of chosen.entries())
          session.images.set(images.subarray(image * size, (image + 1) * size), place * size);
        session.run('features', chosen.length);
        const count = session.features!.length / BATCH;
        return chosen.map((_, place) =>
          Buffer.from(session.features!.slice(place * count, (place + 1) * count).buffer),
        );
      };
      const all = featuresOf([0, 1, 2, 3, 4, 5, 6]);
      for (const chosen of [[4], [6, 0], [2, 5, 3, 1], [1, 1, 6, 3, 0, 4]])
        expect(featuresOf(chosen), name).toEqual(chosen.map(image => all[image]));
      session.close();
    }
  });
});

describe('what is kept', () => {
  const ENTRY = 4 * 16 * 25 + 4;

  it('is computed anew where it is damaged, cut off or of another image', async () => {
    const document = documentOf();
    const { learned } = await train(document);
    const [path] = keptFiles() as [string];
    const whole = readFileSync(path);
    expect(statSync(path).size).toBe(COUNT * ENTRY);
    const flipped = Buffer.from(whole);
    for (let at = 5; at < flipped.length; at += 3001) flipped[at]! ^= 4;
    const swapped = Buffer.concat([whole.subarray(ENTRY), whole.subarray(0, ENTRY)]);
    for (const damaged of [flipped, swapped, whole.subarray(0, whole.length / 2 + 7), Buffer.alloc(99)]) {
      writeFileSync(path, damaged);
      expect((await train(document)).learned).toEqual(learned);
      expect(readFileSync(path)).toEqual(whole);
    }
  });

  it('is not taken for that of other weights, another preparation or another kind of kernels', async () => {
    const document = documentOf();
    await train(document);
    const otherSeed = documentOf({ seed: 2 });
    expect((await train(otherSeed)).learned).toEqual((await train(withoutFeatures(otherSeed))).learned);
    expect(keptFiles()).toHaveLength(2);
    await train(document, { data: { ...brightQuarters(), mean: [0.5] } });
    expect(keptFiles()).toHaveLength(3);
    const edited = { ...brightQuarters(), fingerprint: 'other pixels' };
    const plain = await train(withoutFeatures(document), { data: edited });
    expect((await train(document, { data: edited })).learned).toEqual(plain.learned);
  });

  it('outlasts an edit of labels or splits, which leaves the images as they are', async () => {
    const data = brightQuarters();
    const pixels = readFileSync(data.imagesPath);
    const digestOf = (i: number) =>
      hash('sha256', pixels.subarray(i * SIDE ** 2, (i + 1) * SIDE ** 2), 'buffer').subarray(0, DIGEST_BYTES);
    const imageDigests = Buffer.concat(Array.from({ length: COUNT }, (_, i) => digestOf(i)));
    await train(documentOf(), { data: { ...data, imageDigests } });
    const edited = { ...data, imageDigests, labels: data.labels.toReversed(), fingerprint: 'edited' };
    const { reports, learned } = await train(documentOf(), { data: edited });
    expect(reports.at(-1)).toMatchObject({ seconds: { computed: null, read: expect.any(Number) } });
    expect(learned).toEqual((await train(withoutFeatures(documentOf()), { data: edited })).learned);
  });

  it('is nothing where images are augmented, which is said where layers are frozen', async () => {
    const training = { epochs: 2, augmentations: [{ kind: 'RandomHorizontalFlip', params: {} }] };
    const frozen = await train(documentOf(training));
    expect(frozen.reports).toMatchObject([{ refused: 'augmented' }]);
    const learning = chain([...backbone.filter(([, name]) => name !== 'conv1'), ...head]);
    expect((await train({ ...documentOf(training), graph: learning })).reports).toEqual([]);
  });

  it('is nothing where there is no room, or no folder can be made: the run goes on', async () => {
    const { learned } = await train(withoutFeatures(documentOf()));
    const small = await train(documentOf(), { features: { path: kept(), most: 1000 } });
    expect(small.learned).toEqual(learned);
    expect(small.reports).toMatchObject([{ refused: 'room', bytes: COUNT * ENTRY }]);
    writeFileSync(join(folder, 'file'), '');
    const refused = await train(documentOf(), { features: { path: join(folder, 'file'), most: 2 ** 30 } });
    expect(refused.learned).toEqual(learned);
    expect(refused.reports).toMatchObject([{ refused: { code: 'EEXIST' } }]);
  });

  it.skipIf(noDisk)('is given up in a run whose disk fills up, which ends as it would', async () => {
    const disk = await SmallDisk.mount(1);
    try {
      const features = { path: disk.seen('kept'), most: 2 ** 30 };
      const { reports, learned } = await train(documentOf(), { features }, (training, message) => {
        // It waits before its first step, so that nothing is written yet.
        if (message === null) training.pause();
        if (message?.type !== 'paused') return;
        disk.fill();
        training.resume();
      });
      expect(reports).toMatchObject([{ refused: null }, { refused: { code: 'ENOSPC' } }]);
      expect(learned).toEqual((await train(withoutFeatures(documentOf()))).learned);
      const [name] = readdirSync(features.path);
      expect(statSync(join(features.path, name!)).size).toBe(0);
    } finally {
      disk.close();
    }
  });

  it.skipIf(noDisk)('is given up where the disk is full, and leaves it no fuller', async () => {
    const disk = await SmallDisk.mount(1);
    try {
      const data = brightQuarters();
      const session = new Session(compileForTraining(documentOf()), loadBackend('wasm'), 1);
      session.setNormalization(data.mean, data.std);
      session.initialise(1);
      mkdirSync(disk.seen('kept'));
      const file = new FeatureFile({ path: disk.seen('kept'), most: 2 ** 30 }, session, data);
      expect(file.refused).toBeNull();
      const some = Int32Array.from({ length: 16 }, (_, i) => i);
      file.write(some, session.features!);
      expect(file.read(some, session.features!)).toBe(true);
      disk.fill();
      file.write(
        some.map(position => position + 100),
        session.features!,
      );
      expect(file.refused).toMatchObject({ code: 'ENOSPC' });
      expect(file.read(some, session.features!)).toBe(false);
      expect(statSync(file.path).size).toBe(0);
      file.close();
      session.close();
    } finally {
      disk.close();
    }
  });
});
