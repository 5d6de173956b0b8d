/**
 * What all metrics of a split are computed from, accumulated batch by batch: the confusion matrix, and sums of scores.
 * No single image's output is kept.
 */
import type { Answer } from '../graph/document.ts';

/** The outputs of one run of the evaluation program. */
export interface AnsweredBatch {
  readonly count: number;
  /** Class scores of each image; used for class heads only. */
  readonly output: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
  /** Null for boxes. */
  readonly predictions: ArrayLike<number> | null;
  readonly scores: ArrayLike<number>;
}

/** k of the top-k accuracy. */
export const TOP_K = 5;

export class Evidence {
  readonly answer: Answer;
  readonly classes: readonly string[];
  images = 0;
  /** Sum of the images' scores. */
  scoreSum = 0;
  /** Images whose class is among the TOP_K highest scores. */
  topHits = 0;
  /** The confusion matrix, by true class, then predicted class: images, or pixels of masks. */
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

  /** For each class: images of it, images predicted as it, and both. */
  counts(): { truly: number; answered: number; both: number }[] {
    return this.classes.map((_, c) => ({
      truly: this.confusion[c]!.reduce((sum, each) => sum + each, 0),
      answered: this.confusion.reduce((sum, row) => sum + row[c]!, 0),
      both: this.confusion[c]![c]!,
    }));
  }
}

/** NaN for an empty list. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}
