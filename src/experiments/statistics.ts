/**
 * Whether a difference is more than chance: means with intervals over repeats, and the paired test on the same images.
 * Pure. Two-sided throughout.
 */

export interface Interval {
  n: number;
  mean: number;
  /** Sample standard deviation (n − 1); NaN of a single value. */
  std: number;
  /** Half the width of the interval around the mean; NaN of a single value. */
  half: number;
}

/** Student's t interval of the mean. @param level how often such an interval holds the true mean: 0.95 */
export function meanInterval(values: readonly number[], level = 0.95): Interval {
  const n = values.length;
  const mean = values.reduce((sum, each) => sum + each, 0) / n;
  if (n < 2) return { n, mean, std: Number.NaN, half: Number.NaN };
  const std = Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (n - 1));
  return { n, mean, std, half: (studentQuantile(0.5 + level / 2, n - 1) * std) / Math.sqrt(n) };
}

export interface WelchTest {
  /** The mean of the second minus that of the first, with its interval. */
  difference: number;
  half: number;
  p: number;
}

/** Welch's t test of two means whose variances need not be equal; NaN where one has a single value, or nothing varies. */
export function welch(first: readonly number[], second: readonly number[], level = 0.95): WelchTest {
  const [a, b] = [meanInterval(first), meanInterval(second)];
  const difference = b.mean - a.mean;
  const [va, vb] = [a.std ** 2 / a.n, b.std ** 2 / b.n];
  const error = Math.sqrt(va + vb);
  if (!(error > 0)) return { difference, half: Number.NaN, p: Number.NaN };
  const freedom = (va + vb) ** 2 / (va ** 2 / (a.n - 1) + vb ** 2 / (b.n - 1));
  const p = 2 * (1 - studentCdf(Math.abs(difference / error), freedom));
  return { difference, half: studentQuantile(0.5 + level / 2, freedom) * error, p };
}

/**
 * McNemar's exact test (McNemar 1947; exact by the binomial distribution): whether two classifiers tried on the same
 * images are equally often right, judged by the images that only one of them got right.
 * @returns the probability of a difference at least this large, were they equally good
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const few = Math.min(onlyFirst, onlySecond);
  let tail = 0;
  for (let k = 0; k <= few; k++) tail += Math.exp(logChoose(n, k) - n * Math.LN2);
  return Math.min(1, 2 * tail);
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}

/** The distribution function of Student's t. */
export function studentCdf(t: number, freedom: number): number {
  const tail = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t > 0 ? 1 - tail : tail;
}

/** The t below which a share `p` of Student's distribution lies; by halving. */
export function studentQuantile(p: number, freedom: number): number {
  if (p < 0.5) return -studentQuantile(1 - p, freedom);
  let [low, high] = [0, 2];
  while (studentCdf(high, freedom) < p && high < 1e12) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, freedom) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Regularised incomplete beta function, by Lentz's continued fraction (Numerical Recipes, 6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(x, a, b)) / a;
  return 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/** Lanczos' approximation (g = 7, nine terms), good to 15 figures. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const shifted = x - 1;
  const sum = terms.reduce((total, term, i) => (i === 0 ? term : total + term / (shifted + i)), 0);
  const t = shifted + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum);
}
