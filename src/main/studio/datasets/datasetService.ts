/**
 * Datasets: imports them, shows them, changes them, hands them to training. An import is a job; its job has the id
 * of the dataset that it makes.
 */
import { dirname } from 'node:path';
import sharp from 'sharp';
import type { StudioEvent } from '../../../bridge/contract.ts';
import type {
  AugmentedImage,
  DatasetDetail,
  DatasetImage,
  DatasetSource,
  DatasetSummary,
  FolderListing,
  ImageEdit,
  ImageQuery,
  Job,
  RecognisedFormat,
  SplitRule,
} from '../../../bridge/datasetCalls.ts';
import type { Id } from '../../../bridge/ids.ts';
import { CacheDamage } from '../../../engine/runtime/cacheFile.ts';
import type { TrainingData } from '../../../engine/runtime/trainingData.ts';
import type { DatasetRecord } from '../../database/datasetRows.ts';
import type { Workspace } from '../../database/workspace.ts';
import { UserError } from '../../userError.ts';
import { Caches } from './cache/datasetCaches.ts';
import { featureBytes } from './cache/featureFiles.ts';
import { readForTraining } from './cache/readForTraining.ts';
import { DatasetContext } from './datasetContext.ts';
import { summaryOf } from './datasetRecord.ts';
import { maskPng } from './decode/maskPicture.ts';
import { Imports } from './import/importService.ts';
import type { FileContent } from './import/uploads.ts';
import { type Preview, previewAugmentations } from './previewAugmentations.ts';
import { type Edited, editImages, restoreVersion, splitAnew } from './versions/editing.ts';

export class Datasets {
  readonly #workspace: Workspace;
  readonly #context: DatasetContext;
  readonly #imports: Imports;
  readonly #caches: Caches;

