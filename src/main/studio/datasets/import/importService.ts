/** Where datasets come from: folders, uploads, the sample; imported anew, gone on with, looked through again. */
import { resolve } from 'node:path';
import type { DatasetSource, FolderListing, RecognisedFormat } from '../../../../bridge/datasetCalls.ts';
import { type Id, isId } from '../../../../bridge/ids.ts';
import type { DatasetRecord } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { Caches } from '../cache/datasetCaches.ts';
import type { DatasetContext } from '../datasetContext.ts';
import { newRecord } from '../datasetRecord.ts';
import type { FormatReader, Source } from '../formats/datasetFormat.ts';
import { formatNamed, recognise } from '../formats/registry.ts';
import { shapes } from '../formats/sampleShapes.ts';
import type { JobProgress } from '../jobs.ts';
import { importSource } from './importer.ts';
import { Roots } from './readableRoots.ts';
import { Uploads } from './uploads.ts';

export const SAMPLE_NAME = 'shapes';
/** Remembered in the workspace: who deletes the sample does not get it back. */
const SAMPLE_FACT = 'sample dataset';

/** What is done after an import, however it ended. */
interface Afterwards {
  onReady?: () => void;
  cleanUp?: () => Promise<void>;
}

/** Remembered in the workspace, so that an import that was interrupted still knows it: whose labels and splits it takes. */
const likeFact = (id: Id) => `dataset ${id} is like`;

export class Imports {
  readonly uploads: Uploads;
  readonly #shelf: DatasetContext;
  readonly #roots: Roots;
  readonly #admits = (real: string) => this.#roots.admits(real);

  /** @throws UserError where a root is not there */
  constructor(shelf: DatasetContext, roots: readonly string[]) {
    this.#shelf = shelf;
    this.#roots = new Roots(roots);
    this.uploads = new Uploads(shelf.workspace);
  }

  listFolder(path: string | null): Promise<FolderListing> {
    return this.#roots.list(path);
  }

  /** @throws UserError where the folder cannot be used, or holds nothing that is known */
  async recogniseFolder(path: string): Promise<RecognisedFormat[]> {
    return recognise(await this.#roots.folder(path), this.#admits);
  }

  /**
   * Starts to import a folder. The id is that of the job and of the dataset.
   *
   * @throws UserError where the folder cannot be used or the name is taken; nothing is written then. What shows
   *   only on looking through the folder fails the job.
   */
  async folder({ path, name, like, ...options }: DatasetSource): Promise<Id> {
    this.#shelf.requireName(name);
    const folder = await this.#roots.folder(path);
    const format = options.format ?? (await recognise(folder, this.#admits))[0]!.format;
    const splitRule = like !== undefined && { splitRule: this.#shelf.get(like).splitRule };
    const record = { ...newRecord(name, resolve(path), format, options), ...splitRule };
    if (like !== undefined) this.#shelf.workspace.setFact(likeFact(record.id), like);
    return this.#start(record, progress => this.open(record, progress, false));
  }

  /** Imports what was uploaded, then removes the uploaded files. */
  async uploaded(upload: Id): Promise<Id> {
    const { name, folder } = await this.uploads.finish(upload);
    const cleanUp = () => this.uploads.remove(upload);
    try {
      const [{ format }] = (await recognise(folder, () => true)) as [RecognisedFormat];
      const record = { ...newRecord(name, `${name} (uploaded)`, format, {}), renewable: false };
      const open = ({ signal }: JobProgress) =>
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
  async renew(id: Id, caches: Caches): Promise<Id> {
    this.#shelf.workspace.requireWrite();
    const record = this.#shelf.get(id);
    this.#shelf.refuseBusy(record);
    if (!record.renewable)
      throw new UserError(`“${record.name}” was uploaded: the studio does not know where its folder lies.`);
    if (record.source !== null) await this.#roots.folder(record.source);
    return this.#start(record, async progress => {
      if (record.state !== 'ready') return this.open(record, progress, false);
      await caches.makeWhole(record, progress);
      await caches.measureMissing(record);
      return this.open(record, progress, true);
    });
  }

  /** Draws the sample dataset, once in a workspace's life. */
  async ensureSample(): Promise<void> {
    const { workspace, jobs } = this.#shelf;
    if (workspace.mode === 'read' || workspace.fact(SAMPLE_FACT) || this.#shelf.isTaken(SAMPLE_NAME)) return;
    const record = newRecord(SAMPLE_NAME, null, 'shapes', {});
    const onReady = () => workspace.setFact(SAMPLE_FACT, 'drawn');
    await jobs.ended(this.#start(record, progress => this.open(record, progress, false), { onReady }));
  }

  /**
   * Opens the source of a dataset.
   *
   * @param isDecided whether its pictures have the shape that they had
   */
  async open(record: DatasetRecord, { signal }: JobProgress, isDecided: boolean): Promise<Source> {
    const { format, source, options: preparation } = record;
    const folder = source === null ? '' : await this.#roots.folder(source);
    const decided = isDecided && { imageShape: record.imageShape };
    const reader: FormatReader = format === 'shapes' ? shapes : formatNamed(format);
    return reader.open(folder, { signal, admits: this.#admits, preparation, ...decided });
  }

  #start(
    record: DatasetRecord,
    open: (progress: JobProgress) => Promise<Source>,
    after: Afterwards = {},
  ): Id {
    const { id, name, source, state } = record;
    const shelf = this.#shelf;
    if (state === 'importing') shelf.requireName(name);
    shelf.reserved.add(name);
    const verb = state === 'ready' ? 'Looking through' : source === null ? 'Drawing' : 'Importing';
    shelf.jobs.start(id, `${verb} ${name}`, async progress => {
      try {
        const source = await open(progress);
        await importSource({
          record: shelf.workspace.datasets.get(id) ?? record,
          source,
          workspace: shelf.workspace,
          cache: shelf.cache,
          progress,
          like: this.#likeOf(id),
          onRecord: shown => shelf.tell(shown),
          onRemoved: () => shelf.emit({ type: 'datasetDeleted', id }),
          ...(after.onReady && { onReady: after.onReady }),
        });
      } finally {
        shelf.reserved.delete(name);
        await after.cleanUp?.();
      }
    });
    return id;
  }

  #likeOf(id: Id) {
    const { workspace } = this.#shelf;
    const like = workspace.fact(likeFact(id));
    const record = isId(like) ? workspace.datasets.get(like) : undefined;
    return record && { classes: record.classes, rows: workspace.datasets.rows(record.id) };
  }
}
