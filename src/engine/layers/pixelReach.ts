/**
 * Which input pixels each output pixel depends on, along one axis; exact for any layer and composable, so that
 * receptive fields through strides, upsampling and branches are those that a gradient would show.
 *
 * Output pixel i depends on the input pixels `seen[i mod period]`, shifted by `shift` for every whole period before it.
 * They may have gaps (dilation) or be none (between the pixels of a transposed convolution). Gaps matter: a layer that
 * reads every second pixel of a dilated one may miss half the image.
 */

export type Span = readonly [first: number, last: number];

/** Spans in ascending order that neither overlap nor touch. */
export type SeenPixels = readonly Span[];

export interface Reach {
  /** Number of output pixels after which the pattern repeats. */
  readonly period: number;
  /** Input pixels by which it is shifted after a period. */
  readonly shift: number;
  /** For each output pixel of a period. */
  readonly seen: readonly SeenPixels[];
}

/** Per axis, `[height, width]`; `pointwise`: the same pixel; `global`: all pixels. */
export type LayerReach = 'pointwise' | 'global' | readonly [Reach, Reach];

export const POINTWISE: Reach = { period: 1, shift: 1, seen: [[[0, 0]]] };

/** Patterns of longer periods are not followed; such a layer counts as global. */
const MAX_PERIOD = 4096;

/** Of more spans than this only the outline is kept: the gaps count as seen. */
const MAX_SPANS = 512;

/**
 * The most spans that are visited to compose two layers; beyond it the result counts as global. Ordinary networks stay
 * far below.
 */
export const MAX_VISITS = 20_000;

/** The most positions of a transposed convolution's window that are listed; of more the outline is taken. */
const MAX_TAPS = 2048;

/** The input pixels of output pixel i. */
export function pixelsAt({ period, shift, seen }: Reach, i: number): SeenPixels {
  const turn = Math.floor(i / period);
  return seen[i - turn * period]!.map(([first, last]) => [first + turn * shift, last + turn * shift]);
}

/** A sliding window: output pixel i sees k pixels, `dilation` apart, from `i * stride - paddingBefore` on. */
export function sliding(k: number, stride: number, dilation: number, paddingBefore: number): Reach {
  const solid = dilation === 1 || k > MAX_SPANS;
  const seen: SeenPixels = solid
    ? [[-paddingBefore, dilation * (k - 1) - paddingBefore]]
    : Array.from({ length: k }, (_, tap) => pixel(tap * dilation - paddingBefore));
  return { period: 1, shift: stride, seen: [seen] };
}

/** Nearest-neighbour upsampling: output pixel i sees input pixel floor(i / scale). */
export function enlarged(scale: number): Reach | null {
  return phases(scale, 1, () => [pixel(0)]);
}

/**
 * Bilinear upsampling (align_corners=False): output pixel i sees the two nearest input pixels, or one where it lies on
 * its centre.
 */
export function interpolated(scale: number): Reach | null {
  return phases(scale, 1, i => {
    const offset = 2 * i + 1 - scale;
    if (offset === 0) return [pixel(0)];
    return offset < 0 ? [[-1, 0]] : [[0, 1]];
  });
}

/** A transposed convolution: output pixel i sees input pixels j with `i = j * stride - padding + tap * dilation`. */
export function transposed(k: number, stride: number, dilation: number, padding: number): Reach | null {
  if (k > MAX_SPANS || k * stride > MAX_TAPS) {
    const before = Math.floor((padding - dilation * (k - 1)) / stride);
    return phases(stride, 1, i => [[before, Math.floor((padding + i) / stride)]]);
  }
  return phases(stride, 1, i => {
    const sources = Array.from({ length: k }, (_, tap) => (i + padding - tap * dilation) / stride);
    return merged(sources.filter(Number.isInteger).map(pixel));
  });
}