  /** Call `recover` before anything is imported. @throws UserError where a root is not there */
  constructor(workspace: Workspace, emit: (event: StudioEvent) => void, roots: readonly string[]) {
    this.#workspace = workspace;
    this.#context = new DatasetContext(workspace, emit);
    this.#imports = new Imports(this.#context, roots);
    this.#caches = new Caches(this.#context, (record, progress) =>
      this.#imports.open(record, progress, true),
    );
  }

  /** Keeps what an interrupted process left, if it can be continued. No effect in a read-only workspace. */
  recover(): void {
    if (this.#workspace.mode === 'read') return;
    const { datasets } = this.#workspace;
    for (const record of datasets.list()) {
      if (record.state === 'ready') datasets.dropNew(record.id);
      if (record.state !== 'importing') continue;
      const count = datasets.rowCount(record.id);
      if (count === 0 || !record.renewable) this.#workspace.deleteDataset(record.id);
      else datasets.put({ ...record, state: 'partial', count });
    }
  }

  /** Cancels imports and waits until they have cleaned up. */
  async close(): Promise<void> {
    await this.#context.jobs.close();
  }

  /** The newest first. */
  list(): DatasetSummary[] {
    return this.#workspace.datasets.list().map(summaryOf);
  }

  jobs(): Job[] {
    return this.#context.jobs.list();
  }

  cancelJob(id: Id): void {
    this.#context.jobs.cancel(id);
  }

  /**
   * Resolves when an import has ended. Rejects if it failed or was cancelled.
   *
   * @throws UserError where there is neither such a job nor such a dataset
   */
  async finished(id: Id): Promise<DatasetDetail> {
    await this.#context.jobs.ended(id);
    return this.detail(id);
  }

  listFolder(path: string | null): Promise<FolderListing> {
    return this.#imports.listFolder(path);
  }

  recogniseFolder(path: string): Promise<RecognisedFormat[]> {
    return this.#imports.recogniseFolder(path);
  }

  importDataset(source: DatasetSource): Promise<Id> {
    return this.#imports.folder(source);
  }

  async beginUpload(name: string): Promise<Id> {
    this.#context.requireName(name);
    return this.#imports.uploads.begin(name);
  }

  putUpload(upload: Id, relativePath: string, content: FileContent): Promise<void> {
    return this.#imports.uploads.put(upload, relativePath, content);
  }

  /** Removes what was uploaded so far. */
  cancelUpload(upload: Id): Promise<void> {
    return this.#imports.uploads.cancel(upload);
  }

  finishUpload(upload: Id): Promise<Id> {
    return this.#imports.uploaded(upload);
  }

  renewDataset(id: Id): Promise<Id> {
    return this.#imports.renew(id, this.#caches);
  }

  ensureSample(): Promise<void> {
    return this.#imports.ensureSample();
  }

  ensureCache(nameOrId: string): Promise<void> {
    return this.#caches.ensure(nameOrId);
  }

  /** Repairs a damaged cache. @throws UserError where pixels are lost */
  mendCache(nameOrId: string): Promise<void> {
    return this.#caches.mend(nameOrId);
  }

  clearCache(id: Id): Promise<void> {
    return this.#caches.clear(id);
  }

  detail(id: Id): DatasetDetail {
    const record = this.#context.get(id);
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
      featureBytes: featureBytes(dirname(this.#context.cache.imagesPath(id))),
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
    // During an import, rows are preliminary and pixels are not served.
    if (this.#context.get(id).state !== 'ready') return { total: 0, images: [] };
    return this.#workspace.datasets.images(id, query);
  }

  /** @throws UserError where the dataset has no such image */
  imageFacts(id: Id, index: number): DatasetImage {
    this.#context.get(id);
    const image = this.#workspace.datasets.image(id, index);
    if (!image) throw new UserError(`The dataset has no image ${index}.`);
    return image;
  }

  /** One image as a PNG, pixel for pixel as training sees it. */
  async image(id: Id, index: number): Promise<Buffer> {
    const [channels, height, width] = this.#context.get(id).imageShape;
    const pixels = await this.#caches.image(id, index);
    const raw = { width, height, channels: channels as 1 | 3 };
    return sharp(pixels, { raw }).png({ compressionLevel: 3 }).toBuffer();
  }

  /** The mask of one image as a PNG to lay over it. */
  async mask(id: Id, index: number): Promise<Buffer> {
    const { imageShape, maskClasses } = this.#context.get(id);
    const [, height, width] = imageShape;
    if (maskClasses.length === 0) throw new UserError('The dataset has no masks.');
    return maskPng(await this.#caches.mask(id, index), width, height);
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
    const record = this.#context.get(id);
    for (const index of preview.images) this.imageFacts(id, index);
    await this.#caches.ensure(id);
    return this.reading(id, data => previewAugmentations(data, record, preview));
  }

  /** Runs work that reads the cache; after damage, the cache is repaired and the work repeated. */
  async reading<T>(
    nameOrId: string,
    work: (data: TrainingData) => T | Promise<T>,
    fingerprint?: string,
  ): Promise<T> {
    const data = this.trainingData(nameOrId, fingerprint);
    try {
      return await work(data);
    } catch (error) {
      if (!(error instanceof CacheDamage)) throw error;
      await this.#caches.mend(nameOrId);
      return work(data);
    }
  }

  /** Runs that used it keep its name and their numbers. @throws UserError while a run trains on it */
  async delete(id: Id): Promise<void> {
    this.#workspace.requireWrite();
    const record = this.#context.get(id);
    this.#context.refuseBusy(record);
    this.#context.refuseTraining(record);
    this.#workspace.deleteDataset(id);
    this.#context.emit({ type: 'datasetDeleted', id });
    await this.#workspace.removals.sweep();
  }

  /** Whether a version with exactly these images, labels and splits exists. */
  hasVersion(id: Id, fingerprint: string): boolean {
    const present = this.#context.get(id).fingerprint === fingerprint;
    return present || this.#workspace.versions.byFingerprint(id, fingerprint) !== undefined;
  }

  /**
   * @param fingerprint of the version that is wanted; without it, the present one
   * @throws UserError where no dataset has that id or name, it is not ready, or there is no such version
   */
  trainingData(nameOrId: string, fingerprint?: string): TrainingData {
    return readForTraining(this.#workspace, this.#context.cache, this.#context.named(nameOrId), fingerprint);
  }

  async #edit(id: Id, edit: (record: DatasetRecord) => Edited): Promise<ImageEdit[]> {
    this.#workspace.requireWrite();
    const before = this.#context.get(id);
    this.#context.refuseBusy(before);
    if (before.state !== 'ready') throw new UserError(`“${before.name}” is not imported yet.`);
    await this.#caches.measureMissing(before);
    const { record, inverse } = edit(before);
    this.#context.tell(record);
    return inverse;
  }
}
