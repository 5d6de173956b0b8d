/** Trains the courses with the real engine and writes what they recorded, as the studio would have kept it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RecordedRun } from '../../src/engine/doctor/recordedRun.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { TrainerHandle } from '../../src/engine/runtime/trainerHandle.ts';
import type { TrainerMessage } from '../../src/engine/runtime/trainerMessages.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';
import { drawnShapes } from '../../src/main/studio/datasets/formats/sampleShapes.ts';
import { CLASSES, type Course, courses, FASHION } from './courses.ts';

const DRAWN = 4400;
const VALIDATED = 300;

const folder = mkdtempSync(join(tmpdir(), 'receptive-doctor-'));

type Images = Omit<TrainingData, 'splits'>;

async function draw(): Promise<Images> {
  const source = drawnShapes(DRAWN, 7);
  const pictures: Uint8Array[] = [];
  for await (const drawn of source.pictures(new AbortController().signal)) {
    for (const picture of drawn) if ('pixels' in picture) pictures.push(picture.pixels);
  }
  const imagesPath = join(folder, 'images.bin');
  writeFileSync(imagesPath, Buffer.concat(pictures));
  return {
    imagesPath,
    imageShape: [3, 32, 32],
    classes: source.classes,
    labels: Int32Array.from(source.entries, ({ label }) => label),
    mean: [0.3, 0.3, 0.3],
    std: [0.25, 0.25, 0.25],
    fingerprint: 'shapes',
  };
}

/** As many of each class, in turn, as of the drawn ones; the IDX headers are 16 and 8 bytes long. */
function readFashion(from: string): Images {
  const read = (name: string) => gunzipSync(readFileSync(join(from, `${name}.gz`)));
  const [pixels, labels] = [read('train-images-idx3-ubyte'), read('train-labels-idx1-ubyte').subarray(8)];
  const size = FASHION[1] * FASHION[2];
  const byClass = Map.groupBy(labels.keys(), at => labels[at]!);
  const chosen = Array.from({ length: DRAWN }, (_, i) => byClass.get(i % CLASSES)![Math.floor(i / CLASSES)]!);
  const imagesPath = join(folder, 'fashion.bin');
  const images = chosen.map(at => pixels.subarray(16 + at * size, 16 + (at + 1) * size));
  writeFileSync(imagesPath, Buffer.concat(images));
  return {
    imagesPath,
    imageShape: FASHION,
    classes: Array.from({ length: CLASSES }, (_, i) => `${i}`),
    labels: Int32Array.from(chosen, at => labels[at]!),
    mean: [0.286],
    std: [0.353],
    fingerprint: 'fashion',
  };
}

/** Classes come in turn: the first images validate, and of the others each class gives what the course asks. */
function splitsOf({ images }: Course): TrainingData['splits'] {
  const wanted = typeof images === 'number' ? new Array<number>(CLASSES).fill(images / CLASSES) : images;
  const train = wanted.flatMap((count, label) =>
    Array.from({ length: count }, (_, i) => VALIDATED + i * CLASSES + label),
  );
  return {
    train: Int32Array.from(train).sort(),
    val: Int32Array.from({ length: VALIDATED }, (_, i) => i),
    test: new Int32Array(),
  };
}

async function record(course: Course, drawn: Images): Promise<RecordedRun> {
  const document = newDocument('course', course.graph);
  const splits = splitsOf(course);
  const messages: TrainerMessage[] = [];
  const training = new TrainerHandle(
    {
      document: { ...document, training: { ...document.training, ...course.training } },
      data: { ...drawn, splits },
      threads: 2,
      backend: 'wasm',
      yields: false,
      folder,
      resumeFrom: null,
    },
    message => messages.push(message),
  );
  await training.ended;
  const of = <T extends TrainerMessage['type']>(type: T) =>
    messages.filter((message): message is Extract<TrainerMessage, { type: T }> => message.type === type);
  const steps = of('steps').flatMap(({ points }) => points);
  const epochs = of('epoch').map(({ point }) => point);
  const last = of('evaluation').findLast(({ report }) => report.split === 'val')?.report.heads[0];
  const counts = new Array<number>(CLASSES).fill(0);
  for (const index of splits.train) counts[drawn.labels[index]!]!++;
  return {
    training: { ...document.training, ...course.training },
    graph: course.graph,
    error: of('failed')[0]?.message ?? null,
    ended: true,
    steps: {
      loss: steps.map(({ loss }) => round(loss)),
      learningRate: steps.map(({ learningRate }) => round(learningRate)),
    },
    epochs: {
      trainLoss: epochs.map(({ trainLoss }) => round(trainLoss)),
      trainAccuracy: epochs.map(({ trainAccuracy }) => round(trainAccuracy)),
      valLoss: epochs.map(({ valLoss }) => (valLoss === null ? null : round(valLoss))),
      valAccuracy: epochs.map(({ valAccuracy }) => (valAccuracy === null ? null : round(valAccuracy))),
    },
    health: (of('health').at(-1)?.nodes ?? []).map(
      node =>
        Object.fromEntries(
          Object.entries(node).map(([name, value]) => [
            name,
            typeof value === 'number' ? round(value) : value,
          ]),
        ) as RecordedRun['health'][number],
    ),
    classCounts: counts,
    recalls: last?.perClass.map(({ recall }) => round(recall)) ?? null,
  };
}

const round = (value: number) => Number(value.toPrecision(5));

const drawn = await draw();
const { FASHION_MNIST } = process.env;
const fashion = FASHION_MNIST === undefined ? null : readFashion(FASHION_MNIST);
for (const [name, course] of Object.entries(courses)) {
  if (process.argv.length > 2 && !process.argv.includes(name)) continue;
  const images = course.data === 'fashion' ? fashion : drawn;
  if (!images) continue;
  const started = performance.now();
  const run = await record(course, images);
  writeFileSync(join(import.meta.dirname, 'runs', `${name}.json`), `${JSON.stringify(run)}\n`);
  const { trainLoss, valLoss, valAccuracy, trainAccuracy } = run.epochs;
  console.log(name, `${((performance.now() - started) / 1000).toFixed(1)} s`, run.error ?? '');
  console.log('  train', trainLoss.join(' '), '| accuracy', trainAccuracy.at(-1));
  console.log('  val', valLoss.join(' '), '| accuracy', valAccuracy.at(-1));
  console.log('  recalls', run.recalls?.join(' '));
  for (const { node, ...figures } of run.health) console.log('   ', node, JSON.stringify(figures));
}
rmSync(folder, { recursive: true, force: true });
