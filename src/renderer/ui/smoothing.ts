/** Curves made readable: smoothed as a person chooses, thinned to what a screen can show. Pure arithmetic. */

/**
 * Exponential moving average, free of the bias of its start (Kingma, Ba: "Adam", 2015, section 3). `weight` of 0
 * leaves the values as they are; gaps and values that are no numbers stay and do not spread.
 */
export function smooth(values: readonly (number | null)[], weight: number): (number | null)[] {
  if (weight <= 0) return [...values];
  let [average, correction] = [0, 1];
  return values.map(value => {
    if (value === null || !Number.isFinite(value)) return value;
    average = weight * average + (1 - weight) * value;
    correction *= weight;
    return average / (1 - correction);
  });
}

/**
 * The places of at most about `most` points that keep a curve's peaks: the lowest and highest of each bucket.
 * The first and the last point always stay.
 */
export function thin(values: readonly (number | null)[], most: number): number[] {
  if (values.length <= most) return values.map((_, i) => i);
  const size = Math.ceil((2 * values.length) / most);
  const kept = new Set([0]);
  for (let from = 0; from < values.length; from += size) {
    for (const i of extremes(values, from, Math.min(from + size, values.length))) kept.add(i);
  }
  return [...kept.add(values.length - 1)].sort((a, b) => a - b);
}

/** The places of the lowest and the highest value of each column of `x`, which rises; columns are `width` wide from 0 on. */
export function thinByColumn(
  x: readonly number[],
  values: readonly (number | null)[],
  width: number,
): number[] {
  const kept: number[] = [];
  for (let from = 0; from < values.length; ) {
    const end = (Math.floor(x[from]! / width) + 1) * width;
    let to = from + 1;
    while (to < values.length && x[to]! < end) to++;
    kept.push(...new Set(extremes(values, from, to)));
    from = to;
  }
  return kept;
}

/** Where the lowest and the highest value lies, the earlier first. */
function extremes(values: readonly (number | null)[], from: number, to: number): [number, number] {
  let [low, high] = [from, from];
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    // Whatever is a number is lower and higher than what is none.
    if (!(value >= (values[low] ?? Number.NaN)) && !Number.isNaN(value)) low = i;
    if (!(value <= (values[high] ?? Number.NaN)) && !Number.isNaN(value)) high = i;
  }
  return [Math.min(low, high), Math.max(low, high)];
}
