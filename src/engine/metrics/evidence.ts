/**
 * What a network said of a split's images, counted once for all metrics: how often each class was taken for which,
 * how well each image was answered. It keeps no image's answer but its score.
 */
import type { Answer } from '../graph/document.ts';

/** Answers of one run of the evaluation program. */
export interface AnsweredBatch {
  readonly count: number;
  /** Class scores of each image; read where the answer is a class. */
  readonly output: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  /** Null of a box. */
  readonly predictions: ArrayLike<number> | null;
  readonly scores: ArrayLike<number>;
}

/** A class among so many best ones counts as found. */
export const TOP_K = 5;

export class Evidence {
  readonly answer: Answer;
  readonly classes: readonly string[];
  images = 0;
  /** The sum over the images of how well each was answered. */
  scoreSum = 0;
  /** Images whose class is among the `TOP` best scores. */
  topHits = 0;
  /** By true class, then by answered class: images, or pixels of masks. */
  readonly confusion: readonly Float64Array[];

  constructor(answer: Answer, classes: readonly string[]) {
    this.answer = answer;
    this.classes = classes;
    this.confusion = classes.map(() => new Float64Array(classes.length));
  }

  add({ count, output, targets, predictions, scores }: AnsweredBatch): void {
    this.images += count;
    for (let i = 0; i < count; i++) this.scoreSum += scores[i]!;
    if (!predictions) return;
    const positions = predictions.length === 0 ? 0 : Math.floor(targets.length / scores.length);
    for (let i = 0; i < count * positions; i++) {
      const row = this.confusion[targets[i]!];
      if (row && predictions[i]! < row.length) row[predictions[i]!]!++;
    }
    if (this.answer === 'class') this.#countTop(count, output, targets, scores.length);
  }

  #countTop(count: number, output: ArrayLike<number>, targets: ArrayLike<number>, batch: number): void {
    const channels = Math.floor(output.length / batch);
    for (let image = 0; image < count; image++) {
      const own = output[image * channels + targets[image]!]!;
      let above = 0;
      for (let c = 0; c < channels; c++) if (output[image * channels + c]! > own) above++;
      if (above < TOP_K) this.topHits++;
    }
  }

  /** Of each class: how many are of it, were answered with it, and both. */
  counts(): { truly: number; answered: number; both: number }[] {
    return this.classes.map((_, c) => ({
      truly: this.confusion[c]!.reduce((sum, each) => sum + each, 0),
      answered: this.confusion.reduce((sum, row) => sum + row[c]!, 0),
      both: this.confusion[c]![c]!,
    }));
  }
}

/** NaN where there is nothing to average. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
