/**
 * Fills a session with images and targets of a dataset, read from the cache's files. Where the session can stage a
 * batch, the next one is read while the current one is computed.
 */
import { sizeOf } from '../layers/shape.ts';
import { CacheFile } from './cacheFile.ts';
import { Prefetch, type PrefetchTarget } from './prefetch.ts';
import type { Session } from './session.ts';
import type { TrainingData } from './trainingData.ts';

/** Numbers of a box. */
const BOX_NUMBERS = 4;

export class Batches {
  readonly #data: TrainingData;
  readonly #session: Session;
  readonly #images: CacheFile;
  readonly #masks: CacheFile | null;
  readonly #prefetch: Prefetch | null;

  constructor(data: TrainingData, session: Session) {
    const { imagesPath, imageDigests, imageShape, masks } = data;
    this.#data = data;
    this.#session = session;
    this.#images = new CacheFile(imagesPath, sizeOf(imageShape), imageDigests);
    this.#masks = masks ? new CacheFile(masks.path, sizeOf(imageShape.slice(1)), masks.digests) : null;
    const { staged } = session;
    this.#prefetch = staged && new Prefetch(this.#placesOf(staged), session.model.batch);
  }

  close(): void {
    this.#prefetch?.close();
    this.#images.close();
    this.#masks?.close();
  }

  /**
   * Puts the images at these positions into the first places of the session.
   * @param next those that will be wanted after them
   */
  load(batch: Int32Array, next: Int32Array = new Int32Array()): void {
    const { images, indices, model, staged } = this.#session;
    indices.set(batch);
    const isStaged = this.#prefetch?.take(batch) === true;
    if (isStaged) images.set(staged!.images.subarray(0, batch.length * this.#images.size));
    else this.#images.read(batch, images);
    for (const head of model.heads) {
      const targets = this.#session.targets(head);
      if (head.answer === 'class')
        for (const [i, index] of batch.entries()) targets[i] = this.#data.labels[index]!;
      else if (head.answer === 'box') {
        for (const [i, index] of batch.entries())
          targets.set(
            this.#data.boxes!.subarray(index * BOX_NUMBERS, (index + 1) * BOX_NUMBERS),
            i * BOX_NUMBERS,
          );
      } else targets.set(this.#masksOf(batch, isStaged ? staged!.masks : null));
    }
    this.#prefetch?.begin(next);
  }

  #masksOf(batch: Int32Array, staged: Uint8Array | null): Uint8Array {
    const bytes = batch.length * this.#masks!.size;
    if (staged) return staged.subarray(0, bytes);
    const read = new Uint8Array(bytes);
    this.#masks!.read(batch, read);
    return read;
  }

  #placesOf({ images, masks }: NonNullable<Session['staged']>) {
    const { imagesPath, imageDigests, masks: there } = this.#data;
    const places: PrefetchTarget[] = [
      { path: imagesPath, size: this.#images.size, digests: imageDigests, to: images },
    ];
    // A network that answers no mask has no place for them.
    if (masks && this.#masks)
      places.push({ path: there!.path, size: this.#masks.size, digests: there!.digests, to: masks });
    return places;
  }
}
