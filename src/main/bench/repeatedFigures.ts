/** What is said of a figure that was measured several times. */

export interface RepeatedFigure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @param values at least one */
export function measured(values: readonly number[]): RepeatedFigure {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, least: sorted[0]!, most: sorted.at(-1)! };
}
