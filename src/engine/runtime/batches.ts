/** Fills a session with images of a dataset and what is true of them. Reads from the cache's files, nothing else. */
import { closeSync, openSync, readSync } from 'node:fs';
import { sizeOf } from '../layers/shape.ts';
import type { Session } from './session.ts';
import type { TrainingData } from './trainingData.ts';

/** Numbers of a box. */
const BOX = 4;

export class Batches {
  readonly #data: TrainingData;
  readonly #images: number;
  readonly #masks: number | null;
  readonly #imageBytes: number;
  readonly #pixels: number;

  constructor(data: TrainingData) {
    this.#data = data;
    this.#images = openSync(data.imagesPath, 'r');
    this.#masks = data.masks ? openSync(data.masks.path, 'r') : null;
    this.#imageBytes = sizeOf(data.imageShape);
    this.#pixels = sizeOf(data.imageShape.slice(1));
  }

  close(): void {
    closeSync(this.#images);
    if (this.#masks !== null) closeSync(this.#masks);
  }

  /** Puts the images at these positions into the first places of the session. */
  load(session: Session, batch: Int32Array): void {
    const { images, indices } = session;
    indices.set(batch);
    for (const [i, index] of batch.entries())
      this.#read(this.#images, images, i * this.#imageBytes, this.#imageBytes, index);
    for (const head of session.model.heads) {
      const targets = session.targets(head);
      if (head.answer === 'class')
        for (const [i, index] of batch.entries()) targets[i] = this.#data.labels[index]!;
      else if (head.answer === 'box') {
        for (const [i, index] of batch.entries())
          targets.set(this.#data.boxes!.subarray(index * BOX, (index + 1) * BOX), i * BOX);
      } else this.#loadMasks(targets as Int32Array, batch);
    }
  }

  #loadMasks(targets: Int32Array, batch: Int32Array): void {
    const mask = new Uint8Array(this.#pixels);
    for (const [i, index] of batch.entries()) {
      this.#read(this.#masks!, mask, 0, this.#pixels, index);
      targets.set(mask, i * this.#pixels);
    }
  }

  #read(file: number, to: Uint8Array, at: number, size: number, index: number): void {
    if (readSync(file, to, at, size, index * size) !== size)
      throw new Error('The dataset’s cache is shorter than it should be: import it again.');
  }
}
