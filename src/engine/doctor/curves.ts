/** Arithmetic over recorded curves. */

/** A smoothed loss looks back over so many steps. */
const SMOOTHING_STEPS = 20;

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The means of stretches of some steps, the last one shorter where they do not divide. */
export function stretches(values: readonly number[], span = SMOOTHING_STEPS): number[] {
  return Array.from({ length: Math.ceil(values.length / span) }, (_, i) =>
    mean(values.slice(i * span, (i + 1) * span)),
  );
}

/** Those that were validated, in order. */
export function known(values: readonly (number | null)[]): number[] {
  return values.filter(value => value !== null && Number.isFinite(value)) as number[];
}

export function lowestAt(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value < values[best]! ? i : best), 0);
}

/** By how much the second half of the last epochs is below the first, as a share: 0.1 is a tenth. */
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
