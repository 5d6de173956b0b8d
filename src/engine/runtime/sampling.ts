/**
 * Evaluates a few fixed images now and then during training, so that the window can show how the network's outputs
 * change.
 */

import type { Batches } from './batches.ts';
import { answersOf } from './imageAnswers.ts';
import { shuffled } from './philox.ts';
import type { Session } from './session.ts';
import type { Samples } from './trainerMessages.ts';
import type { TrainingData } from './trainingData.ts';

const SAMPLED_IMAGES = 12;
/** The shortest pause between two evaluations, in milliseconds. */
const PAUSE_MS = 1000;
/** The pause is at least this many times as long as the evaluation took, which limits its cost to a twentieth. */
const PAUSE_FACTOR = 20;

export class Sampler {
  readonly #session: Session;
  readonly #batches: Batches;
  readonly #images: Int32Array;
  #dueAt = 0;

  /** Takes validation images, or training images where there are none. */
  constructor(session: Session, batches: Batches, { splits: { val, train } }: TrainingData) {
    this.#session = session;
    this.#batches = batches;
    const count = Math.min(SAMPLED_IMAGES, session.model.batch);
    this.#images = shuffled(val.length > 0 ? val : train, 0, 0).subarray(0, count);
  }

  get isDue(): boolean {
    return performance.now() >= this.#dueAt;
  }

  ask(): Samples['images'] {
    const started = performance.now();
    this.#batches.load(this.#images);
    this.#session.run('evaluate', this.#images.length);
    const answers = [...this.#images].map((index, place) => ({
      index,
      answers: answersOf(this.#session, place),
    }));
    const now = performance.now();
    this.#dueAt = now + Math.max(PAUSE_MS, PAUSE_FACTOR * (now - started));
    return answers;
  }
}
