/** What a network says of single images, read from a session after its evaluation program ran. */
import type { Answer } from '../graph/document.ts';
import { sizeOf } from '../layers/shape.ts';
import type { Session } from './session.ts';

/** What one head says of one image. */
export interface ImageAnswer {
  readonly answer: Answer;
  /** Channels, height, width; or how many numbers. */
  readonly shape: readonly number[];
  /** Of a class the probabilities (softmax of the scores); of a box its shares; of a mask a class per pixel. */
  readonly values: readonly number[];
}

/** @param place of the image in the batch that was evaluated last */
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

/** Softmax; of a single score, which stands for the second of two classes, its sigmoid and the rest. */
function probabilities(scores: readonly number[]): number[] {
  const [only, ...others] = scores;
  const two = others.length === 0 ? [0, only!] : scores;
  const best = Math.max(...two);
  const powers = two.map(score => Math.exp(score - best));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(power => power / sum);
}
