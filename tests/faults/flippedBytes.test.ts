/**
 * A small workspace with a project, a dataset and two runs, of which one thing at a time is damaged: a byte flipped,
 * a file cut off, a file deleted. It answers as the sound one does, or says in a sentence what is wrong; what the
 * damage does not touch is there; a damaged database is put back from its backup, whole.
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
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { Network } from '../../src/engine/runtime/inference.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { restoreBackup } from '../../src/main/database/restore.ts';
import { explained } from '../../src/main/explained.ts';
import { bestWeights } from '../../src/main/studio/checkpoints.ts';
import { openServices, type Services } from '../../src/main/studio/services.ts';
import { UserError } from '../../src/main/userError.ts';
import { putClasses } from '../datasets/workshop.ts';

/** Bytes that are flipped in each file. */
const FLIPS = 16;

let root: string;
let sound: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'receptive-flipped-'));
  sound = join(root, 'sound');
  await putClasses(join(root, 'pictures'), { a: 12, b: 12 });
  await build();
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const open = (workspace: string) =>
  openServices({ workspace, roots: [], workers: 1, yields: false, what: 'a test', emit: () => {} });

async function build(): Promise<void> {
  const services = await open(sound);
  const { projects, datasets, runs } = services;
  await datasets.finished(await datasets.importDataset({ path: join(root, 'pictures'), name: 'pictures' }));
  const graph = chain([
    ['Input', 'input', { shape: [3, 12, 12] }],
    ['Conv2d', 'conv', { outChannels: 2, stride: [2, 2] }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 2 }],
  ]);
  const document = newDocument('net', graph);
  const training = { ...document.training, epochs: 2, batchSize: 8 };
  const { id } = projects.create({ ...document, dataset: 'pictures', training });
  for (const name of ['first', 'second']) {
    const run = runs.start({ document: projects.get(id).document, project: id, name });
    await runs.ended(run.id);
  }
  await services.close();
}

/** Parts of what a workspace says, by name: an answer, or the sentence that is said instead. */
type Said = Record<string, { answer: string } | { sentence: string }>;

async function examine(folder: string): Promise<{ notice: string | null; said: Said }> {
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
        const files = await Promise.all(images.map(({ index }) => datasets.image(id, index)));
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
  } finally {
    await services.close();
  }
  return { notice: workspace.notice, said };
}

async function evaluated({ workspace, datasets, runs }: Services, id: Id): Promise<unknown> {
  const run = runs.record(id);
  const { path, note } = bestWeights(workspace, run);
  // It answers, with other weights than it would have, and says so.
  if (note !== null) throw new UserError(note);
  if (path === null) throw new UserError('There is no checkpoint.');
  const data = datasets.trainingData(run.dataset, run.dataFingerprint);
  const network = new Network(run.document, path, data, { backend: 'wasm', threads: 1 });
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

it('answers as before or says what is wrong, and loses nothing else', async () => {
  const { notice, said: whole } = await examine(sound);
  expect(notice).toBeNull();
  expect(Object.values(whole).every(each => 'answer' in each)).toBe(true);
  const counts = { tried: 0, survived: 0, refused: 0 };
  const lost: string[] = [];
  for (const damage of filesOf(sound).flatMap(damagesOf)) {
    counts.tried++;
    const folder = join(root, 'damaged');
    cpSync(sound, folder, { recursive: true, preserveTimestamps: true });
    damage.inflict(join(folder, damage.file));
    const { notice, said } = await examine(folder);
    const differing = Object.keys(whole).filter(part => {
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
      restoreBackup(folder, undefined);
      const { said: restored } = await examine(folder);
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
