/** What an optimizer is: its form, and the instruction that updates one weight. One kind, one file. */
import type { z } from 'zod';
import { type Fields, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';

/** What an optimizer sees of the compiler while one weight's update is emitted. */
export interface UpdateLowering {
  readonly weight: Tensor;
  readonly gradient: Tensor;
  /** A tensor of the weight's size that is kept from step to step and in checkpoints; starts at zero. */
  slot(name: string): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
}

export interface OptimizerKind<F extends Fields = Fields> {
  /** PyTorch's class name. */
  readonly kind: string;
  readonly help: string;
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
