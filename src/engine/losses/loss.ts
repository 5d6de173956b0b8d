/** What a loss is: what it accepts of a network, and the instructions that compute it. One kind, one file. */
import type { z } from 'zod';
import { type Fields, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Fault } from '../layers/layer.ts';
import type { Tensor } from '../layers/lowering.ts';
import type { Shape } from '../layers/shape.ts';

/** What a loss sees of the compiler. */
export interface LossLowering {
  readonly batch: number;
  readonly outputShape: Shape;
  /** What the network says. */
  readonly output: Tensor;
  /** What is true: one int32 class per image. */
  readonly targets: Tensor;
  /** Where the loss of each image goes. */
  readonly losses: Tensor;
  /** Where the best class of each image goes. */
  readonly predictions: Tensor;
  /** Where the gradient of the mean loss by the output goes; written in programs without training too. */
  readonly gradient: Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
}

export interface LossKind<F extends Fields = Fields> {
  /** PyTorch's class name. */
  readonly kind: string;
  readonly help: string;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** Whether it turns scores into probabilities itself: then the network must not. */
  readonly takesScores: boolean;
  /** Why a network with this output cannot be trained on that many classes; undefined where it can. */
  refuses(output: Shape, classes: number): Fault | undefined;
  lower(params: Values<F>, lowering: LossLowering): void;
  pytorch(params: Values<F>): string;
}

export function defineLoss<F extends Fields>(definition: Omit<LossKind<F>, 'schema'>): LossKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}
