/** Imports of datasets from folders, uploads and the sample: new, continued, or renewed. */
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
/** A fact of the workspace, so that a deleted sample is not created again. */
const SAMPLE_FACT = 'sample dataset';

/** Called after an import, whatever its outcome. */
interface Afterwards {
  onReady?: () => void;
  cleanUp?: () => Promise<void>;
}

/** A fact of the workspace that survives interruption: the dataset whose labels and splits are taken. */
const likeFact = (id: Id) => `dataset ${id} is like`;

export class Imports {
  readonly uploads: Uploads;
  readonly #context: DatasetContext;
  readonly #roots: Roots;
  readonly #admits = (real: string) => this.#roots.admits(real);

  /** @throws UserError where a root is not there */
  constructor(context: DatasetContext, roots: readonly string[]) {
    this.#context = context;
    this.#roots = new Roots(roots);
    this.uploads = new Uploads(context.workspace);
  }

  listFolder(path: string | null): Promise<FolderListing> {
    return this.#roots.list(path);
  }

  /** @throws UserError where the folder cannot be used, or has no known format */
  async recogniseFolder(path: string): Promise<RecognisedFormat[]> {
    return recognise(await this.#roots.folder(path), this.#admits);
  }

  /**
   * Starts the import of a folder. The id is that of the job and of the dataset.
   *
   * @throws UserError where the folder cannot be used or the name is taken, before anything is written. Later errors
   * fail the job.
   */
  async folder({ path, name, like, ...options }: DatasetSource): Promise<Id> {
    this.#context.requireName(name);
    const folder = await this.#roots.folder(path);
    const format = options.format ?? (await recognise(folder, this.#admits))[0]!.format;
    const splitRule = like !== undefined && { splitRule: this.#context.get(like).splitRule };
    const record = { ...newRecord(name, resolve(path), format, options), ...splitRule };
    if (like !== undefined) this.#context.workspace.setFact(likeFact(record.id), like);
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
   * Continues an interrupted import, or imports changes of the folder as a new version.
   *
   * @throws UserError where the source cannot be read, or the dataset is busy
   */
  async renew(id: Id, caches: Caches): Promise<Id> {
    this.#context.workspace.requireWrite();
    const record = this.#context.get(id);
    this.#context.refuseBusy(record);
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

  /** Creates the sample dataset, once per workspace. */
  async ensureSample(): Promise<void> {
    const { workspace, jobs } = this.#context;
    if (workspace.mode === 'read' || workspace.fact(SAMPLE_FACT) || this.#context.isTaken(SAMPLE_NAME))
      return;
    const record = newRecord(SAMPLE_NAME, null, 'shapes', {});
    const onReady = () => workspace.setFact(SAMPLE_FACT, 'drawn');
    await jobs.ended(this.#start(record, progress => this.open(record, progress, false), { onReady }));
  }

  /**
   * Opens the source of a dataset.
   *
   * @param isDecided whether images keep the shape that they have
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
    const context = this.#context;
    if (state === 'importing') context.requireName(name);
    context.reserved.add(name);
    const verb = state === 'ready' ? 'Looking through' : source === null ? 'Drawing' : 'Importing';
    context.jobs.start(id, `${verb} ${name}`, async progress => {
      try {
        const source = await open(progress);
        await importSource({
          record: context.workspace.datasets.get(id) ?? record,
          source,
          workspace: context.workspace,
          cache: context.cache,
          progress,
          like: this.#likeOf(id),
          onRecord: shown => context.tell(shown),
          onRemoved: () => context.emit({ type: 'datasetDeleted', id }),
          ...(after.onReady && { onReady: after.onReady }),
        });
      } finally {
        context.reserved.delete(name);
        await after.cleanUp?.();
      }
    });
    return id;
  }

  #likeOf(id: Id) {
    const { workspace } = this.#context;
    const like = workspace.fact(likeFact(id));
    const record = isId(like) ? workspace.datasets.get(like) : undefined;
    return record && { classes: record.classes, rows: workspace.datasets.rows(record.id) };
  }
}
