/**
 * One file of a dataset's cache: entries of equal size, read by position. Integrity is checked at each read: the first
 * time an entry is compared with its SHA-256, later with a checksum from that first time, which takes half as long.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DIGEST_BYTES } from './trainingData.ts';

/** Thrown where an entry of a cache differs from what was written. */
export class CacheDamage extends Error {
  override readonly name = 'CacheDamage';
  readonly path: string;
  readonly position: number;
  constructor(path: string, position: number) {
    super(
      `The dataset’s cache ${path} is damaged at image ${position}: look for changes in the dataset’s folder to fill it again, or import it again.`,
    );
    this.path = path;
    this.position = position;
  }
}

export class CacheFile {
  /** Bytes per entry. */
  readonly size: number;
  readonly #path: string;
  /** Opened at the first read. */
  #file: number | undefined;
  readonly #digests: Uint8Array;
  /** Checksums of the entries that were verified, by position; 0 for the others. */
  readonly #sums: Uint32Array;

  /** @param digests by position; entries without a digest (missing or zero) are not verified */
  constructor(path: string, size: number, digests: Uint8Array = new Uint8Array()) {
    this.size = size;
    this.#path = path;
    this.#digests = digests;
    this.#sums = new Uint32Array(digests.length / DIGEST_BYTES);
  }

  /** Reads entries into `to`, one after the other. @throws CacheDamage */
  read(positions: Int32Array, to: Uint8Array): void {
    const { size } = this;
    this.#file ??= opened(this.#path);
    for (const [i, position] of positions.entries()) {
      const entry = to.subarray(i * size, (i + 1) * size);
      if (readSync(this.#file, entry, 0, size, position * size) !== size || !this.#isWhole(position, entry))
        throw new CacheDamage(this.#path, position);
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }

  #isWhole(position: number, entry: Uint8Array): boolean {
    if (position >= this.#sums.length) return true;
    const sum = crc32(entry);
    if (this.#sums[position] !== 0 && this.#sums[position] === sum) return true;
    if (!matches(this.#digests, position, entry)) return false;
    this.#sums[position] = sum;
    return true;
  }
}

/** Without O_NONBLOCK, opening a named pipe would block until someone writes to it. No effect on regular files. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function opened(path: string): number {
  try {
    const file = openSync(path, READ_FLAGS);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // A missing file is treated as damage: the cache is filled again.
  throw new CacheDamage(path, 0);
}

/** Whether an entry matches its digest; true where there is none. */
export function matches(digests: Uint8Array | undefined, position: number, entry: Uint8Array): boolean {
  const wanted = (digests ?? new Uint8Array()).subarray(
    position * DIGEST_BYTES,
    (position + 1) * DIGEST_BYTES,
  );
  if (wanted.every(byte => byte === 0)) return true;
  return hash('sha256', entry, 'buffer').subarray(0, DIGEST_BYTES).equals(wanted);
}
