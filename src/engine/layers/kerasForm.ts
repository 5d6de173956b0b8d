/**
 * A layer in Keras code: calls through which data flows one after the other. Images are height × width × channels there
 * (docs/decisions.md). What Keras has no layer for is a small class of our own or declared impossible; code that would
 * compute something else is never written.
 */
import type { Pair, Sides } from './fields.ts';
import type { PaddingMode } from './paddingMode.ts';
import { literal, type PyCode, type PyValue } from './python.ts';
import type { Shape } from './shape.ts';
import type { SlidingWindow } from './window.ts';

/** A class that the written code defines. */
export interface KerasClass {
  readonly name: string;
  readonly text: string;
}

export interface KerasCall {
  /** `layers.Conv2D`, or the name of a class that the code defines. */
  readonly layer: string;
  /** As source text, in order. */
  readonly arguments: readonly string[];
  readonly class?: KerasClass;
}

export type KerasForm =
  | {
      readonly calls: readonly KerasCall[];
      /** The index of the call that has the node's name and weights; the last by default. */
      readonly main?: number;
    }
  /** The reason why Keras cannot compute it. */
  | { readonly impossible: string };

/** Writes a call; named arguments that are undefined are left out. */
export function kerasCall(
  layer: string | KerasClass,
  positional: readonly (PyValue | PyCode)[] = [],
  named: Readonly<Record<string, PyValue | PyCode | undefined>> = {},
): KerasCall {
  const given = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${literal(value)}`],
  );
  const own = typeof layer === 'object' ? layer : undefined;
  return {
    layer: own ? own.name : `layers.${layer}`,
    arguments: [...positional.map(literal), ...given],
    ...(own ? { class: own } : {}),
  };
}

/** For a kind that is a single Keras layer. */
export function kerasLayer(...call: Parameters<typeof kerasCall>): () => KerasForm {
  return () => ({ calls: [kerasCall(...call)] });
}

/** `3` for a square, else `(3, 1)`. */
export function pairValue([height, width]: Pair): PyValue {
  return height === width ? height : [height, width];
}

/** The pair, or undefined for (1, 1), Keras's default. */
export function unlessOne(pair: Pair): PyValue | undefined {
  return pair.every(step => step === 1) ? undefined : pairValue(pair);
}

/** The value, or undefined where it is Keras's default. */
export function unlessDefault<T extends PyValue>(standard: T, value: T): T | undefined {
  return value === standard ? undefined : value;
}

const padConstant: KerasClass = {
  name: 'Pad2D',
  text: `class Pad2D(layers.Layer):
    """Pixels of one value around an image: ((top, bottom), (left, right))."""

    def __init__(self, padding, value, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding
        self.value = value

    def call(self, x):
        return ops.pad(x, ((0, 0), *self.padding, (0, 0)), constant_values=self.value)`,
};

const padImage: KerasClass = {
  name: 'PadImage2D',
  text: `class PadImage2D(layers.Layer):
    """Pixels of the image itself around it, as in PyTorch: "reflect", "replicate" or "circular"."""

    def __init__(self, padding, mode, **kwargs):
        super().__init__(**kwargs)
        self.padding = padding
        self.mode = mode

    def indices(self, size, before, after):
        at = range(-before, size + after)
        if self.mode == "replicate":
            return [min(max(i, 0), size - 1) for i in at]
        if self.mode == "circular":
            return [i % size for i in at]
        return [size - 1 - abs(i % (2 * size - 2) - (size - 1)) for i in at]

    def call(self, x):
        for axis, (before, after) in enumerate(self.padding, start=1):
            x = ops.take(x, self.indices(x.shape[axis], before, after), axis=axis)
        return x`,
};

/** Sides as Keras nests them: ((top, bottom), (left, right)). */
export const nestedSides = ([top, bottom, left, right]: Sides): PyValue => [
  [top, bottom],
  [left, right],
];

/** Calls that pad an image; none without padding. */
export function kerasPad(mode: PaddingMode | 'lowest', sides: Sides): readonly KerasCall[] {
  if (sides.every(side => side === 0)) return [];
  if (mode === 'zeros') return [kerasCall('ZeroPadding2D', [nestedSides(sides)])];
  if (mode === 'lowest')
    return [kerasCall(padConstant, [nestedSides(sides)], { value: { code: '-float("inf")' } })];
  return [kerasCall(padImage, [nestedSides(sides)], { mode })];
}

/** Whether Keras's padding "same", which depends on the image's size, adds exactly these pixels. */
export function isKerasSame(input: Shape, { kernelSize, stride, dilation, sides }: SlidingWindow): boolean {
  return [0, 1].every(i => {
    const [n, step] = [input[i + 1]!, stride[i]!];
    const reach = dilation[i]! * (kernelSize[i]! - 1) + 1;
    const total = Math.max((Math.ceil(n / step) - 1) * step + reach - n, 0);
    const before = Math.floor(total / 2);
    return sides[2 * i] === before && sides[2 * i + 1] === total - before;
  });
}

/**
 * Rows and columns by which the last windows exceed the padded image where a pooling rounds its size up (ceil_mode).
 */
export function ceilModeOverhang(input: Shape, output: Shape, window: SlidingWindow): Sides {
  const { kernelSize, stride, dilation, sides } = window;
  const [bottom, right] = [0, 1].map(i => {
    const reach = dilation[i]! * (kernelSize[i]! - 1) + 1;
    const padded = input[i + 1]! + sides[2 * i]! + sides[2 * i + 1]!;
    return Math.max((output[i + 1]! - 1) * stride[i]! + reach - padded, 0);
  }) as [number, number];
  return [0, bottom, 0, right];
}
