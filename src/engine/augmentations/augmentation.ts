/**
 * What an augmentation is: a random change of training images, applied before the network. Random numbers depend on
 * seed, epoch and image only, not on batches or threads. One kind, one file.
 */
import type { z } from 'zod';
import { type Fields, number, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';

/** The compiler as an augmentation sees it. */
export interface AugmentationLowering {
  /** The operands of every augmentation: image before and after, keys of the random numbers, extents. */
  readonly augmented: {
    readonly x: Tensor;
    readonly y: Tensor;
    readonly indices: Tensor;
    readonly key: number;
    readonly channels: number;
    readonly height: number;
    readonly width: number;
  };
  /** The target boxes, to be transformed with the images; null where there are none. */
  readonly boxes: Tensor | null;
  /** The same for masks. */
  readonly masks: Tensor | null;
  /**
   * Lowers the gradient of the loss with respect to the image before, as large as it. Null where there is no network,
   * as in a preview.
   */
  lossGradient(): Tensor | null;
  temporary(name: string, count: number, type: Tensor['type']): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
}

export interface AugmentationKind<F extends Fields = Fields> {
  /** torchvision's class name where it has one. */
  readonly kind: string;
  readonly help: string;
  readonly fields: F;
  readonly schema: z.ZodType<Values<F>>;
  /** Parameters of test cases. */
  readonly examples: readonly Record<string, unknown>[];
  lower(params: Values<F>, lowering: AugmentationLowering): void;
  /** The constructor call under torchvision.transforms; null where torchvision has none. */
  pytorch(params: Values<F>): string | null;
}

export function defineAugmentation<F extends Fields>(
  definition: Omit<AugmentationKind<F>, 'schema'>,
): AugmentationKind<F> {
  return { ...definition, schema: schemaOf(definition.fields) };
}

export const probabilityField = (initial = 0.5) =>
  number({
    label: 'Probability',
    help: 'The share of images that it happens to.',
    initial,
    min: 0,
    max: 1,
  });

/** The two bounds in ascending order, whichever way a form has them. */
export function ordered(a: number, b: number): [low: number, high: number] {
  return a <= b ? [a, b] : [b, a];
}
