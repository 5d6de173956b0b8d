/** What an optimizer is: its form, and the instruction that updates one weight. One kind, one file. */
import type { z } from 'zod';
import { type Fields, number, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';

/** What an optimizer sees of the compiler while one weight's update is emitted. */
export interface UpdateLowering {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** What the learning rate is multiplied by for this one. */
  readonly rate: number;
  /** Whether weight decay is for this one: norms and biases may be left out of it. */
  readonly decays: boolean;
  /** A tensor of the weight's size that is kept from step to step and in checkpoints; starts at zero. */
  slot(name: string): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
}

export interface OptimizerKind<F extends Fields = Fields> {
  /** PyTorch's class name. */
  readonly kind: string;
  readonly help: string;
  /** The learning rate to begin with, where nothing speaks for another. */
  readonly usualRate: number;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** Emits the update of one weight. The learning rate is read from the control block at each step. */
  lower(params: Values<F>, lowering: UpdateLowering): void;
  /** The PyTorch constructor call on `model.parameters()`. */
  pytorch(params: Values<F>, learningRate: number): string;
}

export function defineOptimizer<F extends Fields>(
  definition: Omit<OptimizerKind<F>, 'schema'>,
): OptimizerKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

export function weightDecayField(initial: number) {
  return number({
    label: 'Weight decay',
    help: 'L2: pulls every weight towards zero, so that none has too much influence.',
    initial,
    min: 0,
    max: 1,
  });
}

export function epsField() {
  return number({
    label: 'Epsilon',
    help: 'Added to what is divided by, so that a weight with tiny gradients does not leap.',
    initial: 1e-8,
    min: 1e-15,
    max: 1,
  });
}

/** The arguments of a PyTorch optimizer that are not its defaults, as Python writes them. */
export function optimizerCall(
  name: string,
  learningRate: number,
  defaults: Readonly<Record<string, unknown>>,
  values: Readonly<Record<string, number | boolean | string>>,
): string {
  const args = Object.entries(values)
    .filter(([key, value]) => value !== defaults[key])
    .map(([key, value]) => `${key}=${value === true ? 'True' : value === false ? 'False' : value}`);
  return `torch.optim.${name}(model.parameters(), ${[`lr=${learningRate}`, ...args].join(', ')})`;
}
