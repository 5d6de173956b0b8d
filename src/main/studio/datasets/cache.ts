/**
 * The cache of a dataset: its pictures as training reads them, in one file of uint8 pixels, height × width ×
 * channels, one after another; masks likewise beside it. Written once, in a folder that gets its name when it is
 * whole; read at random afterwards.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Id } from '../../../bridge/contract.ts';
import type { Picture } from './formats/format.ts';

const PARTIAL = '.partial';

/** The folder of the caches of a workspace. */
export class CacheFolder {
  readonly #folder: string;

  constructor(workspaceFolder: string) {
    this.#folder = join(workspaceFolder, 'datasets');
  }

  imagesPath(id: Id): string {
    return join(this.#folder, id, 'images.bin');
  }

  masksPath(id: Id): string {
    return join(this.#folder, id, 'masks.bin');
  }

  /** Starts a cache. Until `keep`, it counts as rubbish. */
  async create(id: Id): Promise<CacheWriter> {
    const folder = join(this.#folder, id + PARTIAL);
    await mkdir(folder, { recursive: true });
    return new CacheWriter(folder);
  }

  /** Gives a closed cache its name, so that it stays. */
  async keep(id: Id): Promise<void> {
    await rename(join(this.#folder, id + PARTIAL), join(this.#folder, id));
    await syncFolder(this.#folder);
  }

  async remove(id: Id): Promise<void> {
    await rm(join(this.#folder, id), { recursive: true, force: true });
    await rm(join(this.#folder, id + PARTIAL), { recursive: true, force: true });
  }

  /** Removes what interrupted imports left. */
  async removeAllBut(ids: ReadonlySet<Id>): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) {
      if (!ids.has(name)) await rm(join(this.#folder, name), { recursive: true, force: true });
    }
  }

  /** The pixels of one picture of `size` bytes. */
  async read(id: Id, index: number, size: number): Promise<Buffer> {
    await using handle = await open(this.imagesPath(id));
    const pixels = Buffer.alloc(size);
    await handle.read(pixels, 0, size, index * size);
    return pixels;
  }
}

/** Appends pictures. Holds no more of them in memory than the disk is behind. */
export class CacheWriter {
  readonly #folder: string;
  readonly #images: Appender;
  #masks: Appender | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.#images = new Appender(join(folder, 'images.bin'));
  }

  async append({ pixels, mask }: Picture): Promise<void> {
    await this.#images.append(pixels);
    if (!mask) return;
    this.#masks ??= new Appender(join(this.#folder, 'masks.bin'));
    await this.#masks.append(mask);
  }

  /** When this is done, everything is on the disk. Gives the bytes written. */
  async close(): Promise<number> {
    const bytes = (await this.#images.close()) + ((await this.#masks?.close()) ?? 0);
    await syncFolder(this.#folder);
    return bytes;
  }

  /** Stops writing, whatever is still on its way. */
  async abandon(): Promise<void> {
    await Promise.all([this.#images.abandon(), this.#masks?.abandon()]);
  }
}

class Appender {
  readonly #stream: WriteStream;
  readonly #ended: Promise<void>;

  constructor(path: string) {
    this.#stream = createWriteStream(path, { flush: true, highWaterMark: 4 << 20 });
    this.#ended = finished(this.#stream);
    // A failure shows at the next append or at the close.
    this.#ended.catch(() => undefined);
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#stream.errored) throw this.#stream.errored;
    if (this.#stream.write(bytes)) return;
    await Promise.race([
      new Promise<void>(resolve => this.#stream.once('drain', () => resolve())),
      this.#ended,
    ]);
  }

  async close(): Promise<number> {
    this.#stream.end();
    await this.#ended;
    return this.#stream.bytesWritten;
  }

  async abandon(): Promise<void> {
    this.#stream.destroy();
    await this.#ended.catch(() => undefined);
  }
}

/** Makes sure that new names in a folder outlast a power cut, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder);
  await handle.sync();
}
