/** A network's output for single images, read from a session after its evaluation program. */
import type { Answer } from '../graph/document.ts';
import { sizeOf } from '../layers/shape.ts';
import type { Session } from './session.ts';

/** One head's output for one image. */
export interface ImageAnswer {
  readonly answer: Answer;
  /** Channels, height, width; or the number of values. */
  readonly shape: readonly number[];
  /** For a class its probabilities (softmax), for a box its four numbers, for a mask the class of each pixel. */
  readonly values: readonly number[];
}

/** @param place index of the image in the last evaluated batch */
export function answersOf(session: Session, place: number): ImageAnswer[] {
  return session.model.heads.map(head => {
    const { answer, shape } = head;
    if (answer === 'mask') {
      const pixels = sizeOf(shape.slice(1));
      const values = [...session.predictions(head).subarray(place * pixels, (place + 1) * pixels)];
      return { answer, shape: shape.slice(1), values };
    }
    const count = sizeOf(shape);
    const numbers = [...session.output('evaluate', head).subarray(place * count, (place + 1) * count)];
    return { answer, shape, values: answer === 'box' ? numbers : probabilities(numbers) };
  });
}

/** Softmax; a single score is taken as the logit of the second of two classes. */
function probabilities(scores: readonly number[]): number[] {
  const [only, ...others] = scores;
  const two = others.length === 0 ? [0, only!] : scores;
  const best = Math.max(...two);
  const powers = two.map(score => Math.exp(score - best));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(power => power / sum);
}
