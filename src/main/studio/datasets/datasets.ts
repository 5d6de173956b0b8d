/**
 * Datasets: imports them, shows them, changes them, hands them to training. An import is a job; its job has the id
 * of the dataset that it makes.
 */
import { resolve } from 'node:path';
import sharp from 'sharp';
import type { StudioEvent } from '../../../bridge/contract.ts';
import type {
  AugmentedImage,
  DatasetDetail,
  DatasetImage,
  DatasetSummary,
  FolderListing,
  ImageEdit,
  ImageQuery,
  ImportOptions,
  Job,
  RecognisedFormat,
  SplitRule,
} from '../../../bridge/datasets.ts';
import type { Id } from '../../../bridge/ids.ts';
import type { TrainingData } from '../../../engine/runtime/trainingData.ts';
import type { DatasetRecord } from '../../database/datasetRows.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import { CacheFolder, sizesOf } from './cache.ts';
import { isUntouched, makeWhole } from './caching.ts';
import { type Edited, editImages, measureMissing, restoreVersion, splitAnew } from './editing.ts';
import type { DatasetFormat, Source } from './formats/format.ts';
import { formatNamed, recognise } from './formats/registry.ts';
import { shapes } from './formats/shapes.ts';
import { importSource } from './importer.ts';
import { Jobs, type Progress } from './jobs.ts';
import { maskPng } from './maskPicture.ts';
import { measure } from './measure.ts';
import { type Preview, previewAugmentations } from './preview.ts';
import { readForTraining } from './readForTraining.ts';
import { newRecord, summaryOf } from './records.ts';
import { Roots } from './roots.ts';
import { Uploads } from './uploads.ts';

export const SAMPLE_NAME = 'shapes';
/** Remembered in the workspace: who deletes the sample does not get it back. */
const SAMPLE_FACT = 'sample dataset';

/** What is done after an import, however it ended. */
interface Afterwards {
  onReady?: () => void;
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

  /** Keeps what an interrupted process left half-done, if it can go on. Does nothing where the workspace is only read. */
  async recover(): Promise<void> {
    if (this.#workspace.mode === 'read') return;
    const { datasets } = this.#workspace;
    for (const record of datasets.list()) {
      if (record.state === 'ready') datasets.dropNew(record.id);
      if (record.state !== 'importing') continue;
      const count = datasets.rowCount(record.id);
      if (count === 0 || !record.renewable) datasets.delete(record.id);
      else datasets.put({ ...record, state: 'partial', count });
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

  /** @throws UserError where the folder cannot be used, or holds nothing that is known */
  async recogniseFolder(path: string): Promise<RecognisedFormat[]> {
    return recognise(await this.#roots.folder(path));
  }

  /**
   * Starts to import a folder. The id is that of the job and of the dataset.
   *
   * @throws UserError where the folder cannot be used or the name is taken; nothing is written then. What shows
   *   only on looking through the folder fails the job.
   */
  async importDataset({
    path,
    name,
    ...options
  }: { path: string; name: string } & ImportOptions): Promise<Id> {
    this.#requireName(name);
    const folder = await this.#roots.folder(path);
    const format = options.format ?? (await recognise(folder))[0]!.format;
    const admits = (real: string) => this.#roots.admits(real);
    const record = newRecord(name, resolve(path), format, options);
    return this.#start(record, async ({ signal }) =>
      formatNamed(format).open(folder, { signal, admits, preparation: record.options }),
    );
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
      const [{ format }] = (await recognise(folder)) as [RecognisedFormat];
      const record = { ...newRecord(name, `${name} (uploaded)`, format, {}), renewable: false };
      const open = ({ signal }: Progress) =>
        formatNamed(format).open(folder, { signal, admits: () => true, preparation: record.options });
      return this.#start(record, open, { cleanUp });
    } catch (error) {
      await cleanUp();
      throw error;
    }
  }

  /**
   * Goes on with an import that was interrupted, or takes in what changed in the folder since, as a new version.
   *
   * @throws UserError where the dataset's source cannot be read again, or it is at work already
   */
  async renewDataset(id: Id): Promise<Id> {
    this.#workspace.requireWrite();
    const record = this.#get(id);
    this.#refuseBusy(record);
    if (!record.renewable)
      throw new UserError(`“${record.name}” was uploaded: the studio does not know where its folder lies.`);
    if (record.source !== null) await this.#roots.folder(record.source);
    return this.#start(record, async progress => {
      if (record.state !== 'ready') return this.#open(record, progress, false);
      await this.#makeWhole(record, progress);
      await this.#measureMissing(record);
      return this.#open(record, progress, true);
    });
  }

