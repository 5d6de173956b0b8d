/** The mean curve of repeats with a band of one standard deviation, computed from a group's own curves only. Pure. */
export interface Points {
  readonly x: readonly number[];
  /** Null and NaN are skipped. */
  readonly y: readonly (number | null)[];
}

export interface Band {
  readonly x: number[];
  readonly mean: number[];
  /** Mean minus and plus the sample standard deviation; the mean itself for a single curve. */
  readonly low: number[];
  readonly high: number[];
}

/** At every x of any curve, over the curves whose range includes it, interpolated linearly. */
export function meanBand(curves: readonly Points[]): Band {
  const clean = curves.map(finitePoints).filter(({ x }) => x.length > 0);
  const x = [...new Set(clean.flatMap(curve => curve.x))].sort((a, b) => a - b);
  const walkers = clean.map(walker);
  const band: Band = { x, mean: [], low: [], high: [] };
  for (const at of x) {
    const values = walkers.map(valueAt => valueAt(at)).filter(value => value !== undefined);
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
    const std = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
    band.mean.push(mean);
    band.low.push(mean - std);
    band.high.push(mean + std);
  }
  return band;
}

function finitePoints({ x, y }: Points): { x: number[]; y: number[] } {
  const kept = [...x.keys()].filter(i => Number.isFinite(x[i]) && y[i] !== null && Number.isFinite(y[i]));
  return { x: kept.map(i => x[i]!), y: kept.map(i => y[i]!) };
}

/** Returns a function that interpolates a curve at ascending x; undefined outside its range. */
function walker({
  x,
  y,
}: {
  x: readonly number[];
  y: readonly number[];
}): (at: number) => number | undefined {
  let i = 0;
  return at => {
    while (i + 1 < x.length && x[i + 1]! <= at) i++;
    if (at < x[i]! || (i + 1 === x.length && at > x[i]!)) return undefined;
    if (x[i] === at) return y[i]!;
    const share = (at - x[i]!) / (x[i + 1]! - x[i]!);
    return y[i]! + share * (y[i + 1]! - y[i]!);
  };
}
