/**
 * What is said to help a network with what it has not seen, tried: BatchNorm2d, dropout, L2, augmentation and early
 * stopping, each alone against the same small network without, which learns a few Fashion-MNIST images by heart.
 *
 *     node tests/experiments/generalisation.ts [FOLDER]
 *
 * FOLDER holds the four gzipped files of the data set (Debian: dataset-fashion-mnist). Every figure is the mean over
 * seeds. The gap is the loss on unseen images less that on the training images, and the accuracy the other way round,
 * both of the network as it is in use. The last column says of how many seeds each gap was smaller than without.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  defaultTraining,
  newDocument,
  type ProjectDocument,
  type Training,
} from '../../src/engine/graph/document.ts';
import { TrainedNetwork } from '../../src/engine/runtime/trainedNetwork.ts';
import { TrainerHandle as Run } from '../../src/engine/runtime/trainerHandle.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';

const [folder = '/usr/share/datasets/fashion-mnist'] = process.argv.slice(2);
const SEEDS = [1, 2, 3];
const [TRAIN, UNSEEN, SIDE] = [300, 600, 28];
/** Enough for the network without any of them to know the training images by heart. */
const EPOCHS = 60;

/** Headers of the IDX files: 16 bytes before images, 8 before labels. */
const idx = (name: string, header: number) => gunzipSync(readFileSync(join(folder, name))).subarray(header);

function fewImages(work: string): TrainingData {
  const count = TRAIN + 2 * UNSEEN;
  const imagesPath = join(work, 'images.bin');
  const images = idx('train-images-idx3-ubyte.gz', 16).subarray(0, count * SIDE * SIDE);
  writeFileSync(imagesPath, images);
  const split = (from: number, size: number) => Int32Array.from({ length: size }, (_, i) => from + i);
  return {
    imagesPath,
    imageShape: [1, SIDE, SIDE],
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    labels: Int32Array.from(idx('train-labels-idx1-ubyte.gz', 8).subarray(0, count)),
    splits: { train: split(0, TRAIN), val: split(TRAIN, UNSEEN), test: split(TRAIN + UNSEEN, UNSEEN) },
    mean: [0.286],
    std: [0.353],
    fingerprint: 'fashion',
  };
}

interface Variant {
  readonly title: string;
  /** Behind each convolution. */
  readonly norm?: ChainLink[1];
  /** Before each linear layer. */
  readonly dropout?: number;
  readonly training?: Partial<Training>;
}

const sgd = (weightDecay: number) => ({ kind: 'SGD', params: { momentum: 0.9, weightDecay } });

const variants: readonly Variant[] = [
  { title: 'nothing' },
  { title: 'BatchNorm2d', norm: 'norm' },
  { title: 'dropout 0.5', dropout: 0.5 },
  { title: 'L2 0.02', training: { optimizer: sgd(0.02) } },
  {
    title: 'augmentation',
    training: {
      augmentations: [
        { kind: 'RandomHorizontalFlip', params: {} },
        { kind: 'RandomTranslation', params: { horizontal: 0.1, vertical: 0.1 } },
        { kind: 'RandomErasing', params: {} },
      ],
    },
  },
  {
    title: 'early stopping',
    training: { stopping: { patience: 5, metric: 'loss', restoreBest: true } },
  },
];

function documentOf({ title, norm, dropout, training }: Variant, seed: number): ProjectDocument {
  const convolution = (i: number, outChannels: number): ChainLink[] => [
    ['Conv2d', `conv${i}`, { outChannels }],
    ...(norm ? [['BatchNorm2d', `${norm}${i}`] as const] : []),
    ['ReLU', `relu${i}`],
    ['MaxPool2d', `pool${i}`],
  ];
  const dropped = (i: number): ChainLink[] => (dropout ? [['Dropout', `dropout${i}`, { p: dropout }]] : []);
  const graph = chain([
    ['Input', 'input', { shape: [1, SIDE, SIDE] }],
    ...convolution(1, 8),
    ...convolution(2, 16),
    ['Flatten', 'flatten'],
    ...dropped(1),
    ['Linear', 'features', { outFeatures: 64 }],
    ['ReLU', 'relu3'],
    ...dropped(2),
    ['Linear', 'head', { outFeatures: 10 }],
  ]);
  const settings: Training = {
    ...defaultTraining,
    optimizer: sgd(0),
    learningRate: 0.02,
    batchSize: 30,
    epochs: EPOCHS,
    seed,
    ...training,
  };
  return { ...newDocument(title, graph), training: settings };
}

interface Answered {
  readonly trainLoss: number;
  readonly unseenLoss: number;
  readonly trainAccuracy: number;
  readonly unseenAccuracy: number;
}

/** Trains to the end and asks the network as it then is. */
async function tried(document: ProjectDocument, data: TrainingData, work: string): Promise<Answered> {
  const { restoreBest } = document.training.stopping;
  let [last, failure] = ['', ''];
  const options = { document, data, backend: 'wasm', threads: 1, yields: true, folder: work } as const;
  const run = new Run({ ...options, resumeFrom: null, checkpointSteps: 1e9 }, message => {
    if (message.type === 'checkpoint' && message.kind === (restoreBest ? 'best' : 'last'))
      last = message.path;
    if (message.type === 'failed') failure = message.message;
  });
  await run.ended;
  if (failure) throw new Error(failure);
  const network = new TrainedNetwork(document, last, data, { backend: 'wasm', threads: 1 });
  const [train, unseen] = [network.evaluate(data, 'train')!, network.evaluate(data, 'test')!];
  network.close();
  return {
    trainLoss: train.loss,
    unseenLoss: unseen.loss,
    trainAccuracy: train.score,
    unseenAccuracy: unseen.score,
  };
}

const work = mkdtempSync(join(tmpdir(), 'receptive-experiment-'));
const data = fewImages(work);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const row = (cells: readonly string[]) => console.log(`| ${cells.join(' | ')} |`);
row([
  'with',
  'loss, training',
  'unseen',
  'gap',
  'accuracy, training',
  'unseen',
  'gap',
  'gaps smaller than without',
]);
row(new Array(8).fill('---'));
let without: Answered[] = [];
for (const variant of variants) {
  const answers: Answered[] = [];
  for (const seed of SEEDS) answers.push(await tried(documentOf(variant, seed), data, work));
  if (without.length === 0) without = answers;
  const figure = (of: (answer: Answered) => number) => mean(answers.map(of)).toFixed(3);
  const smaller = (gap: (answer: Answered) => number) =>
    answers.filter((answer, i) => gap(answer) < gap(without[i]!)).length;
  const byLoss = ({ unseenLoss, trainLoss }: Answered) => unseenLoss - trainLoss;
  const byAccuracy = ({ unseenAccuracy, trainAccuracy }: Answered) => trainAccuracy - unseenAccuracy;
  row([
    variant.title,
    ...[figure(each => each.trainLoss), figure(each => each.unseenLoss), figure(byLoss)],
    ...[figure(each => each.trainAccuracy), figure(each => each.unseenAccuracy), figure(byAccuracy)],
    answers === without ? '' : `${smaller(byLoss)} and ${smaller(byAccuracy)} of ${SEEDS.length}`,
  ]);
}
rmSync(work, { recursive: true });
