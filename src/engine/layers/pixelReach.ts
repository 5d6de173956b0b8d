/**
 * Which input pixels an output pixel sees, along one axis: exact for any layer, and composable, so that the
 * receptive field through strides, upsampling and branches is what a gradient would show.
 *
 * Output pixel i sees the input pixels `seen[i mod period]`, moved by `shift` for every whole period before it.
 * What it sees may have holes (dilation), and may be nothing (between the pixels that a transposed convolution
 * spreads). Holes matter: a layer that reads every second pixel of one with holes may miss half the image.
 */

export type Span = readonly [first: number, last: number];

/** Pixels as spans that neither overlap nor touch, in ascending order; none: nothing. */
export type SeenPixels = readonly Span[];

export interface Reach {
  /** Output pixels after which the pattern repeats. */
  readonly period: number;
  /** Input pixels that it has moved by then. */
  readonly shift: number;
  /** One for each output pixel of a period. */
  readonly seen: readonly SeenPixels[];
}

/** Per axis, `[height, width]`; `pointwise`: each output pixel sees its own input pixel; `global`: all of them. */
export type LayerReach = 'pointwise' | 'global' | readonly [Reach, Reach];

export const POINTWISE: Reach = { period: 1, shift: 1, seen: [[[0, 0]]] };

/** Where a pattern has more phases than this, it is not followed: such a layer counts as seeing everything. */
const MOST_PHASES = 4096;

/** Where more pixels than this are read apart from each other, those between count as read, too. */
const MOST_HOLES = 512;

/**
 * Spans that are looked at to follow one layer through another: where it would be more, the pattern is not followed
 * either. A person's networks stay far below.
 */
export const MOST_LOOKS = 20_000;

/** Places that a transposed convolution writes to from one pixel after the other; of more the outline is taken. */
const MOST_TAPS = 2048;

/** What output pixel i sees. */
export function pixelsAt({ period, shift, seen }: Reach, i: number): SeenPixels {
  const turn = Math.floor(i / period);
  return seen[i - turn * period]!.map(([first, last]) => [first + turn * shift, last + turn * shift]);
}

/** A window that slides: output pixel i sees k pixels, `dilation` apart, from `i * stride - paddingBefore`. */
export function sliding(k: number, stride: number, dilation: number, paddingBefore: number): Reach {
  const solid = dilation === 1 || k > MOST_HOLES;
  const seen: SeenPixels = solid
    ? [[-paddingBefore, dilation * (k - 1) - paddingBefore]]
    : Array.from({ length: k }, (_, tap) => pixel(tap * dilation - paddingBefore));
  return { period: 1, shift: stride, seen: [seen] };
}

/** Output pixel i lies over input pixel floor(i / scale). */
export function enlarged(scale: number): Reach | null {
  return phases(scale, 1, () => [pixel(0)]);
}

/**
 * Output pixel i lies between the centres of two input pixels, and is mixed from both, unless it is on one of
 * them (bilinear interpolation, corners not aligned).
 */
export function interpolated(scale: number): Reach | null {
  return phases(scale, 1, i => {
    const offset = 2 * i + 1 - scale;
    if (offset === 0) return [pixel(0)];
    return offset < 0 ? [[-1, 0]] : [[0, 1]];
  });
}

/** A transposed convolution: output pixel i sees the input pixels j with `i = j * stride - padding + tap * dilation`. */
export function transposed(k: number, stride: number, dilation: number, padding: number): Reach | null {
  if (k > MOST_HOLES || k * stride > MOST_TAPS) {
    const before = Math.floor((padding - dilation * (k - 1)) / stride);
    return phases(stride, 1, i => [[before, Math.floor((padding + i) / stride)]]);
  }
  return phases(stride, 1, i => {
    const sources = Array.from({ length: k }, (_, tap) => (i + padding - tap * dilation) / stride);
    return joined(sources.filter(Number.isInteger).map(pixel));
  });
}

/** An adaptive pooling: output pixel i sees `floor(i * n / outputs)` up to `ceil((i + 1) * n / outputs)`. */
export function adaptive(n: number, outputs: number): Reach | null {
  const common = greatestCommonDivisor(n, outputs);
  const [period, shift] = [outputs / common, n / common];
  return phases(period, shift, i => [
    [Math.floor((i * shift) / period), Math.ceil(((i + 1) * shift) / period) - 1],
  ]);
}

