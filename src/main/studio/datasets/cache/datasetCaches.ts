/** The caches of datasets: reading, verifying, repairing, clearing. */
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
  readonly #context: DatasetContext;
  readonly #open: (record: DatasetRecord, progress: JobProgress) => Promise<Source>;

  /** @param open opens the source of a dataset, to decode damaged images again */
  constructor(
    context: DatasetContext,
    open: (record: DatasetRecord, progress: JobProgress) => Promise<Source>,
  ) {
    this.#context = context;
    this.#open = open;
  }

  async image(id: Id, index: number): Promise<Buffer> {
    return this.#read(id, index, 'image');
  }

  async mask(id: Id, index: number): Promise<Buffer> {
    return this.#read(id, index, 'mask');
  }

  /**
   * Verifies the cache and repairs it if needed, as a job.
   *
   * @throws UserError where there is no such dataset, or pixels are lost
   */
  async ensure(nameOrId: string): Promise<void> {
    const { jobs, cache, workspace } = this.#context;
    const { id, state } = this.#context.named(nameOrId);
    if (state !== 'ready' || workspace.mode === 'read') return;
    // Waits for current work on it, whatever its outcome: the cache is verified afterwards.
    await jobs.running(id)?.catch(() => undefined);
    const record = this.#context.get(id);
    if (await isUntouched(cache, record)) return;
    // Concurrent requests share one job.
    const running = jobs.running(record.id);
    if (running) return running;
    jobs.start(record.id, `Filling the cache of ${record.name}`, progress =>
      this.makeWhole(record, progress),
    );
    await jobs.ended(record.id);
  }

  /**
   * Verifies the whole cache after damage was found, and repairs it.
   *
   * @throws UserError where pixels are lost
   */
  async mend(nameOrId: string): Promise<void> {
    const { workspace } = this.#context;
    const { id } = this.#context.named(nameOrId);
    workspace.requireWrite();
    await this.#context.jobs.running(id)?.catch(() => undefined);
    workspace.datasets.put({ ...this.#context.get(id), cacheStamp: '' });
    await this.ensure(id);
  }

  async makeWhole(record: DatasetRecord, progress: JobProgress): Promise<void> {
    const { workspace, cache } = this.#context;
    if (await isUntouched(cache, record)) return;
    const open = () => this.#open(record, progress);
    this.#context.put(await makeWhole({ record, workspace, cache, progress, open }));
  }

  /** Removes the cache from the disk until it is needed. @throws UserError where it could not be rebuilt */
  async clear(id: Id): Promise<void> {
    const context = this.#context;
    context.workspace.requireWrite();
    const record = context.get(id);
    context.refuseBusy(record);
    context.refuseTraining(record);
    if (!record.renewable)
      throw new UserError(`“${record.name}” was uploaded: its cache is all there is of it.`);
    const gone = context.workspace.datasets.rows(id).filter(({ place }) => place === 'gone').length;
    if (gone > 0) {
      throw new UserError(
        `Earlier versions of “${record.name}” hold ${gone} images that are not in the folder any more: the cache alone has them.`,
      );
    }
    const cleared = { ...record, bytes: 0, cacheStamp: '' };
    context.workspace.transaction(() => {
      context.workspace.datasets.put(cleared);
      context.workspace.removals.note('datasets', id);
    });
    await context.workspace.removals.sweep();
    context.tell(cleared);
  }

  /** Makes measurements that an older version did not. */
  measureMissing(record: DatasetRecord): Promise<void> {
    const { cache, workspace } = this.#context;
    const { image, mask } = sizesOf(record);
    return measureMissing(workspace, record.id, async ({ index }) => {
      const pixels = await cache.read(record.id, index, image);
      const of = mask > 0 ? await cache.readMask(record.id, index, mask) : undefined;
      const { moments, look, maskHash } = measure(pixels, record.imageShape, of);
      return { moments, look: look && Buffer.from(look), maskHash: maskHash && Buffer.from(maskHash) };
    });
  }

  /** Reads and verifies an image or mask; after damage, the cache is repaired first. */
  async #read(id: Id, index: number, what: 'image' | 'mask'): Promise<Buffer> {
    const record = await this.#readable(id, index);
    const { cache, workspace } = this.#context;
    const wanted = workspace.datasets.hashes(id, index)[what];
    const read = async () => {
      const size = sizesOf(record)[what];
      const bytes = what === 'mask' ? cache.readMask(id, index, size) : cache.read(id, index, size);
      // A missing file counts as damage.
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

  /** Rebuilds a cleared cache. */
  async #readable(id: Id, index: number): Promise<DatasetRecord> {
    const record = this.#context.get(id);
    if (record.state !== 'ready' || !this.#context.workspace.datasets.image(id, index)) {
      throw new UserError(`The dataset has no image ${index}.`);
    }
    if (record.bytes === 0) await this.ensure(id);
    return record;
  }
}
