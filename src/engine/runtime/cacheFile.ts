/** One file of a dataset's cache: entries of one size, one after the other, read by their positions. */
import { closeSync, openSync, readSync } from 'node:fs';

export class CacheFile {
  /** Bytes of one entry. */
  readonly size: number;
  readonly #file: number;

  constructor(path: string, size: number) {
    this.size = size;
    this.#file = openSync(path, 'r');
  }

  /** Reads entries to where they belong in `to`, one after the other. @throws Error where the file ends too soon */
  read(positions: Int32Array, to: Uint8Array): void {
    const { size } = this;
    for (const [i, position] of positions.entries()) {
      if (readSync(this.#file, to, i * size, size, position * size) !== size)
        throw new Error('The dataset’s cache is shorter than it should be: import it again.');
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
