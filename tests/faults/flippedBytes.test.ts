/**
 * A small workspace with a project, a dataset with masks, a run that is finished and one that was stopped, of which one thing at a time is damaged: a byte flipped,
 * a file cut off, a file deleted. It answers as the sound one does, or says in a sentence what is wrong; what the
 * damage does not touch is there; the run that was stopped goes on to the weights of the other; a damaged database is put back from its backup, whole.
 */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { TrainedNetwork } from '../../src/engine/runtime/trainedNetwork.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { restoreBackup } from '../../src/main/database/restoreBackup.ts';
import { explained } from '../../src/main/errorSentences.ts';
import { bestWeights } from '../../src/main/studio/checkpoints.ts';
import { openServices, type Services } from '../../src/main/studio/services.ts';
import { UserError } from '../../src/main/userError.ts';
import { put, putClasses } from '../datasets/workshop.ts';

/** Bytes that are flipped in each file. */
const FLIPS = 8;

let root: string;
let sound: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'receptive-flipped-'));
  sound = join(root, 'sound');
  const counts = { a: 12, b: 12 };
  await putClasses(join(root, 'pictures', 'images'), counts);
  for (const [name, count] of Object.entries(counts))
    for (let i = 0; i < count; i++)
      await put(join(root, 'pictures', 'masks', name), {
        [`${String(i).padStart(3, '0')}.png`]: await mask(i),
      });
  await build();
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const open = (workspace: string) =>
  openServices({ workspace, roots: [], workers: 1, yields: false, what: 'a test', emit: () => {} });

/** Two classes of pixels, divided by a slope. */
function mask(seed: number): Promise<Buffer> {
  const pixels = Buffer.from(
    Array.from({ length: 144 }, (_, i) => Number((i % 12) + (i / 12) * (seed % 5) > 12)),
  );
  return sharp(pixels, { raw: { width: 12, height: 12, channels: 1 } })
    .png()
    .toBuffer();
}

/** Of the run that was never stopped. */
let uninterrupted: string | null;

async function build(): Promise<void> {
  const services = await open(sound);
  const { projects, datasets, runs } = services;
  await datasets.finished(await datasets.importDataset({ path: join(root, 'pictures'), name: 'pictures' }));
  const graph = chain([
    ['Input', 'input', { shape: [3, 12, 12] }],
    ['Conv2d', 'conv', { outChannels: 4, padding: [1, 1, 1, 1] }],
    ['ReLU', 'relu'],
    ['Conv2d', 'head', { outChannels: 2, padding: [1, 1, 1, 1] }],
  ]);
  const document = newDocument('net', graph);
  const losses = document.training.losses.map(term => ({ ...term, answer: 'mask' as const }));
  const training = { ...document.training, losses, epochs: 5, batchSize: 8 };
  const { id } = projects.create({ ...document, dataset: 'pictures', training });
  for (const [name, stopAt] of [
    ['whole', null],
    ['stopped', 4],
  ] as const) {
    const run = runs.start({
      document: projects.get(id).document,
      project: id,
      name,
      checkpointSteps: 1,
      onMessage: message => {
        if (message.type === 'checkpoint' && message.kind === 'last' && message.step === stopAt)
          runs.stop(run.id);
      },
    });
    await runs.ended(run.id);
    if (stopAt === null) uninterrupted = runs.detail(run.id).weightHash;
    else expect(runs.detail(run.id)).toMatchObject({ state: 'stopped' });
  }
  expect(uninterrupted).toMatch(/^[0-9a-f]{64}$/);
  await services.close();
}

/** Parts of what a workspace says, by name: an answer, or the sentence that is said instead. */
type Said = Record<string, { answer: string } | { sentence: string }>;

async function examine(folder: string, resumes: boolean): Promise<{ notice: string | null; said: Said }> {
  const said: Said = {};
  const ask = async (part: string, work: () => unknown) => {
    try {
      said[part] = { answer: JSON.stringify(await work()) };
    } catch (error) {
      said[part] = { sentence: sentenceOf(error, folder) };
    }
  };
  let services: Services;
  try {
    services = await open(folder);
  } catch (error) {
    return { notice: sentenceOf(error, folder), said };
  }
  const { projects, datasets, runs, workspace } = services;
  try {
    await ask('projects', () => projects.list());
    for (const { id } of projects.list()) await ask(`project ${id}`, () => projects.get(id));
    await ask('datasets', () => datasets.list().map(({ id, name }) => [id, name]));
    for (const { id } of datasets.list()) {
      await ask(`dataset ${id}`, () => datasets.detail(id));
      await ask(`images ${id}`, async () => {
        const { images } = datasets.images(id, { split: null, label: null, offset: 0, limit: 1000 });
        const files = await Promise.all(
          images.flatMap(({ index }) => [datasets.image(id, index), datasets.mask(id, index)]),
        );
        return [images, files.map(file => file.toString('base64'))];
      });
    }
    await ask('runs', () => runs.list().map(({ id, name }) => [id, name]));
    for (const { id, error } of runs.list()) {
      if (error !== null) said[`run ${id}`] = { sentence: error };
      else await ask(`run ${id}`, () => runs.detail(id));
      await ask(`curves ${id}`, () => runs.metrics(id, { step: 0, epoch: 0 }));
      await ask(`answers ${id}`, () => evaluated(services, id));
    }
    if (resumes) await ask('resumed', () => resumed(services));
  } finally {
    await services.close();
  }
  return { notice: workspace.notice, said };
}

