/**
 * One file of a dataset's cache: entries of one size, one after the other, read by their positions. What is read is
 * what was written: an entry is held against its SHA-256 when it is first read, and against a checksum of what that
 * found whole, which takes half the time, whenever it is read again.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DIGEST_BYTES } from './trainingData.ts';

/** An entry of a cache is not what was written there. */
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
  /** Bytes of one entry. */
  readonly size: number;
  readonly #path: string;
  /** Opened when it is first read. */
  #file: number | undefined;
  readonly #digests: Uint8Array;
  /** By position the checksum of an entry that was found whole; 0 where none was yet. */
  readonly #sums: Uint32Array;

  /** @param digests by position; where they end or are zero, an entry is taken as it is */
  constructor(path: string, size: number, digests: Uint8Array = new Uint8Array()) {
    this.size = size;
    this.#path = path;
    this.#digests = digests;
    this.#sums = new Uint32Array(digests.length / DIGEST_BYTES);
  }

  /** Reads entries to where they belong in `to`, one after the other. @throws CacheDamage */
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

/** Opening a pipe would wait for ever for who writes to it; of a file this changes nothing. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function opened(path: string): number {
  try {
    const file = openSync(path, READ_FLAGS);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  // A cache that is gone is filled again as a damaged one is.
  throw new CacheDamage(path, 0);
}

/** Whether an entry is what its digest says; true where none is known. */
export function matches(digests: Uint8Array | undefined, position: number, entry: Uint8Array): boolean {
  const wanted = (digests ?? new Uint8Array()).subarray(
    position * DIGEST_BYTES,
    (position + 1) * DIGEST_BYTES,
  );
  if (wanted.every(byte => byte === 0)) return true;
  return hash('sha256', entry, 'buffer').subarray(0, DIGEST_BYTES).equals(wanted);
}
