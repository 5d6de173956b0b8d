/** Imports that are watched, cancelled, killed, and deleted. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultTraining } from '../../src/engine/graph/document.ts';
import { openFor, temporaryFolder } from '../database/temporary.ts';
import { gzipped, idxFiles, openWorkshop, put, putClasses } from './workshop.ts';

test('a cancelled import leaves nothing and says that it was cancelled', async () => {
  const { desk, datasets, events, caches } = await openWorkshop();
  await put(desk, gzipped(idxFiles('train-', 200_000)));
  const id = await datasets.importDataset({ path: desk, name: 'long' });
  const ended = datasets.finished(id);
  ended.catch(() => undefined);
  await expect.poll(() => datasets.jobs()[0]!.done, { interval: 5 }).toBeGreaterThan(0);
  datasets.cancelJob(id);
  await expect(ended).rejects.toThrow('The import was cancelled.');
  expect(datasets.jobs()).toMatchObject([{ id, state: 'cancelled', error: null, dataset: null }]);
  expect(datasets.list()).toEqual([]);
  expect(await caches()).toEqual([]);
  expect(events).toContainEqual({ type: 'datasetDeleted', id });
  // The name is free again.
  await datasets.finished(await datasets.importDataset({ path: desk, name: 'long' }));
});

test('an import of images is cancelled too, whatever is being decoded', async () => {
  const { desk, datasets, caches } = await openWorkshop();
  const large = '<svg xmlns="http://www.w3.org/2000/svg" width="4000" height="4000"><circle r="9"/></svg>';
  const names = Array.from({ length: 100 }, (_, index) => `${index % 2 ? 'a' : 'b'}/${index}.svg`);
  await put(desk, Object.fromEntries(names.map(name => [name, large])));
  const id = await datasets.importDataset({ path: desk, name: 'pictures' });
  const ended = datasets.finished(id);
  ended.catch(() => undefined);
  await expect.poll(() => datasets.jobs()[0]!.done, { interval: 1 }).toBeGreaterThan(0);
  datasets.cancelJob(id);
  await expect(ended).rejects.toThrow(/cancelled/);
  expect(datasets.jobs()[0]!.done).toBeLessThan(100);
  expect(await caches()).toEqual([]);
});

test('a window hears of an import from its start to its end, and is not flooded', async () => {
  const { desk, datasets, events } = await openWorkshop();
  await put(desk, gzipped(idxFiles('train-', 150_000)));
  const started = performance.now();
  const id = await datasets.importDataset({ path: desk, name: 'watched' });
  await datasets.finished(id);
  const seconds = (performance.now() - started) / 1000;
  const jobs = events.flatMap(event => (event.type === 'job' ? [event.job] : []));
  expect(jobs[0]).toMatchObject({ id, title: 'Importing watched', state: 'running', total: null });
  expect(jobs.at(-1)).toMatchObject({ state: 'done', done: 150_000, total: 150_000, dataset: id });
  expect(jobs.map(({ done }) => done)).toEqual(jobs.map(({ done }) => done).sort((a, b) => a - b));
  const seen = events.flatMap(event => (event.type === 'dataset' ? [event.dataset] : []));
  expect(seen[0]).toMatchObject({ id, state: 'importing', count: 0 });
  expect(seen.at(-1)).toMatchObject({ id, state: 'ready', count: 150_000 });
  // Beside the first and last words, five a second.
  expect(events.length).toBeLessThanOrEqual(5 + 5 * Math.ceil(seconds));
});

test('what a killed import left is cleared at the next start', async () => {
  const folder = temporaryFolder();
  const first = await openWorkshop({ folder });
  await putClasses(first.desk, { a: 3, b: 3 });
  const { id } = await first.importFolder(first.desk, 'whole');
  // As a kill leaves it: rows without an end, a cache without its name, an upload nobody finished.
  const whole = first.workspace.datasets.get(id)!;
  first.workspace.datasets.put({ ...whole, id: 'half', name: 'half', state: 'importing' });
  await mkdir(join(folder, 'datasets/half.partial'));
  await writeFile(join(folder, 'datasets/half.partial/images.bin'), 'half');
  await mkdir(join(folder, 'uploads/abandoned'), { recursive: true });
  first.workspace.close();
  const second = await openWorkshop({ folder });
  expect(second.datasets.list().map(({ name }) => name)).toEqual(['whole']);
  expect(await second.caches()).toEqual([id]);
  expect((await second.datasets.image(id, 0)).length).toBeGreaterThan(0);
});

test('closing the studio ends imports and leaves nothing of them', async () => {
  const { desk, datasets, caches } = await openWorkshop();
  await put(desk, gzipped(idxFiles('train-', 200_000)));
  await datasets.importDataset({ path: desk, name: 'long' });
  await datasets.close();
  expect(datasets.list()).toEqual([]);
  expect(await caches()).toEqual([]);
});

test('a deleted dataset is gone, unless a run trains on it', async () => {
  const { desk, datasets, importFolder, workspace, caches } = await openWorkshop();
  await putClasses(desk, { a: 3, b: 3 });
  const { id } = await importFolder(desk, 'pets');
  workspace.runs.insertRun({
    id: 'run',
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
  workspace.runs.updateRun('run', { state: 'finished' });
  await datasets.delete(id);
  expect(workspace.runs.getRun('run')).toMatchObject({ datasetId: null, dataset: 'pets' });
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