  /** Draws the sample dataset, once in a workspace's life. */
  async ensureSample(): Promise<void> {
    const workspace = this.#workspace;
    if (workspace.mode === 'read' || workspace.fact(SAMPLE_FACT) || this.#isTaken(SAMPLE_NAME)) return;
    const record = newRecord(SAMPLE_NAME, null, 'shapes', {});
    const onReady = () => workspace.setFact(SAMPLE_FACT, 'drawn');
    await this.#jobs.ended(this.#start(record, progress => this.#open(record, progress, false), { onReady }));
  }

  detail(id: Id): DatasetDetail {
    const record = this.#get(id);
    const { datasets, versions } = this.#workspace;
    const classCounts = datasets.classCounts(id, record.classes.length);
    const lacks = (label: number) => Object.values(classCounts).some(counts => counts[label] === 0);
    return {
      ...summaryOf(record),
      classCounts,
      mean: record.mean,
      std: record.std,
      rejects: datasets.rejects(id),
      preparation: record.preparation,
      options: record.options,
      splitRule: record.splitRule,
      report: {
        notes: record.notes,
        sizes: datasets.sizes(id),
        flags: datasets.flagCounts(id),
        uncovered: [...record.classes.keys()].filter(lacks),
      },
      versions: versions.list(record),
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
    const [channels, height, width] = this.#get(id).imageShape;
    const pixels = await this.#read(id, index, record => this.#cache.read(id, index, sizesOf(record).image));
    const raw = { width, height, channels: channels as 1 | 3 };
    return sharp(pixels, { raw }).png({ compressionLevel: 3 }).toBuffer();
  }

  /** The mask of one image as a PNG to lay over it. */
  async mask(id: Id, index: number): Promise<Buffer> {
    const { imageShape, maskClasses } = this.#get(id);
    const [, height, width] = imageShape;
    if (maskClasses.length === 0) throw new UserError('The dataset has no masks.');
    const mask = await this.#read(id, index, record => this.#cache.readMask(id, index, sizesOf(record).mask));
    return maskPng(mask, width, height);
  }

  editImages(id: Id, edits: readonly ImageEdit[]): Promise<ImageEdit[]> {
    return this.#edit(id, record => editImages(this.#workspace, record, edits));
  }

  splitDataset(id: Id, rule: SplitRule): Promise<ImageEdit[]> {
    return this.#edit(id, record => splitAnew(this.#workspace, record, rule));
  }

  restoreVersion(id: Id, version: number): Promise<ImageEdit[]> {
    return this.#edit(id, record => restoreVersion(this.#workspace, record, version));
  }

  async previewAugmentations(id: Id, preview: Preview): Promise<AugmentedImage[]> {
    const record = this.#get(id);
    for (const index of preview.images) this.imageFacts(id, index);
    await this.ensureCache(id);
    return previewAugmentations(this.trainingData(id), record, preview);
  }

  /** Removes the cache from the disk, until it is needed. @throws UserError where it could not be filled again */
  async clearCache(id: Id): Promise<void> {
    this.#workspace.requireWrite();
    const record = this.#get(id);
    this.#refuseBusy(record);
    this.#refuseTraining(record);
    if (!record.renewable)
      throw new UserError(`“${record.name}” was uploaded: its cache is all there is of it.`);
    const gone = this.#workspace.datasets.rows(id).filter(({ place }) => place === 'gone').length;
    if (gone > 0) {
      throw new UserError(
        `Earlier versions of “${record.name}” hold ${gone} images that are not in the folder any more: the cache alone has them.`,
      );
    }
    await this.#cache.remove(id);
    this.#put({ ...record, bytes: 0, cacheStamp: '' });
  }

  /**
   * Looks whether the cache is whole, and fills it where it is not, as a job.
   *
   * @throws UserError where there is no such dataset, or pixels are lost
   */
  async ensureCache(nameOrId: string): Promise<void> {
    const { id, state } = this.#named(nameOrId);
    if (state !== 'ready' || this.#workspace.mode === 'read') return;
    // What is at work on it may end as it likes: the cache is looked at after.
    await this.#jobs.running(id)?.catch(() => undefined);
    const record = this.#get(id);
    if (await isUntouched(this.#cache, record)) return;
    // Asked for twice at once, it is done once.
    const running = this.#jobs.running(record.id);
    if (running) return running;
    this.#jobs.start(record.id, `Filling the cache of ${record.name}`, progress =>
      this.#makeWhole(record, progress),
    );
    await this.#jobs.ended(record.id);
  }

  /** Runs that used it keep its name and their numbers. @throws UserError while a run trains on it */
  async delete(id: Id): Promise<void> {
    this.#workspace.requireWrite();
    const record = this.#get(id);
    this.#refuseBusy(record);
    this.#refuseTraining(record);
    this.#workspace.datasets.delete(id);
    this.#emit({ type: 'datasetDeleted', id });
    await this.#cache.remove(id);
  }

  /** Whether a version with these very images, labels and splits is here. */
  hasVersion(id: Id, fingerprint: string): boolean {
    const present = this.#get(id).fingerprint === fingerprint;
    return present || this.#workspace.versions.byFingerprint(id, fingerprint) !== undefined;
  }

  /**
   * @param fingerprint of the version that is wanted; without it, the present one
   * @throws UserError where no dataset has that id or name, it is not ready, or there is no such version
   */
  trainingData(nameOrId: string, fingerprint?: string): TrainingData {
    return readForTraining(this.#workspace, this.#cache, this.#named(nameOrId), fingerprint);
  }

  /** Reads of the cache. Where it was cleared, looking at an image is reason enough to fill it. */
  async #read(id: Id, index: number, read: (record: DatasetRecord) => Promise<Buffer>): Promise<Buffer> {
    const record = this.#get(id);
    if (record.state !== 'ready' || !this.#workspace.datasets.image(id, index)) {
      throw new UserError(`The dataset has no image ${index}.`);
    }
    if (record.bytes === 0) await this.ensureCache(id);
    return read(record);
  }

  #start(record: DatasetRecord, open: (progress: Progress) => Promise<Source>, after: Afterwards = {}): Id {
    const { id, name, source, state } = record;
    if (state === 'importing') this.#requireName(name);
    this.#reserved.add(name);
    const verb = state === 'ready' ? 'Looking through' : source === null ? 'Drawing' : 'Importing';
    this.#jobs.start(id, `${verb} ${name}`, async progress => {
      try {
        const source = await open(progress);
        await importSource({
          record: this.#workspace.datasets.get(id) ?? record,
          source,
          workspace: this.#workspace,
          cache: this.#cache,
          progress,
          onRecord: shown => this.#emit({ type: 'dataset', dataset: summaryOf(shown) }),
          onRemoved: () => this.#emit({ type: 'datasetDeleted', id }),
          ...(after.onReady && { onReady: after.onReady }),
        });
      } finally {
        this.#reserved.delete(name);
        await after.cleanUp?.();
      }
    });
    return id;
  }

  /** Opens the source of a dataset again. */
  #open(record: DatasetRecord, { signal }: Progress, isRenewal: boolean): Promise<Source> {
    const { format, source, options: preparation } = record;
    const admits = (real: string) => this.#roots.admits(real);
    const decided = isRenewal && { imageShape: record.imageShape };
    const reader: DatasetFormat = format === 'shapes' ? shapes : formatNamed(format);
    return reader.open(source ?? '', { signal, admits, preparation, ...decided });
  }

