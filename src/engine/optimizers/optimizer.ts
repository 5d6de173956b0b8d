/** What an optimizer is: its form, and the instruction that updates one weight. One kind, one file. */
import type { z } from 'zod';
import { type Fields, number, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';

/** The compiler as an optimizer sees it, for one weight. */
export interface UpdateLowering {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** What the learning rate is multiplied by for this weight. */
  readonly rate: number;
  /** Whether weight decay applies; norms and biases may be excluded. */
  readonly decays: boolean;
  /** A tensor of optimizer state, as large as the weight; initially zero, stored in checkpoints. */
  slot(name: string): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
}

export interface OptimizerKind<F extends Fields = Fields> {
  /** PyTorch's class name. */
  readonly kind: string;
  readonly help: string;
  /** The default learning rate. */
  readonly usualRate: number;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** Emits the update of one weight. The kernel reads the learning rate from the control block. */
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

/** The constructor call in Python, without arguments that have their defaults. */
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
