/**
 * The cache of a dataset: its images as training reads them, in one file of uint8 pixels, height × width × channels,
 * one after another; masks likewise in a second file. Images are only appended, so that all versions of a dataset use
 * the same positions. Entries without a row in the database do not count.
 */
import { hash } from 'node:crypto';
import { type FileHandle, lstat, mkdir, open, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import type { Id } from '../../../../bridge/ids.ts';
import type { DatasetRecord, ImageRow } from '../../../database/datasetRows.ts';
import { idFolder } from '../../../database/idFolders.ts';
import { openRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';

/** Bytes of one image and one mask, 0 where there are no masks. */
export interface Sizes {
  image: number;
  mask: number;
}

/** Of one image. */
export function pixelsOf({ imageShape: [, height, width] }: DatasetRecord): number {
  return height * width;
}

export function sizesOf({ imageShape: [channels, height, width], maskClasses }: DatasetRecord): Sizes {
  return { image: channels * height * width, mask: maskClasses.length > 0 ? height * width : 0 };
}

/** The folder of the caches of a workspace. */
export class CacheFolder {
  readonly #workspace: string;

  constructor(workspaceFolder: string) {
    this.#workspace = workspaceFolder;
  }

  imagesPath(id: Id): string {
    return join(this.#folderOf(id), 'images.bin');
  }

  masksPath(id: Id): string {
    return join(this.#folderOf(id), 'masks.bin');
  }

  /** Opens the files to write; there are none before the first time. */
  async writer(id: Id, sizes: Sizes): Promise<CacheWriter> {
    const folder = this.#folderOf(id);
    await mkdir(folder, { recursive: true });
    // Opened without truncating, whether or not they exist.
    const openFile = async (path: string) => {
      await this.#requireOwn(path);
      return open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return open(path, 'w+');
        throw error;
      });
    };
    const images = await openFile(this.imagesPath(id));
    const masks = sizes.mask > 0 ? await openFile(this.masksPath(id)) : null;
    await syncFolder(folder);
    await syncFolder(dirname(folder));
    return new CacheWriter(images, masks, sizes);
  }

  #folderOf(id: Id): string {
    return idFolder(this.#workspace, 'datasets', id);
  }

  /**
   * Writing would follow a link to a foreign file.
   *
   * @throws UserError where the path leads out of the folder of caches, or is no regular file
   */
  async #requireOwn(path: string): Promise<void> {
    const root = await realpath(join(this.#workspace, 'datasets'));
    const there = await stat(path).catch(() => null);
    const real = there ? await realpath(path) : join(await realpath(dirname(path)), basename(path));
    const isLink = !there && (await lstat(path).catch(() => null)) !== null;
    if (real.startsWith(root + sep) && !isLink && (there === null || there.isFile())) return;
    throw new UserError(
      `${path} leads out of the workspace, or is no file: put a file in its place, or move it away.`,
    );
  }

  /** The pixels of one picture of `size` bytes. */
  async read(id: Id, index: number, size: number): Promise<Buffer> {
    return readPart(this.imagesPath(id), index, size);
  }

  async readMask(id: Id, index: number, size: number): Promise<Buffer> {
    return readPart(this.masksPath(id), index, size);
  }

  /** Sizes and times of the files, which change when anything writes to them; empty where they do not exist. */
  async stamp(id: Id, { mask }: Sizes): Promise<string> {
    const paths = mask > 0 ? [this.imagesPath(id), this.masksPath(id)] : [this.imagesPath(id)];
    const stats = await Promise.all(paths.map(path => stat(path).catch(() => null)));
    return stats.includes(null) ? '' : stats.map(each => `${each!.size}-${each!.mtimeMs}`).join('+');
  }

  /** The rows whose pixels or mask do not match their hashes. Reads everything, in order. */
  async damaged(id: Id, sizes: Sizes, rows: readonly ImageRow[], signal: AbortSignal): Promise<ImageRow[]> {
    const images = await differing(this.imagesPath(id), sizes.image, rows, row => row.hash, signal);
    if (sizes.mask === 0) return images;
    const masks = await differing(this.masksPath(id), sizes.mask, rows, row => row.maskHash, signal);
    return [...new Set([...images, ...masks])];
  }
}

/** Writes images to their positions. */
export class CacheWriter {
  readonly #images: Gathering;
  readonly #masks: Gathering | null;
  readonly #sizes: Sizes;

  constructor(images: FileHandle, masks: FileHandle | null, sizes: Sizes) {
    this.#images = new Gathering(images, sizes.image);
    this.#masks = masks && new Gathering(masks, sizes.mask);
    this.#sizes = sizes;
  }

  /** The pixels are copied. A returned promise has to be awaited before the next call. */
  put(index: number, pixels: Uint8Array, mask: Uint8Array | undefined): Promise<void> | undefined {
    const images = this.#images.put(index, pixels);
    const masks = this.#masks?.put(index, mask ?? new Uint8Array(this.#sizes.mask));
    return images || masks ? Promise.all([images, masks]).then(() => undefined) : undefined;
  }

  /** Writes everything to the disk. */
  async flush(): Promise<void> {
    await Promise.all([this.#images.flush(), this.#masks?.flush()]);
  }

  /** Truncates to `count` images. Returns the remaining bytes. */
  async cut(count: number): Promise<number> {
    await Promise.all([this.#images.cut(count), this.#masks?.cut(count)]);
    return count * (this.#sizes.image + this.#sizes.mask);
  }

  async close(): Promise<void> {
    await Promise.all([this.#images.close(), this.#masks?.close()]);
  }
}

/** Bytes that are buffered before they are written. */
const WRITE_BUFFER_BYTES = 2 << 20;

/** A file of records of equal size; consecutive records are written together. */
class Gathering {
  readonly #file: FileHandle;
  readonly #size: number;
  readonly #bytes: Buffer;
  /** The position of the first buffered record, and their number. */
  #from = 0;
  #count = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
    this.#bytes = Buffer.allocUnsafe(size * Math.max(1, Math.floor(WRITE_BUFFER_BYTES / size)));
  }

  put(index: number, part: Uint8Array): Promise<void> | undefined {
    if (index === this.#from + this.#count && (this.#count + 1) * this.#size <= this.#bytes.length) {
      this.#bytes.set(part, this.#count++ * this.#size);
      return undefined;
    }
    return this.#write().then(() => {
      this.#bytes.set(part);
      this.#from = index;
      this.#count = 1;
    });
  }

  async flush(): Promise<void> {
    await this.#write();
    await this.#file.datasync();
  }

  async cut(count: number): Promise<void> {
    await this.#file.truncate(count * this.#size);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const [from, length] = [this.#from * this.#size, this.#count * this.#size];
    this.#from += this.#count;
    this.#count = 0;
    for (let at = 0; at < length; )
      at += (await this.#file.write(this.#bytes, at, length - at, from + at)).bytesWritten;
  }
}

/** Bytes per read. */
const READ_BUFFER_BYTES = 4 << 20;

async function readPart(path: string, index: number, size: number): Promise<Buffer> {
  const { handle: opened } = await openRegularFile(path);
  await using handle = opened;
  const bytes = Buffer.alloc(size);
  await handle.read(bytes, 0, size, index * size);
  return bytes;
}

async function differing(
  path: string,
  size: number,
  rows: readonly ImageRow[],
  hashOf: (row: ImageRow) => Buffer | null,
  signal: AbortSignal,
): Promise<ImageRow[]> {
  const found: ImageRow[] = [];
  let handle: FileHandle;
  try {
    ({ handle } = await openRegularFile(path));
  } catch {
    return [...rows];
  }
  try {
    const atOnce = Math.max(1, Math.floor(READ_BUFFER_BYTES / size));
    const chunk = Buffer.alloc(atOnce * size);
    let first = Number.NEGATIVE_INFINITY;
    let got = 0;
    for (const row of rows) {
      if (row.index >= first + atOnce) {
        signal.throwIfAborted();
        first = row.index;
        got = (await handle.read(chunk, 0, chunk.length, first * size)).bytesRead;
      }
      const at = (row.index - first) * size;
      const wanted = hashOf(row);
      const isWhole = at + size <= got;
      const digest = hash('sha256', chunk.subarray(at, at + size), 'buffer');
      if (!isWhole || (wanted && !digest.equals(wanted))) found.push(row);
    }
    return found;
  } finally {
    await handle.close();
  }
}

/** fsync of a folder, where the system supports it, so that new names survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder);
  await handle.sync();
}