  async #makeWhole(record: DatasetRecord, progress: Progress): Promise<void> {
    if (await isUntouched(this.#cache, record)) return;
    const { source } = record;
    const open = async () => {
      if (source !== null) await this.#roots.folder(source);
      return this.#open(record, progress, true);
    };
    this.#put(await makeWhole({ record, workspace: this.#workspace, cache: this.#cache, progress, open }));
  }

  async #edit(id: Id, edit: (record: DatasetRecord) => Edited): Promise<ImageEdit[]> {
    this.#workspace.requireWrite();
    const before = this.#get(id);
    this.#refuseBusy(before);
    if (before.state !== 'ready') throw new UserError(`“${before.name}” is not imported yet.`);
    await this.#measureMissing(before);
    const { record, inverse } = edit(before);
    this.#emit({ type: 'dataset', dataset: summaryOf(record) });
    return inverse;
  }

  #measureMissing(record: DatasetRecord): Promise<void> {
    const { image, mask } = sizesOf(record);
    return measureMissing(this.#workspace, record.id, async ({ index }) => {
      const pixels = await this.#cache.read(record.id, index, image);
      const of = mask > 0 ? await this.#cache.readMask(record.id, index, mask) : undefined;
      const { moments, look, maskHash } = measure(pixels, record.imageShape, of);
      return { moments, look: look && Buffer.from(look), maskHash: maskHash && Buffer.from(maskHash) };
    });
  }

  #put(record: DatasetRecord): void {
    this.#workspace.datasets.put(record);
    this.#emit({ type: 'dataset', dataset: summaryOf(record) });
  }

  #refuseBusy({ id, name, state }: DatasetRecord): void {
    if (state === 'importing') throw new UserError(`“${name}” is still being imported: cancel that first.`);
    if (this.#jobs.running(id))
      throw new UserError(`“${name}” is being looked through: wait, or cancel that.`);
  }

  #refuseTraining({ id, name }: DatasetRecord): void {
    if (this.#workspace.runs.isTrainedOn(id))
      throw new UserError(`A run is training on “${name}”: stop it first.`);
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

  #named(nameOrId: string): DatasetRecord {
    const { datasets } = this.#workspace;
    const record = datasets.byName(nameOrId) ?? datasets.get(nameOrId);
    if (record) return record;
    const names = datasets.list().map(({ name }) => name);
    throw new UserError(
      `There is no dataset “${nameOrId}”. ${names.length ? `There are: ${names.join(', ')}.` : 'Import one first.'}`,
    );
  }

  #get(id: Id): DatasetRecord {
    const record = this.#workspace.datasets.get(id);
    if (!record) throw new UserError('This dataset is not here any more: it was deleted.');
    return record;
  }
}
