/**
 * Datasets: imports them, shows them, hands them to training. An import is a job; its job has the id of the
 * dataset that it makes.
 */
import { resolve } from 'node:path';
import sharp from 'sharp';
import type {
  DatasetDetail,
  DatasetImage,
  DatasetSummary,
  FolderListing,
  Id,
  Job,
  StudioEvent,
} from '../../../bridge/contract.ts';
import type { TrainingData } from '../../../engine/runtime/trainingData.ts';
import type { DatasetRecord, ImageQuery } from '../../database/datasets.ts';
import { newId } from '../../database/ids.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import { CacheFolder } from './cache.ts';
import type { DatasetFormat } from './formats/format.ts';
import { recognise } from './formats/registry.ts';
import { shapes } from './formats/shapes.ts';
import { importSource } from './importer.ts';
import { Jobs } from './jobs.ts';
import { Roots } from './roots.ts';
import { Uploads } from './uploads.ts';

/** Of every split. One for all, so that the same folder is always divided alike. */
const SPLIT_SEED = 1;
export const SAMPLE_NAME = 'shapes';
/** Remembered in the workspace: who deletes the sample does not get it back. */
const SAMPLE_FACT = 'sample dataset';
/** Of a colour that never changes, training would divide by zero; this is one step of a pixel's 255. */
const LEAST_STD = 1 / 255;

/** What an import works on. */
interface Assignment {
  name: string;
  /** As it is shown; null for what the program draws. */
  source: string | null;
  folder: string;
  format: DatasetFormat;
  admits: (real: string) => boolean;
  onReady?: () => void;
  /** After success, failure or cancel. */
  cleanUp?: () => Promise<void>;
}

export class Datasets {
  readonly #workspace: Workspace;
  readonly #emit: (event: StudioEvent) => void;
  readonly #roots: Roots;
  readonly #cache: CacheFolder;
  readonly #uploads: Uploads;
  readonly #jobs: Jobs;
  /** Names of datasets that are being imported. */
  readonly #reserved = new Set<string>();

  /** Call `recover` before anything is imported. @throws UserError where a root is not there */
  constructor(workspace: Workspace, emit: (event: StudioEvent) => void, roots: readonly string[]) {
    this.#workspace = workspace;
    this.#emit = emit;
    this.#roots = new Roots(roots);
    this.#cache = new CacheFolder(workspace.folder);
    this.#uploads = new Uploads(workspace.folder);
    this.#jobs = new Jobs(emit);
  }

  /** Removes what an interrupted process left half-done. Does nothing where the workspace is only read. */
  async recover(): Promise<void> {
    if (this.#workspace.mode === 'read') return;
    const { datasets } = this.#workspace;
    for (const { id, state } of datasets.list()) {
      if (state === 'importing') datasets.delete(id);
    }
    await this.#cache.removeAllBut(new Set(datasets.list().map(({ id }) => id)));
    await this.#uploads.removeAll();
  }

  /** Cancels imports and waits until they have cleaned up. */
  async close(): Promise<void> {
    await this.#jobs.close();
  }

  /** The newest first. */
  list(): DatasetSummary[] {
    return this.#workspace.datasets.list().map(summaryOf);
  }

  jobs(): Job[] {
    return this.#jobs.list();
  }

  cancelJob(id: Id): void {
    this.#jobs.cancel(id);
  }

  /**
   * When an import has ended, by the id that it gave. Rejects with why it failed, or that it was cancelled.
   *
   * @throws UserError where there is neither such a job nor such a dataset
   */
  async finished(id: Id): Promise<DatasetDetail> {
    await this.#jobs.ended(id);
    return this.detail(id);
  }

  listFolder(path: string | null): Promise<FolderListing> {
    return this.#roots.list(path);
  }

  /**
   * Starts to import a folder. The id is that of the job and of the dataset.
   *
   * @throws UserError where the folder cannot be used or the name is taken; nothing is written then. What shows
   *   only on looking through the folder fails the job.
   */
  async importDataset({ path, name }: { path: string; name: string }): Promise<Id> {
    this.#requireName(name);
    const folder = await this.#roots.folder(path);
    const format = await recognise(folder);
    const admits = (real: string) => this.#roots.admits(real);
    return this.#start({ name, source: resolve(path), folder, format, admits });
  }

  async beginUpload(name: string): Promise<Id> {
    this.#requireName(name);
    return this.#uploads.begin(name);
  }

  putUpload(upload: Id, relativePath: string, bytes: Uint8Array): Promise<void> {
    return this.#uploads.put(upload, relativePath, bytes);
  }

  /** Removes what was uploaded so far. */
  cancelUpload(upload: Id): Promise<void> {
    return this.#uploads.remove(upload);
  }

  /** Imports what was uploaded, then removes the uploaded files. */
  async finishUpload(upload: Id): Promise<Id> {
    const { name, folder } = await this.#uploads.finish(upload);
    const cleanUp = () => this.#uploads.remove(upload);
    try {
      const format = await recognise(folder);
      return this.#start({ name, source: `${name} (uploaded)`, folder, format, admits: () => true, cleanUp });
    } catch (error) {
      await cleanUp();
      throw error;
    }
  }

  /** Draws the sample dataset, once in a workspace's life. */
  async ensureSample(): Promise<void> {
    const workspace = this.#workspace;
    if (workspace.mode === 'read' || workspace.fact(SAMPLE_FACT) || this.#isTaken(SAMPLE_NAME)) return;
    const id = this.#start({
      name: SAMPLE_NAME,
      source: null,
      folder: '',
      format: shapes,
      admits: () => false,
      onReady: () => workspace.setFact(SAMPLE_FACT, 'drawn'),
    });
    await this.#jobs.ended(id);
  }

