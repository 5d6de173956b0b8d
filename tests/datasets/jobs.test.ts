/** Imports that are watched, cancelled, killed, and deleted. */
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import type { Datasets } from '../../src/main/studio/datasets/datasetService.ts';
import { openFor, temporaryFolder } from '../database/temporary.ts';
import { idOf } from '../ids.ts';
import { gzipped, idxFiles, openWorkshop, put, putClasses } from './workshop.ts';

test('a cancelled import says so, keeps what it has, and goes on from there', async () => {
  const { desk, datasets, events, imagesOf, importFolder } = await openWorkshop();
  await put(desk, gzipped(idxFiles('train-', 60_000)));
  const id = await datasets.importDataset({ path: desk, name: 'long' });
  await cancelled(datasets, id);
  expect(datasets.jobs()).toMatchObject([{ id, state: 'cancelled', error: null, dataset: null }]);
  const [partial] = datasets.list();
  expect(partial).toMatchObject({ id, name: 'long', state: 'partial' });
  expect(partial!.count).toBeGreaterThan(0);
  expect(partial!.count).toBeLessThan(60_000);
  // Until it is whole, nothing of it is shown.
  expect(imagesOf(id)).toEqual([]);
  expect(events.at(-1)).toMatchObject({ type: 'job' });
  expect(() => datasets.trainingData('long')).toThrow(/was interrupted: let it go on/);
  const resumed = await datasets.finished(await datasets.renewDataset(id));
  expect(resumed).toMatchObject({ id, state: 'ready', count: 60_000, version: 1, rejects: [] });
  // It is as if it had never been cancelled.
  const whole = await importFolder(desk, 'whole');
  expect(datasets.trainingData('long').fingerprint).toBe(datasets.trainingData('whole').fingerprint);
  expect(imagesOf(id).slice(0, 5000)).toEqual(imagesOf(whole.id).slice(0, 5000));
});

test('what a cancelled import of files has decoded is not decoded again', async () => {
  const { desk, datasets } = await openWorkshop();
  const large = '<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="4000"><circle r="9"/></svg>';
  const names = Array.from({ length: 100 }, (_, index) => `${index % 2 ? 'a' : 'b'}/${index}.svg`);
  await put(desk, Object.fromEntries(names.map(name => [name, large])));
  const id = await datasets.importDataset({ path: desk, name: 'pictures' });
  await cancelled(datasets, id);
  const kept = datasets.list()[0]!.count;
  expect(datasets.jobs()[0]!.done).toBeLessThan(100);
  expect(kept).toBeGreaterThan(0);
  // Their content is another now, but not by any sign: whoever decoded them again would find nothing to decode.
  const { mtime } = await stat(join(desk, 'a/1.svg'));
  for (const name of names
    .filter(each => each.startsWith('a'))
    .toSorted()
    .slice(0, kept)) {
    await writeFile(join(desk, name), '?'.repeat(large.length));
    await utimes(join(desk, name), mtime, mtime);
  }
  expect(await datasets.finished(await datasets.renewDataset(id))).toMatchObject({ state: 'ready' });
});

test('a cancel does not wait for the hundred megapixels that are being decoded', async () => {
  const { desk, datasets } = await openWorkshop();
  const flat = { width: 11_000, height: 9000, channels: 3, background: '#369' } as const;
  const photograph = await sharp({ create: flat }).jpeg({ progressive: true }).toBuffer();
  const names = Array.from({ length: 12 }, (_, index) => `${index % 2 ? 'a' : 'b'}/${index}.jpg`);
  await put(desk, Object.fromEntries(names.map(name => [name, photograph])));
  const id = await datasets.importDataset({ path: desk, name: 'large' });
  const ended = datasets.finished(id);
  ended.catch(() => undefined);
  await expect.poll(() => datasets.jobs()[0]!.done, { interval: 1, timeout: 30_000 }).toBeGreaterThan(0);
  const asked = performance.now();
  datasets.cancelJob(id);
  await expect(ended).rejects.toThrow('The import was cancelled.');
  expect(performance.now() - asked).toBeLessThan(1500);
  expect(datasets.jobs()).toMatchObject([{ state: 'cancelled' }]);
  expect(datasets.list()).toMatchObject([{ state: 'partial' }]);
  const resumed = await datasets.finished(await datasets.renewDataset(id));
  expect(resumed).toMatchObject({ state: 'ready', count: 12, rejects: [] });
}, 60_000);

/** Cancels an import once it has come somewhere, and waits for its end. */
async function cancelled(datasets: Datasets, id: Id): Promise<void> {
  const ended = datasets.finished(id);
  ended.catch(() => undefined);
  await expect.poll(() => datasets.jobs()[0]!.done, { interval: 1 }).toBeGreaterThan(0);
  datasets.cancelJob(id);
  await expect(ended).rejects.toThrow('The import was cancelled.');
}