/** Both axes, or `global` where one is too fine to be followed. */
export function bothAxes(vertical: Reach | null, horizontal: Reach | null): LayerReach {
  return vertical && horizontal ? [vertical, horizontal] : 'global';
}

/** What the outer layer sees of the image through the inner one; null where the pattern is too fine. */
export function compose(outer: Reach, inner: Reach, most = MOST_LOOKS): Reach | null {
  const rounds = inner.period / greatestCommonDivisor(outer.shift, inner.period);
  const isSolid = isContiguous(inner);
  const looks = isSolid ? spansIn(outer) : (pixelsIn(outer) * spansIn(inner)) / inner.period;
  if (rounds * looks > most) return null;
  return phases(outer.period * rounds, (inner.shift * outer.shift * rounds) / inner.period, i =>
    joined(pixelsAt(outer, i).flatMap(span => pixelsThrough(inner, span, isSolid))),
  );
}

/** What two branches see together; null where they move at different speeds, so that no pattern repeats. */
export function union(a: Reach, b: Reach, most = MOST_LOOKS): Reach | null {
  if (a.shift * b.period !== b.shift * a.period) return null;
  const period = (a.period * b.period) / greatestCommonDivisor(a.period, b.period);
  if (period * (spansIn(a) / a.period + spansIn(b) / b.period) > most) return null;
  return phases(period, (a.shift * period) / a.period, i => joined([...pixelsAt(a, i), ...pixelsAt(b, i)]));
}

/** Spans of all phases together. */
function spansIn({ seen }: Reach): number {
  return seen.reduce((sum, pixels) => sum + pixels.length, 0);
}

/** Pixels of all phases together; of a long span as many as pixelsThrough looks at. */
function pixelsIn({ seen }: Reach): number {
  const lengthOf = (sum: number, [first, last]: Span) => sum + Math.min(last - first + 1, 2 * MOST_PHASES);
  return seen.reduce((sum, pixels) => sum + pixels.reduce(lengthOf, 0), 0);
}

/** What a span of output pixels sees together. */
function pixelsThrough(reach: Reach, [first, last]: Span, isSolid: boolean): SeenPixels {
  if (isSolid) return [[pixelsAt(reach, first)[0]![0], pixelsAt(reach, last).at(-1)![1]]];
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => pixelsAt(reach, from + i)).flat();
  if (last - first < 2 * MOST_PHASES) return range(first, last);
  return outline([...range(first, first + reach.period), ...range(last - reach.period, last)]);
}

/** Whether neighbouring output pixels always see spans that follow or overlap each other, in order. */
function isContiguous(reach: Reach): boolean {
  return reach.seen.every((pixels, i) => {
    const [next] = pixelsAt(reach, i + 1);
    const [span] = pixels;
    if (pixels.length !== 1 || !span || !next) return false;
    return next[0] >= span[0] && next[1] >= span[1] && next[0] <= span[1] + 1;
  });
}

function phases(period: number, shift: number, seen: (i: number) => SeenPixels): Reach | null {
  if (period > MOST_PHASES) return null;
  return { period, shift, seen: Array.from({ length: period }, (_, i) => seen(i)) };
}

/** Spans in any order, as pixels: sorted, and joined where they touch. */
function joined(spans: readonly Span[]): SeenPixels {
  if (spans.length < 2) return spans;
  const pixels: [number, number][] = [];
  for (const [first, last] of spans.toSorted((a, b) => a[0] - b[0])) {
    const before = pixels.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else pixels.push([first, last]);
  }
  return pixels.length > MOST_HOLES ? outline(pixels) : pixels;
}

/** From the first pixel of all to the last. */
function outline(spans: readonly Span[]): SeenPixels {
  if (spans.length === 0) return [];
  const bounds = spans.reduce((a, b) => [Math.min(a[0], b[0]), Math.max(a[1], b[1])]);
  return [bounds];
}

function pixel(i: number): Span {
  return [i, i];
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