  detail(id: Id): DatasetDetail {
    const record = this.#get(id);
    const { datasets } = this.#workspace;
    return {
      ...summaryOf(record),
      classCounts: datasets.classCounts(id, record.classes.length),
      mean: record.mean,
      std: record.std,
      rejects: datasets.rejects(id),
      preparation: record.preparation,
    };
  }

  images(id: Id, query: ImageQuery): { total: number; images: DatasetImage[] } {
    this.#get(id);
    return this.#workspace.datasets.images(id, query);
  }

  /** @throws UserError where the dataset has no such image */
  imageFacts(id: Id, index: number): DatasetImage {
    this.#get(id);
    const image = this.#workspace.datasets.image(id, index);
    if (!image) throw new UserError(`The dataset has no image ${index}.`);
    return image;
  }

  /** One image as a PNG, pixel for pixel as training sees it. */
  async image(id: Id, index: number): Promise<Buffer> {
    const { count, imageShape, state } = this.#get(id);
    const [channels, height, width] = imageShape;
    if (state !== 'ready' || !Number.isInteger(index) || index < 0 || index >= count) {
      throw new UserError(`The dataset has no image ${index}.`);
    }
    const pixels = await this.#cache.read(id, index, channels * height * width);
    const raw = { width, height, channels: channels as 1 | 3 };
    return sharp(pixels, { raw }).png({ compressionLevel: 3 }).toBuffer();
  }

  /** Runs that used it keep its name and their numbers. @throws UserError while a run trains on it */
  async delete(id: Id): Promise<void> {
    this.#workspace.requireWrite();
    const { name, state } = this.#get(id);
    if (state === 'importing') throw new UserError(`“${name}” is still being imported: cancel that first.`);
    if (this.#workspace.runs.isTrainedOn(id)) {
      throw new UserError(`A run is training on “${name}”: stop it first.`);
    }
    this.#workspace.datasets.delete(id);
    this.#emit({ type: 'datasetDeleted', id });
    await this.#cache.remove(id);
  }

  /** @throws UserError where no dataset has that id or name, or it is not ready */
  trainingData(nameOrId: string): TrainingData {
    const { datasets } = this.#workspace;
    const record = datasets.byName(nameOrId) ?? datasets.get(nameOrId);
    if (!record) {
      const names = datasets.list().map(({ name }) => name);
      throw new UserError(
        `There is no dataset “${nameOrId}”. ${names.length ? `There are: ${names.join(', ')}.` : 'Import one first.'}`,
      );
    }
    if (record.state !== 'ready') throw new UserError(`“${record.name}” is still being imported.`);
    return {
      imagesPath: this.#cache.imagesPath(record.id),
      imageShape: record.imageShape,
      classes: record.classes,
      ...datasets.labelsAndSplits(record.id),
      ...(record.boxes && { boxes: datasets.boxes(record) }),
      ...(record.maskClasses.length > 0 && {
        masks: { path: this.#cache.masksPath(record.id), classes: record.maskClasses },
      }),
      mean: record.mean,
      std: record.std.map(value => Math.max(value, LEAST_STD)),
      fingerprint: record.fingerprint,
    };
  }

  #start(assignment: Assignment): Id {
    this.#requireName(assignment.name);
    const { name, source } = assignment;
    const id = newId();
    this.#reserved.add(name);
    this.#jobs.start(id, source === null ? `Drawing ${name}` : `Importing ${name}`, async progress => {
      let shown = false;
      try {
        await importSource({
          record: { id, name, source, format: assignment.format.name, splitSeed: SPLIT_SEED },
          source: await assignment.format.open(assignment.folder, {
            signal: progress.signal,
            admits: assignment.admits,
          }),
          workspace: this.#workspace,
          cache: this.#cache,
          progress,
          onRecord: record => {
            shown = true;
            this.#emit({ type: 'dataset', dataset: summaryOf(record) });
          },
          ...(assignment.onReady && { onReady: assignment.onReady }),
        });
      } catch (error) {
        if (shown) this.#emit({ type: 'datasetDeleted', id });
        throw error;
      } finally {
        this.#reserved.delete(name);
        await assignment.cleanUp?.();
      }
    });
    return id;
  }

  #requireName(name: string): void {
    this.#workspace.requireWrite();
    if (name.trim() === '' || name.length > 200) {
      throw new UserError('A dataset needs a name of 1 to 200 characters.');
    }
    if (this.#isTaken(name)) {
      throw new UserError(`There is already a dataset named “${name}”. Choose another name.`);
    }
  }

  #isTaken(name: string): boolean {
    return this.#reserved.has(name) || this.#workspace.datasets.byName(name) !== undefined;
  }

  #get(id: Id): DatasetRecord {
    const record = this.#workspace.datasets.get(id);
    if (!record) throw new UserError('This dataset is not here any more: it was deleted.');
    return record;
  }
}

function summaryOf(record: DatasetRecord): DatasetSummary {
  const { mean: _mean, std: _std, preparation: _p, splitSeed: _seed, fingerprint: _f, ...summary } = record;
  return summary;
}
