/** What the activations share: the members of an elementwise kind, and the instructions. */
import { activationCodes } from './kernelConstants.ts';
import { type Example, type Explained, pointwise, withoutWeights } from './layer.ts';
import type { Lowering } from './lowering.ts';
import { sizeOf } from './shape.ts';

export type ActivationFunction = keyof typeof activationCodes;

const examples: readonly Example[] = [
  { params: {}, input: [5, 6, 7] },
  { params: {}, input: [33] },
];

/** Members of an elementwise layer kind; the examples suit a kind without parameters. */
export const elementwise = {
  ...withoutWeights,
  ...pointwise,
  family: 'activation',
  inputs: 1,
  examples,
  detail: () => '',
  macs: (): Explained<number> => ({ value: 0, why: '0: a function of each number, no sum of products' }),
} as const;

/**
 * Emits an activation and its backward pass.
 * @param kept what the derivative is computed from: the output where possible, so that the input's memory can be reused
 */
export function lowerActivation(
  lowering: Lowering,
  name: ActivationFunction,
  kept: 'input' | 'output',
  alpha = 0,
): void {
  const shared = {
    count: sizeOf(lowering.inputShape),
    function: activationCodes[name],
    alpha,
  };
  const [x, y] = [lowering.input, lowering.output()];
  lowering.emit('activationForward', { x, y, ...shared });
  lowering.backward((dy, dx) => {
    if (!dx) return;
    const flow = { kept: kept === 'input' ? x : y, dy, dx: dx.tensor, accumulate: dx.accumulate };
    lowering.emit('activationBackward', { ...flow, ...shared });
  });
}