test('a window hears of an import from its start to its end, and is not flooded', async () => {
  const { desk, datasets, events } = await openWorkshop();
  await put(desk, gzipped(idxFiles('train-', 50_000)));
  const started = performance.now();
  const id = await datasets.importDataset({ path: desk, name: 'watched' });
  await datasets.finished(id);
  const seconds = (performance.now() - started) / 1000;
  const jobs = events.flatMap(event => (event.type === 'job' ? [event.job] : []));
  expect(jobs[0]).toMatchObject({ id, title: 'Importing watched', state: 'running', total: null });
  expect(jobs.at(-1)).toMatchObject({ state: 'done', done: 50_000, total: 50_000, dataset: id });
  expect(jobs.map(({ done }) => done)).toEqual(jobs.map(({ done }) => done).sort((a, b) => a - b));
  const seen = events.flatMap(event => (event.type === 'dataset' ? [event.dataset] : []));
  expect(seen[0]).toMatchObject({ id, state: 'importing', count: 0 });
  expect(seen.at(-1)).toMatchObject({ id, state: 'ready', count: 50_000 });
  // Beside the first and last words, five a second.
  expect(events.length).toBeLessThanOrEqual(5 + 5 * Math.ceil(seconds));
});

test('what a killed import has goes on at the next start, and what is of nobody is left alone', async () => {
  const folder = temporaryFolder();
  const first = await openWorkshop({ folder });
  await putClasses(first.desk, { a: 3, b: 3 });
  const { id } = await first.importFolder(first.desk, 'whole');
  // As a kill leaves it: a dataset without its end, one without any image, a cache of nobody's, an upload.
  const whole = first.workspace.datasets.get(id)!;
  first.workspace.datasets.put({ ...whole, state: 'importing' });
  first.workspace.datasets.put({ ...whole, id: idOf(1), name: 'none', state: 'importing' });
  await mkdir(join(folder, 'datasets/lost'));
  await mkdir(join(folder, 'uploads/abandoned'), { recursive: true });
  first.workspace.close();
  const second = await openWorkshop({ folder });
  expect(second.datasets.list()).toMatchObject([{ name: 'whole', state: 'partial', count: 6 }]);
  expect((await second.caches()).sort()).toEqual([id, 'lost'].sort());
  await second.datasets.finished(await second.datasets.renewDataset(id));
  expect((await second.datasets.image(id, 0)).length).toBeGreaterThan(0);
});

test('closing the studio ends imports; they can go on later', async () => {
  const folder = temporaryFolder();
  const { desk, datasets, workspace } = await openWorkshop({ folder });
  await put(desk, gzipped(idxFiles('train-', 60_000)));
  const id = await datasets.importDataset({ path: desk, name: 'long' });
  await expect.poll(() => datasets.jobs()[0]!.done, { interval: 1 }).toBeGreaterThan(0);
  await datasets.close();
  workspace.close();
  const later = await openWorkshop({ folder });
  expect(later.datasets.list()).toMatchObject([{ id, state: 'partial' }]);
  expect(await later.datasets.finished(await later.datasets.renewDataset(id))).toMatchObject({
    count: 60_000,
  });
});

test('a deleted dataset is gone, unless a run trains on it', async () => {
  const { desk, datasets, importFolder, workspace, caches } = await openWorkshop();
  await putClasses(desk, { a: 3, b: 3 });
  const { id } = await importFolder(desk, 'pets');
  workspace.runs.insertRun({
    id: idOf(1),
    name: 'run',
    project: null,
    projectName: 'p',
    datasetId: id,
    dataset: 'pets',
    state: 'running',
    error: null,
    document: {
      receptive: 2,
      name: 'p',
      graph: { nodes: {}, edges: [] },
      dataset: 'pets',
      training: defaultTraining,
    },
    settings: {},
    environment: {},
    dataFingerprint: '',
    seed: 1,
    epochs: 1,
    steps: 1,
    epoch: 0,
    step: 0,
    parameters: 0,
    seconds: 0,
    startedAt: 1,
    endedAt: null,
    weightHash: null,
    metrics: {},
    notes: '',
    tags: [],
    archived: false,
    sweep: null,
    queuePlace: null,
    origin: null,
  });
  await expect(datasets.delete(id)).rejects.toThrow(/training on “pets”/);
  workspace.runs.updateRun(idOf(1), { state: 'finished' });
  await datasets.delete(id);
  expect(workspace.runs.getRun(idOf(1))).toMatchObject({ datasetId: null, dataset: 'pets' });
  expect(await caches()).toEqual([]);
  expect(() => datasets.trainingData('pets')).toThrow('There is no dataset “pets”. Import one first.');
  expect(() => datasets.detail(id)).toThrow(/was deleted/);
});

test('images are found by split and class, page by page', async () => {
  const { desk, datasets, importFolder, imagesOf } = await openWorkshop();
  await putClasses(desk, { a: 30, b: 30 });
  const { id, classCounts } = await importFolder(desk, 'pets');
  const all = imagesOf(id);
  const wanted = all.filter(({ split, label }) => split === 'train' && label === 1);
  const page = datasets.images(id, { split: 'train', label: 1, offset: 5, limit: 10 });
  expect(page).toEqual({ total: classCounts.train[1], images: wanted.slice(5, 15) });
});

test('a reader sees datasets and imports none', async () => {
  const folder = temporaryFolder();
  const { desk, importFolder } = await openWorkshop({ folder });
  await putClasses(desk, { a: 3, b: 3 });
  await importFolder(desk, 'pets');
  expect(
    openFor(folder, 'read')
      .datasets.list()
      .map(({ name }) => name),
  ).toEqual(['pets']);
});
