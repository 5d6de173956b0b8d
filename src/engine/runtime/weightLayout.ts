/**
 * Converts weights between PyTorch's order, `[out, in / groups, kh, kw]` or `[channels, height, width]`, and the
 * engine's panels (see kernels/kernels.h) or channels-last images. The only place that knows both.
 */
import { storedCount } from '../compile/lower.ts';
import { PANEL } from '../layers/kernelConstants.ts';
import type { Weight } from '../layers/layer.ts';
import { sizeOf } from '../layers/shape.ts';

type Reals = Float32Array | Float64Array;

/** Calls `visit` with each number's index in PyTorch's order and in the engine's. */
function eachPlace({ shape, layout, groups }: Weight, visit: (torch: number, stored: number) => void): void {
  if (layout === 'flat') {
    const count = sizeOf(shape);
    for (let i = 0; i < count; i++) visit(i, i);
    return;
  }
  if (layout === 'channelsLast') {
    const [channels, height = 1, width = 1] = shape as [number, number?, number?];
    const pixels = height * width;
    for (let c = 0; c < channels; c++)
      for (let pixel = 0; pixel < pixels; pixel++) visit(c * pixels + pixel, pixel * channels + c);
    return;
  }
  const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]];
  const taps = sizeOf(kernel);
  const columns = outputs / groups;
  const panels = Math.ceil(columns / PANEL);
  const rows = taps * inputs;
  let torch = 0;
  for (let output = 0; output < outputs; output++) {
    const column = output % columns;
    const panel = Math.floor(output / columns) * panels + Math.floor(column / PANEL);
    const start = panel * rows * PANEL + (column % PANEL);
    for (let input = 0; input < inputs; input++) {
      for (let tap = 0; tap < taps; tap++) visit(torch++, start + (tap * inputs + input) * PANEL);
    }
  }
}

/** The operands by which `drawUniform` stores a weight's numbers. */
export function drawnShape({ shape, layout, groups }: Weight) {
  const [outputs, inputs = 1, ...kernel] = shape as [number, ...number[]];
  if (layout === 'channelsLast') throw new TypeError('nothing of this layout is drawn by chance');
  return { outputs, inputs, taps: sizeOf(kernel), groups, flat: layout === 'flat' ? 1 : 0 };
}

/** Converts from PyTorch's order to the engine's; padding of panels becomes zero. */
export function store(weight: Weight, from: Reals, to: Reals): void {
  to.fill(0, 0, storedCount(weight));
  eachPlace(weight, (torch, stored) => {
    to[stored] = from[torch]!;
  });
}

/** Converts from the engine's order to PyTorch's, as float32. @returns `to` */
export function load(weight: Weight, from: Reals, to: Float32Array): Float32Array {
  eachPlace(weight, (torch, stored) => {
    to[torch] = from[stored]!;
  });
  return to;
}
