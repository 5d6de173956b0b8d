/** The caches of datasets: read, looked at before they are trusted, filled again, cleared. */
import type { Id } from '../../../bridge/ids.ts';
import type { DatasetRecord } from '../../database/datasetRows.ts';
import { UserError } from '../../userError.ts';
import { sizesOf } from './cache.ts';
import { isUntouched, makeWhole } from './caching.ts';
import { measureMissing } from './editing.ts';
import type { Source } from './formats/format.ts';
import type { Progress } from './jobs.ts';
import { measure } from './measure.ts';
import type { Shelf } from './shelf.ts';

export class Caches {
  readonly #shelf: Shelf;
  readonly #open: (record: DatasetRecord, progress: Progress) => Promise<Source>;

  /** @param open the source of a dataset, to decode again what is damaged */
  constructor(shelf: Shelf, open: (record: DatasetRecord, progress: Progress) => Promise<Source>) {
    this.#shelf = shelf;
    this.#open = open;
  }

  async image(id: Id, index: number): Promise<Buffer> {
    const record = await this.#readable(id, index);
    return this.#shelf.cache.read(id, index, sizesOf(record).image);
  }

  async mask(id: Id, index: number): Promise<Buffer> {
    const record = await this.#readable(id, index);
    return this.#shelf.cache.readMask(id, index, sizesOf(record).mask);
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

  async makeWhole(record: DatasetRecord, progress: Progress): Promise<void> {
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
