/** Bytes of a dataset's cache that are not what was written: never learned from, filled again where that can be. */
import { closeSync, openSync, renameSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { openServices, type Services } from '../../src/main/studio/services.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { putClasses } from '../datasets/workshop.ts';

const SLOW = 300_000;

/** Bytes of an image of 12×12 in colour. */
const IMAGE = 432;

interface Bench {
  services: Services;
  folder: string;
  /** Where the pictures came from. */
  desk: string;
  dataset: Id;
  document: ProjectDocument;
}

async function bench(): Promise<Bench> {
  const folder = temporaryFolder();
  const options = { workspace: folder, roots: [], workers: 1, yields: false, what: 'a test', emit: () => {} };
  const services = await openServices(options);
  onTestFinished(() => services.close());
  const desk = join(temporaryFolder(), 'pictures');
  await putClasses(desk, { a: 20, b: 20 });
  const dataset = await services.datasets.importDataset({ path: desk, name: 'pictures' });
  await services.datasets.finished(dataset);
  const graph = chain([
    ['Input', 'input', { shape: [3, 12, 12] }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 2 }],
  ]);
  const plain = newDocument('net', graph);
  const training = { ...plain.training, epochs: 2, batchSize: 8 };
  return { services, folder, desk, dataset, document: { ...plain, dataset: 'pictures', training } };
}

/** Ten bytes of one image become others, as a failing disk has it: size and time of the file stay. */
function garble({ folder, dataset }: Bench, image: number, file = 'images.bin'): void {
  const path = join(folder, 'datasets', dataset, file);
  const { atime, mtime } = statSync(path);
  const handle = openSync(path, 'r+');
  writeSync(handle, Buffer.alloc(10, 0xa5), 0, 10, image * IMAGE + 20);
  closeSync(handle);
  utimesSync(path, atime, mtime);
}

async function trained({ services: { runs }, document }: Bench, name: string) {
  const { id } = runs.start({ document, project: null, name });
  await runs.ended(id);
  return runs.summary(id);
}

/** A place in the cache that training reads. */
function trainingImage({ services, dataset }: Bench): number {
  return services.datasets.trainingData(dataset).splits.train[3]!;
}

test(
  'a run that meets damage fills the cache again and ends as it would have',
  async () => {
    const all = await bench();
    const { weightHash } = await trained(all, 'sound');
    garble(all, trainingImage(all));
    expect(await trained(all, 'damaged')).toMatchObject({ state: 'finished', error: null, weightHash });
    rmSync(join(all.folder, 'datasets', all.dataset, 'images.bin'));
    expect(await trained(all, 'without a cache')).toMatchObject({
      state: 'finished',
      error: null,
      weightHash,
    });
  },
  SLOW,
);

test(
  'where its files are gone, a run fails and says which image is lost; nothing was learned from it',
  async () => {
    const all = await bench();
    const image = trainingImage(all);
    garble(all, image);
    renameSync(all.desk, `${all.desk} elsewhere`);
    const { path } = all.services.datasets.imageFacts(all.dataset, image);
    const { state, error } = await trained(all, 'damaged');
    expect([state, error]).toEqual(['failed', expect.stringMatching(/pictures does not exist/)]);
    await expect(all.services.datasets.image(all.dataset, image)).rejects.toThrow(/does not exist/);
    renameSync(`${all.desk} elsewhere`, all.desk);
    rmSync(join(all.desk, path));
    const lost = await trained(all, 'lost');
    expect([lost.state, lost.error]).toEqual([
      'failed',
      expect.stringContaining(`1 of the images of pictures are lost`),
    ]);
    expect(lost.error).toContain(path);
  },
  SLOW,
);

test(
  'what is shown, previewed and evaluated is what was imported',
  async () => {
    const all = await bench();
    const { datasets } = all.services;
    const image = trainingImage(all);
    const shown = await datasets.image(all.dataset, image);
    const preview = { images: [image], augmentations: [], seed: 1, epoch: 0 };
    const previewed = await datasets.previewAugmentations(all.dataset, preview);
    garble(all, image);
    expect((await datasets.image(all.dataset, image)).equals(shown)).toBe(true);
    garble(all, image);
    const again = await datasets.previewAugmentations(all.dataset, preview);
    expect(Buffer.from(again[0]!.png).equals(Buffer.from(previewed[0]!.png))).toBe(true);
    garble(all, image);
    let tries = 0;
    const read = await datasets.reading(all.dataset, async data => {
      tries++;
      const { CacheFile } = await import('../../src/engine/runtime/cacheFile.ts');
      const file = new CacheFile(data.imagesPath, IMAGE, data.imageDigests);
      const pixels = new Uint8Array(IMAGE);
      try {
        file.read(Int32Array.of(image), pixels);
      } finally {
        file.close();
      }
      return pixels;
    });
    expect([tries, read.subarray(20, 30).every(byte => byte === 0xa5)]).toEqual([2, false]);
  },
  SLOW,
);

test(
  'damage that comes while a run is paused is met when it goes on',
  async () => {
    const all = await bench();
    const { runs } = all.services;
    const long = { ...all.document, training: { ...all.document.training, epochs: 100 } };
    const quiet = await trained({ ...all, document: long }, 'quiet');
    let isAsked = false;
    const { id } = runs.start({
      document: long,
      project: null,
      name: 'paused',
      // Told by the trainer itself: a summary that is looked at from time to time may be seen when all is over.
      onMessage: ({ type }) => {
        if (type === 'steps' && !isAsked) runs.pause(id);
        isAsked ||= type === 'steps';
      },
    });
    await vi.waitFor(() => expect(runs.summary(id).state).toBe('paused'), { timeout: 60_000 });
    garble(all, trainingImage(all));
    runs.resume(id);
    await runs.ended(id);
    expect(runs.summary(id)).toMatchObject({ state: 'finished', weightHash: quiet.weightHash });
  },
  SLOW,
);
