/** What elementwise losses share. A class as target is 1 at its own score and 0 at the others. */
import { elementLossCodes } from '../layers/kernelConstants.ts';
import type { LossLowering } from './loss.ts';
import { extentsOf } from './loss.ts';

export function lowerElementwise(
  lowering: LossLowering,
  name: keyof typeof elementLossCodes,
  beta = 1,
): void {
  const isBox = lowering.answer === 'box';
  const { positions, channels } = extentsOf(lowering.outputShape);
  lowering.emit('elementLoss', {
    output: lowering.output,
    targets: lowering.targets,
    gradient: lowering.gradient,
    ...lowering.term,
    function: elementLossCodes[name],
    beta,
    numbers: Number(isBox),
    positions,
    channels,
  });
}
