/**
 * Fills a session with images of a dataset, or with their features, and what is true of them. Reads from the cache's
 * files and from features that were kept, nothing else; the images that come next while the batch at hand is computed,
 * where the session has a place for them.
 */
import { sizeOf } from '../layers/shape.ts';
import { CacheFile } from './cacheFile.ts';
import type { FeatureFile } from './featureFile.ts';
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
  #features: FeatureFile | null = null;

  constructor(data: TrainingData, session: Session) {
    const { imagesPath, imageDigests, imageShape, masks } = data;
    this.#data = data;
    this.#session = session;
    this.#images = new CacheFile(imagesPath, sizeOf(imageShape), imageDigests);
    this.#masks = masks ? new CacheFile(masks.path, sizeOf(imageShape.slice(1)), masks.digests) : null;
    const { staged } = session;
    this.#prefetch = staged && new Prefetch(this.#placesOf(staged), session.model.batch);
  }

  /** Features are read from there from now on, and kept there. It is closed with this. */
  keepFeatures(file: FeatureFile): void {
    this.#features = file;
  }

  close(): void {
    this.#prefetch?.close();
    this.#images.close();
    this.#masks?.close();
    this.#features?.close();
  }

  /**
   * Puts the images at these positions into the first places of the session; where its programs begin with features,
   * those.
   * @param next those that will be wanted after them
   * @param anew whether features are computed, also where they are kept
   */
  load(batch: Int32Array, next: Int32Array = new Int32Array(), anew = false): void {
    const { indices, model, staged, features } = this.#session;
    indices.set(batch);
    const isKept = features !== null && !anew && this.#features?.read(batch, features) === true;
    const isStaged = !isKept && this.#prefetch?.take(batch) === true;
    if (!isKept) this.#loadImages(batch, isStaged);
    if (features && !isKept) {
      this.#session.run('features', batch.length);
      this.#features?.write(batch, features);
    }
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
    if (!(features && this.#features?.has(next))) this.#prefetch?.begin(next);
  }

  #loadImages(batch: Int32Array, isStaged: boolean): void {
    const { images, staged } = this.#session;
    if (isStaged) images.set(staged!.images.subarray(0, batch.length * this.#images.size));
    else this.#images.read(batch, images);
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
