/** Arithmetic over recorded curves. */

/** Steps over which losses are averaged. */
const SMOOTHING_STEPS = 20;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Means over consecutive spans of steps; the last span may be shorter. */
export function spanMeans(values: readonly number[], span = SMOOTHING_STEPS): number[] {
  return Array.from({ length: Math.ceil(values.length / span) }, (_, i) =>
    mean(values.slice(i * span, (i + 1) * span)),
  );
}

/** The values that are not null, in order. */
export function withoutNulls(values: readonly (number | null)[]): number[] {
  return values.filter(value => value !== null && Number.isFinite(value)) as number[];
}

export function lowestAt(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value < values[best]! ? i : best), 0);
}

/** The relative decrease from the first half of the last epochs to the second: 0.1 is a tenth. */
export function fallOfLast(values: readonly number[], epochs: number): number {
  const last = values.slice(-epochs);
  const half = Math.floor(last.length / 2);
  return 1 - mean(last.slice(-half)) / mean(last.slice(0, half));
}

/** `0.0123`: three significant figures. */
export function figure(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'no number';
}

export function percentText(share: number): string {
  return `${Math.round(100 * share)} %`;
}