/** The weights that the run that was stopped ends in. */
async function resumed({ runs }: Services): Promise<string | null> {
  const { id } = runs.list().find(({ name }) => name === 'stopped') ?? {};
  if (id === undefined) throw new UserError('The run is not here.');
  runs.resume(id);
  await runs.ended(id);
  const { state, error, weightHash } = runs.summary(id);
  if (state === 'failed') throw new UserError(error!);
  expect(state).toBe('finished');
  return weightHash;
}

async function evaluated({ workspace, datasets, runs }: Services, id: Id): Promise<unknown> {
  const run = runs.record(id);
  const { path, note } = bestWeights(workspace, run);
  // It answers, with other weights than it would have, and says so.
  if (note !== null) throw new UserError(note);
  if (path === null) throw new UserError('There is no checkpoint.');
  const data = datasets.trainingData(run.dataset, run.dataFingerprint);
  const network = new TrainedNetwork(run.document, path, data, { backend: 'wasm', threads: 1 });
  try {
    const answers = await datasets.reading(
      run.dataset,
      whole => network.evaluate(whole, 'train'),
      run.dataFingerprint,
    );
    return [...answers!.report.losses];
  } finally {
    network.close();
  }
}

/** What a person is told. A defect of ours fails the test. */
function sentenceOf(error: unknown, folder: string): string {
  const told = explained(error, folder);
  if (!(told instanceof UserError)) throw error;
  expect(told.message).toMatch(/^\S[^\n]*[.!]$/);
  return told.message;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

interface Damage {
  file: string;
  what: string;
  inflict(path: string): void;
}

function damagesOf(file: string): Damage[] {
  const { size } = statSync(join(sound, file));
  const cuts = size === 0 ? [] : [0, Math.floor(size / 2), size - 1];
  const flips = Math.min(FLIPS, size);
  return [
    ...Array.from({ length: flips }, (_, i): Damage => {
      const at = Math.floor(((i + 0.37) / flips) * size);
      const inflict = (path: string) => {
        const bytes = readFileSync(path);
        bytes[at]! ^= 1 << (i % 8);
        writeFileSync(path, bytes);
      };
      return { file, what: `bit ${i % 8} of byte ${at} flipped`, inflict };
    }),
    ...cuts.map(
      (length): Damage => ({ file, what: `cut to ${length}`, inflict: path => truncateSync(path, length) }),
    ),
    { file, what: 'deleted', inflict: path => rmSync(path) },
  ];
}

/** What a run goes on from: the rest costs no training. */
const TRAINED_FROM = /^(receptive\.sqlite$|datasets\/|runs\/)/;

it('answers as before or says what is wrong, and loses nothing else', async () => {
  const first = join(root, 'first');
  cpSync(sound, first, { recursive: true, preserveTimestamps: true });
  const { notice, said: whole } = await examine(first, true);
  expect(whole.resumed).toEqual({ answer: JSON.stringify(uninterrupted) });
  expect(notice).toBeNull();
  expect(Object.values(whole).every(each => 'answer' in each)).toBe(true);
  const counts = { tried: 0, survived: 0, refused: 0 };
  const lost: string[] = [];
  for (const damage of filesOf(sound).flatMap(damagesOf)) {
    counts.tried++;
    const folder = join(root, 'damaged');
    const inflict = () => {
      rmSync(folder, { recursive: true, force: true });
      cpSync(sound, folder, { recursive: true, preserveTimestamps: true });
      damage.inflict(join(folder, damage.file));
    };
    inflict();
    const resumes = TRAINED_FROM.test(damage.file);
    const { notice, said } = await examine(folder, resumes);
    const asked = Object.keys(whole).filter(part => resumes || part !== 'resumed');
    const differing = asked.filter(part => {
      const [now, then] = [said[part], whole[part]];
      return !now || !('answer' in now) || !('answer' in then!) || now.answer !== then.answer;
    });
    const silent = differing.filter(part => notice === null && !(said[part] && 'sentence' in said[part]));
    for (const part of silent) lost.push(`${damage.file}, ${damage.what}: ${part}`);
    if (differing.length === 0) counts.survived++;
    else counts.refused++;
    // Only the database is more than one thing at once; of it there is a backup.
    const isOfDatabase = damage.file === 'receptive.sqlite';
    if (isOfDatabase && differing.length > 0) {
      // Of the moment of the damage: the run has gone on since, past what the backup tells of.
      inflict();
      restoreBackup(folder, undefined);
      const { said: restored } = await examine(folder, true);
      for (const part of Object.keys(whole))
        if (JSON.stringify(restored[part]) !== JSON.stringify(whole[part]))
          lost.push(`${damage.file}, ${damage.what}: ${part}, also after the backup was put back`);
    }
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(
    `${counts.tried} tried: ${counts.survived} survived, ${counts.refused} refused by a sentence, ${lost.length} lost`,
  );
  expect(lost).toEqual([]);
}, 1_200_000);
