/** Padding with other pixels than zeros (torch.nn.functional.pad), for Conv2d and ZeroPad2d. */
import type { Backward } from './backward.ts';
import type { Fault } from './fault.ts';
import type { Sides } from './fields.ts';
import { paddingCodes } from './kernelConstants.ts';
import type { Lowering, Tensor } from './lowering.ts';
import type { PaddingMode } from './paddingMode.ts';
import { type Shape, shapeText, sizeOf } from './shape.ts';
import { sidesOf, type TorchModule } from './torchForm.ts';
import { imagesOf } from './window.ts';

export function paddedShape([channels, height, width]: Shape, [top, bottom, left, right]: Sides): Shape {
  return [channels!, height! + top + bottom, width! + left + right];
}

/** Why PyTorch refuses a padding: `reflect` must be smaller than the image, `circular` at most as large. */
export function paddingFault(mode: PaddingMode, sides: Sides, input: Shape): Fault | undefined {
  const most = { zeros: Infinity, replicate: Infinity, reflect: -1, circular: 0 }[mode];
  const tooWide = sides.some((side, i) => side > input[i < 2 ? 1 : 2]! + most);
  if (!tooWide) return undefined;
  const bound = mode === 'reflect' ? 'smaller than the image' : 'at most as large as the image';
  return {
    code: 'padding-larger-than-image',
    message: `Padding ${sides.join(', ')} (${mode}) must be ${bound}, ${shapeText(input)}, on every side.`,
    repairs: [{ title: 'Pad with zeros', setParams: { paddingMode: 'zeros' } }],
  };
}

/** Emits the padding of the input. @returns emits the backward pass */
export function emitPadding(lowering: Lowering, mode: PaddingMode, sides: Sides, y: Tensor): Backward {
  const { input, inputShape } = lowering;
  const operands = {
    mode: paddingCodes[mode],
    top: sides[0],
    left: sides[2],
    ...imagesOf(inputShape, paddedShape(inputShape, sides)),
  };
  lowering.emit('pad2dForward', { x: input, y, ...operands });
  return (dy, dx) => {
    if (!dx) return;
    lowering.emit('pad2dBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...operands });
  };
}

/**
 * Lowers a layer with padding: `zeros` it does itself; for other modes it reads a padded copy of its input. `emit` gets
 * the tensor to read, its shape, and the padding that remains.
 */
export function lowerPadded(
  lowering: Lowering,
  mode: PaddingMode,
  sides: Sides,
  emit: (x: Tensor, shape: Shape, sides: Sides) => Backward,
): void {
  if (mode === 'zeros' || sides.every(side => side === 0)) {
    lowering.backward(emit(lowering.input, lowering.inputShape, sides));
    return;
  }
  const shape = paddedShape(lowering.inputShape, sides);
  const padded = lowering.temporary('padded', lowering.batch * sizeOf(shape));
  const padBackward = emitPadding(lowering, mode, sides, padded);
  const backward = emit(padded, shape, [0, 0, 0, 0]);
  lowering.backward((dy, dx) => {
    const gradient = dx && lowering.temporary('padded.grad', padded.count);
    backward(dy, gradient && { tensor: gradient, accumulate: 0 });
    if (gradient) padBackward(gradient, dx);
  });
}

/** For versions of PyTorch before 2.1, which have no CircularPad2d. */
const circularPad = `class CircularPad2d(nn.Module):
    """Pixels from the other end of the image around it: (left, right, top, bottom)."""

    def __init__(self, padding):
        super().__init__()
        self.padding = padding

    def forward(self, x):
        return nn.functional.pad(x, self.padding, mode="circular")`;

const padding = [sidesOf('padding', 'sides')];

/** PyTorch's modules for padding by side. */
export const padModules: Readonly<Record<PaddingMode, TorchModule<{ sides: Sides }>>> = {
  zeros: { module: 'nn.ZeroPad2d', arguments: padding },
  reflect: { module: 'nn.ReflectionPad2d', arguments: padding },
  replicate: { module: 'nn.ReplicationPad2d', arguments: padding },
  circular: { module: 'CircularPad2d', arguments: padding, definition: circularPad },
};