/** Adaptive pooling: output pixel i sees `floor(i * n / outputs)` up to `ceil((i + 1) * n / outputs)`. */
export function adaptive(n: number, outputs: number): Reach | null {
  const common = greatestCommonDivisor(n, outputs);
  const [period, shift] = [outputs / common, n / common];
  return phases(period, shift, i => [
    [Math.floor((i * shift) / period), Math.ceil(((i + 1) * shift) / period) - 1],
  ]);
}

/** Both axes; `global` where one of them is not followed. */
export function bothAxes(vertical: Reach | null, horizontal: Reach | null): LayerReach {
  return vertical && horizontal ? [vertical, horizontal] : 'global';
}

/** The input pixels of the inner layer that the outer layer's output sees; null where it is not followed. */
export function compose(outer: Reach, inner: Reach, most = MAX_VISITS): Reach | null {
  const rounds = inner.period / greatestCommonDivisor(outer.shift, inner.period);
  const isSolid = isContiguous(inner);
  const looks = isSolid ? spansIn(outer) : (pixelsIn(outer) * spansIn(inner)) / inner.period;
  if (rounds * looks > most) return null;
  return phases(outer.period * rounds, (inner.shift * outer.shift * rounds) / inner.period, i =>
    merged(pixelsAt(outer, i).flatMap(span => pixelsThrough(inner, span, isSolid))),
  );
}

/**
 * The union of two branches; null where their shifts differ, so that no pattern repeats, or where it is not followed.
 */
export function union(a: Reach, b: Reach, most = MAX_VISITS): Reach | null {
  if (a.shift * b.period !== b.shift * a.period) return null;
  const period = (a.period * b.period) / greatestCommonDivisor(a.period, b.period);
  if (period * (spansIn(a) / a.period + spansIn(b) / b.period) > most) return null;
  return phases(period, (a.shift * period) / a.period, i => merged([...pixelsAt(a, i), ...pixelsAt(b, i)]));
}

/** Number of spans over all phases. */
function spansIn({ seen }: Reach): number {
  return seen.reduce((sum, pixels) => sum + pixels.length, 0);
}

/** Number of pixels over all phases, as far as pixelsThrough visits them. */
function pixelsIn({ seen }: Reach): number {
  const lengthOf = (sum: number, [first, last]: Span) => sum + Math.min(last - first + 1, 2 * MAX_PERIOD);
  return seen.reduce((sum, pixels) => sum + pixels.reduce(lengthOf, 0), 0);
}

/** The input pixels of a span of output pixels. */
function pixelsThrough(reach: Reach, [first, last]: Span, isSolid: boolean): SeenPixels {
  if (isSolid) return [[pixelsAt(reach, first)[0]![0], pixelsAt(reach, last).at(-1)![1]]];
  const range = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => pixelsAt(reach, from + i)).flat();
  if (last - first < 2 * MAX_PERIOD) return range(first, last);
  return outline([...range(first, first + reach.period), ...range(last - reach.period, last)]);
}

/** Whether consecutive output pixels always see adjacent or overlapping single spans, in order. */
function isContiguous(reach: Reach): boolean {
  return reach.seen.every((pixels, i) => {
    const [next] = pixelsAt(reach, i + 1);
    const [span] = pixels;
    if (pixels.length !== 1 || !span || !next) return false;
    return next[0] >= span[0] && next[1] >= span[1] && next[0] <= span[1] + 1;
  });
}

function phases(period: number, shift: number, seen: (i: number) => SeenPixels): Reach | null {
  if (period > MAX_PERIOD) return null;
  return { period, shift, seen: Array.from({ length: period }, (_, i) => seen(i)) };
}

/** Sorts spans and merges those that touch. */
function merged(spans: readonly Span[]): SeenPixels {
  if (spans.length < 2) return spans;
  const pixels: [number, number][] = [];
  for (const [first, last] of spans.toSorted((a, b) => a[0] - b[0])) {
    const before = pixels.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else pixels.push([first, last]);
  }
  return pixels.length > MAX_SPANS ? outline(pixels) : pixels;
}

/** From the first pixel to the last, without gaps. */
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
