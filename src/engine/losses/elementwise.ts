/**
 * What the losses share that judge each number by itself and average. A class stands for 1 at its own score and 0
 * at the others.
 */
import type { LossLowering } from './loss.ts';
import { extentsOf } from './loss.ts';

/** As in kernels/element_loss.c. */
const functions = { binary: 0, squared: 1, smoothL1: 2 } as const;

export function lowerElementwise(lowering: LossLowering, name: keyof typeof functions, beta = 1): void {
  const isBox = lowering.answer === 'box';
  const { positions, channels } = extentsOf(lowering.outputShape);
  lowering.emit('elementLoss', {
    output: lowering.output,
    targets: lowering.targets,
    gradient: lowering.gradient,
    ...lowering.term,
    function: functions[name],
    beta,
    numbers: Number(isBox),
    positions,
    channels,
  });
}
