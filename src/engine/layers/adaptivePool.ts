/** What the adaptive poolings share: their one field, PyTorch's windows, and the means. */
import { pair } from './fields.ts';
import type { ShapeResult } from './layer.ts';
import type { Lowering } from './lowering.ts';
import { adaptive, bothAxes, type LayerReach } from './reach.ts';
import type { Shape } from './shape.ts';
import { imagesOf, wantsImage } from './window.ts';

export const outputSize = pair({
  label: 'Output',
  help: 'Height and width of the output. The windows follow from it and from the image, and may overlap.',
  initial: [1, 1],
  min: 1,
});

export function adaptShape(kind: string, size: readonly number[], input: Shape): ShapeResult {
  const fault = wantsImage(kind, input);
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
