/**
 * Which input pixels an output pixel sees, along one axis: exact for any layer, and composable, so that the
 * receptive field through strides, upsampling and branches is what a gradient would show.
 *
 * Output pixel i sees the input pixels `spans[i mod period]`, moved by `shift` for every whole period before it.
 */

export type Span = readonly [first: number, last: number];

export interface Reach {
  /** Output pixels after which the pattern repeats. */
  readonly period: number;
  /** Input pixels that it has moved by then. */
  readonly shift: number;
  /** One for each output pixel of a period. */
  readonly spans: readonly Span[];
}

/** Per axis, `[height, width]`; `pointwise`: each output pixel sees its own input pixel; `global`: all of them. */
export type LayerReach = 'pointwise' | 'global' | readonly [Reach, Reach];

export const POINTWISE: Reach = { period: 1, shift: 1, spans: [[0, 0]] };

/** What output pixel i sees. */
export function spanAt({ period, shift, spans }: Reach, i: number): Span {
  const turn = Math.floor(i / period);
  const [first, last] = spans[i - turn * period]!;
  return [first + turn * shift, last + turn * shift];
}

/** A window that slides: output pixel i sees `dilation * (k - 1) + 1` pixels from `i * stride - paddingBefore`. */
export function sliding(k: number, stride: number, dilation: number, paddingBefore: number): Reach {
  return { period: 1, shift: stride, spans: [[-paddingBefore, dilation * (k - 1) - paddingBefore]] };
}

/** Output pixel i lies over input pixel floor(i / scale). */
export function enlarged(scale: number): Reach {
  return { period: scale, shift: 1, spans: Array.from({ length: scale }, () => [0, 0] as const) };
}

/** What the outer layer sees of the image through the inner one. */
export function compose(outer: Reach, inner: Reach): Reach {
  const rounds = inner.period / greatestCommonDivisor(outer.shift, inner.period);
  const period = outer.period * rounds;
  return {
    period,
    shift: (inner.shift * outer.shift * rounds) / inner.period,
    spans: Array.from({ length: period }, (_, i) => {
      const [first, last] = spanAt(outer, i);
      return [spanAt(inner, first)[0], spanAt(inner, last)[1]] as const;
    }),
  };
}

/** What two branches see together; null where they move at different speeds, so that no pattern repeats. */
export function union(a: Reach, b: Reach): Reach | null {
  if (a.shift * b.period !== b.shift * a.period) return null;
  const period = (a.period * b.period) / greatestCommonDivisor(a.period, b.period);
  return {
    period,
    shift: (a.shift * period) / a.period,
    spans: Array.from({ length: period }, (_, i) => {
      const [one, other] = [spanAt(a, i), spanAt(b, i)];
      return [Math.min(one[0], other[0]), Math.max(one[1], other[1])] as const;
    }),
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
