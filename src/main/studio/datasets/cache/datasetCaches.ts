/** The caches of datasets: read, looked at before they are trusted, filled again, cleared. */
import { hash } from 'node:crypto';
import type { Id } from '../../../../bridge/ids.ts';
import type { DatasetRecord } from '../../../database/datasetRows.ts';
import { UserError } from '../../../userError.ts';
import type { DatasetContext } from '../datasetContext.ts';
import { measure } from '../decode/measureImage.ts';
import type { Source } from '../formats/datasetFormat.ts';
import type { JobProgress } from '../jobs.ts';
import { measureMissing } from '../versions/editing.ts';
import { sizesOf } from './imageCache.ts';
import { isUntouched, makeWhole } from './repairCache.ts';

export class Caches {
  readonly #shelf: DatasetContext;
  readonly #open: (record: DatasetRecord, progress: JobProgress) => Promise<Source>;

  /** @param open the source of a dataset, to decode again what is damaged */
  constructor(
    shelf: DatasetContext,
    open: (record: DatasetRecord, progress: JobProgress) => Promise<Source>,
  ) {
    this.#shelf = shelf;
    this.#open = open;
  }

  async image(id: Id, index: number): Promise<Buffer> {
    return this.#read(id, index, 'image');
  }

  async mask(id: Id, index: number): Promise<Buffer> {
    return this.#read(id, index, 'mask');
  }

  /**
   * Looks whether the cache is whole, and fills it where it is not, as a job.
   *
   * @throws UserError where there is no such dataset, or pixels are lost
   */
  async ensure(nameOrId: string): Promise<void> {
    const { jobs, cache, workspace } = this.#shelf;
    const { id, state } = this.#shelf.named(nameOrId);
    if (state !== 'ready' || workspace.mode === 'read') return;
    // What is at work on it may end as it likes: the cache is looked at after.
    await jobs.running(id)?.catch(() => undefined);
    const record = this.#shelf.get(id);
    if (await isUntouched(cache, record)) return;
    // Asked for twice at once, it is done once.
    const running = jobs.running(record.id);
    if (running) return running;
    jobs.start(record.id, `Filling the cache of ${record.name}`, progress =>
      this.makeWhole(record, progress),
    );
    await jobs.ended(record.id);
  }

  /**
   * Looks through the whole cache, in which damage was met, and fills it again where that is.
   *
   * @throws UserError where pixels are lost
   */
  async mend(nameOrId: string): Promise<void> {
    const { workspace } = this.#shelf;
    const { id } = this.#shelf.named(nameOrId);
    workspace.requireWrite();
    await this.#shelf.jobs.running(id)?.catch(() => undefined);
    workspace.datasets.put({ ...this.#shelf.get(id), cacheStamp: '' });
    await this.ensure(id);
  }

  async makeWhole(record: DatasetRecord, progress: JobProgress): Promise<void> {
    const { workspace, cache } = this.#shelf;
    if (await isUntouched(cache, record)) return;
    const open = () => this.#open(record, progress);
    this.#shelf.put(await makeWhole({ record, workspace, cache, progress, open }));
  }

  /** Removes the cache from the disk, until it is needed. @throws UserError where it could not be filled again */
  async clear(id: Id): Promise<void> {
    const shelf = this.#shelf;
    shelf.workspace.requireWrite();
    const record = shelf.get(id);
    shelf.refuseBusy(record);
    shelf.refuseTraining(record);
    if (!record.renewable)
      throw new UserError(`“${record.name}” was uploaded: its cache is all there is of it.`);
    const gone = shelf.workspace.datasets.rows(id).filter(({ place }) => place === 'gone').length;
    if (gone > 0) {
      throw new UserError(
        `Earlier versions of “${record.name}” hold ${gone} images that are not in the folder any more: the cache alone has them.`,
      );
    }
    const cleared = { ...record, bytes: 0, cacheStamp: '' };
    shelf.workspace.transaction(() => {
      shelf.workspace.datasets.put(cleared);
      shelf.workspace.removals.note('datasets', id);
    });
    await shelf.workspace.removals.sweep();
    shelf.tell(cleared);
  }

  /** Measures what an older program did not. */
  measureMissing(record: DatasetRecord): Promise<void> {
    const { cache, workspace } = this.#shelf;
    const { image, mask } = sizesOf(record);
    return measureMissing(workspace, record.id, async ({ index }) => {
      const pixels = await cache.read(record.id, index, image);
      const of = mask > 0 ? await cache.readMask(record.id, index, mask) : undefined;
      const { moments, look, maskHash } = measure(pixels, record.imageShape, of);
      return { moments, look: look && Buffer.from(look), maskHash: maskHash && Buffer.from(maskHash) };
    });
  }

  /** What is read is what was written; where it is not, the cache is filled again first. */
  async #read(id: Id, index: number, what: 'image' | 'mask'): Promise<Buffer> {
    const record = await this.#readable(id, index);
    const { cache, workspace } = this.#shelf;
    const wanted = workspace.datasets.hashes(id, index)[what];
    const read = async () => {
      const size = sizesOf(record)[what];
      const bytes = what === 'mask' ? cache.readMask(id, index, size) : cache.read(id, index, size);
      // A file that is not there is damage too.
      return bytes.catch(() => null);
    };
    const isWhole = (bytes: Buffer | null): bytes is Buffer =>
      bytes !== null && (!wanted || hash('sha256', bytes, 'buffer').equals(wanted));
    const found = await read();
    if (isWhole(found)) return found;
    await this.mend(id);
    const mended = await read();
    if (isWhole(mended)) return mended;
    throw new UserError(
      `The cache of ${record.name} is damaged at image ${index}, also where it was filled again.`,
    );
  }

  /** Where the cache was cleared, looking at an image is reason enough to fill it. */
  async #readable(id: Id, index: number): Promise<DatasetRecord> {
    const record = this.#shelf.get(id);
    if (record.state !== 'ready' || !this.#shelf.workspace.datasets.image(id, index)) {
      throw new UserError(`The dataset has no image ${index}.`);
    }
    if (record.bytes === 0) await this.ensure(id);
    return record;
  }
}
