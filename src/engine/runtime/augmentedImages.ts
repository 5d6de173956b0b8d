/** Images as an epoch of training sees them: augmented by the same kernels with the same random numbers. */
import { compileAugmenting } from '../compile/compileAugmenting.ts';
import type { Training } from '../graph/document.ts';
import { sizeOf } from '../layers/shape.ts';
import { loadBackend } from './backend.ts';
import { Batches } from './batches.ts';
import { MODEL_START } from './memory.ts';
import { Session } from './session.ts';
import type { TrainingData } from './trainingData.ts';

export interface Augmented {
  /** uint8, height × width × channels. */
  readonly pixels: Uint8Array;
  /** Left, top, right, bottom, as fractions of width and height; null for datasets without boxes. */
  readonly box: Float32Array | null;
  /** The class of each pixel; null for datasets without masks. */
  readonly mask: Int32Array | null;
}

/** @param images positions in the cache @param epoch counts from 0 */
export function augment(
  data: TrainingData,
  images: Int32Array,
  { augmentations, seed }: Pick<Training, 'augmentations' | 'seed'>,
  epoch: number,
): Augmented[] {
  const model = compileAugmenting({
    shape: data.imageShape,
    batch: images.length,
    augmentations,
    answers: [...(data.boxes ? (['box'] as const) : []), ...(data.masks ? (['mask'] as const) : [])],
    start: MODEL_START,
  });
  const session = new Session(model, loadBackend(), 1);
  const batches = new Batches(data, session);
  try {
    // Values from 0 to 1, as augmentations take them.
    session.setNormalization(
      data.mean.map(() => 0),
      data.mean.map(() => 1),
    );
    batches.load(images);
    session.run('train', images.length, { learningRate: 0, seed, step: 0, epoch });
    const numbers = session.reals(model.augmented);
    const [size, pixels] = [sizeOf(data.imageShape), sizeOf(data.imageShape.slice(1))];
    const truth = (answer: 'box' | 'mask', each: number, at: number) => {
      const head = model.heads.find(other => other.answer === answer);
      return head ? session.targets(head).slice(at * each, (at + 1) * each) : null;
    };
    return Array.from(images, (_, at) => ({
      pixels: Uint8Array.from(numbers.subarray(at * size, (at + 1) * size), toByte),
      box: truth('box', 4, at) as Float32Array | null,
      mask: truth('mask', pixels, at) as Int32Array | null,
    }));
  } finally {
    batches.close();
    session.close();
  }
}

const toByte = (value: number) => Math.min(255, Math.max(0, Math.round(value * 255)));
