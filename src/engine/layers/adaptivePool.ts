/** What the adaptive poolings share: their one field, PyTorch's windows, and the means. */
import { type Pair, pair } from './fields.ts';
import { cells, gridOf, type HelpPicture } from './helpPicture.ts';
import { type KerasClass, type KerasForm, kerasCall, pairValue } from './kerasForm.ts';
import type { ShapeResult } from './layer.ts';
import type { Lowering } from './lowering.ts';
import { adaptive, bothAxes, type LayerReach } from './pixelReach.ts';
import type { Shape } from './shape.ts';
import { imagesOf, vectorInputFault } from './window.ts';

export const outputSize = pair({
  label: 'Output',
  help: 'Height and width of the output. The windows follow from it and from the image, and may overlap.',
  initial: [1, 1],
  min: 1,
});

export function adaptShape(kind: string, size: readonly number[], input: Shape): ShapeResult {
  const fault = vectorInputFault(kind, input);
  if (fault) return { fault };
  const [height, width] = size as [number, number];
  const windows = `${height} × ${width} windows over ${input[1]} × ${input[2]} pixels`;
  return { shape: { value: [input[0]!, height, width], why: windows } };
}

export function adaptReach(input: Shape, output: Shape): LayerReach {
  return bothAxes(adaptive(input[1]!, output[1]!), adaptive(input[2]!, output[2]!));
}

export function lowerMeans(lowering: Lowering): void {
  const images = imagesOf(lowering.inputShape, lowering.outputShape);
  lowering.emit('adaptiveAvgPool2dForward', { x: lowering.input, y: lowering.output(), ...images });
  lowering.backward((dy, dx) => {
    if (!dx) return;
    lowering.emit('adaptiveAvgPool2dBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...images });
  });
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The small image in the help's picture. */
const IMAGE = gridOf(4, 4, (y, x) => (3 * y * y + 5 * x + x * y) % 10);

/** The help's picture; of more windows than the small image has pixels, one per pixel is drawn. */
export function adaptPicture(
  size: readonly number[],
  of: (values: readonly number[]) => number,
): HelpPicture {
  const [height, width] = size.map(extent => Math.min(4, extent)) as [number, number];
  const span = (i: number, windows: number) => [
    Math.floor((i * 4) / windows),
    Math.ceil(((i + 1) * 4) / windows),
  ];
  const output = gridOf(height, width, (y, x) =>
    of(IMAGE.slice(...span(y, height)).flatMap(row => row.slice(...span(x, width)))),
  );
  return cells([[IMAGE]], [output]);
}

const kerasAdaptivePool: KerasClass = {
  name: 'AdaptivePool2D',
  text: `class AdaptivePool2D(layers.Layer):
    """As many windows as are wanted, which may overlap, as in PyTorch; reduce: "mean" or "max"."""

    def __init__(self, output_size, reduce, **kwargs):
        super().__init__(**kwargs)
        self.output_size = output_size
        self.reduce = reduce

    def call(self, x):
        reduce = ops.mean if self.reduce == "mean" else ops.max
        for axis, count in enumerate(self.output_size, start=1):
            size = x.shape[axis]
            windows = [(i * size // count, -(-(i + 1) * size // count)) for i in range(count)]
            parts = [ops.take(x, range(*window), axis=axis) for window in windows]
            x = ops.concatenate([reduce(part, axis=axis, keepdims=True) for part in parts], axis=axis)
        return x`,
};

/** A plain Keras pooling where the windows divide the image evenly, else a class of our own. */
export function kerasAdaptive(reduce: 'mean' | 'max', size: Pair, [, height, width]: Shape): KerasForm {
  const window = [height! / size[0], width! / size[1]] as const;
  const isEven = window.every(Number.isInteger);
  if (!isEven) return { calls: [kerasCall(kerasAdaptivePool, [size, reduce])] };
  const layer = reduce === 'mean' ? 'AveragePooling2D' : 'MaxPooling2D';
  return { calls: [kerasCall(layer, [pairValue(window)])] };
}
