/** What is said of the numbers of one channel. */
export interface Statistics {
  readonly mean: number;
  readonly std: number;
  readonly low: number;
  readonly high: number;
  /** Share of numbers that are exactly zero: dead space. */
  readonly zeros: number;
  /** Whether it says nothing of this image: the same number everywhere. */
  readonly dead: boolean;
}

export function statisticsOf(values: Float32Array): Statistics {
  let [sum, squares, zeros] = [0, 0, 0];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    sum += value;
    squares += value * value;
    if (value === 0) zeros++;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const mean = sum / values.length;
  return {
    mean,
    std: Math.sqrt(Math.max(0, squares / values.length - mean * mean)),
    low,
    high,
    zeros: zeros / values.length,
    dead: values.length > 1 && low === high,
  };
}
