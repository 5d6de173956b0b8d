/**
 * What an augmentation is: a change of each training image by chance, before the network sees it. Its random
 * numbers follow from seed, epoch and the image, so that no batch or thread changes them. One kind, one file.
 */
import type { z } from 'zod';
import { type Fields, number, schemaOf, type Values } from '../layers/fields.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Tensor } from '../layers/lowering.ts';

/** What an augmentation sees of the compiler. */
export interface AugmentationLowering {
  /** What every instruction takes: the image before and after, what its random numbers depend on, its extents. */
  readonly augmented: {
    readonly x: Tensor;
    readonly y: Tensor;
    readonly indices: Tensor;
    readonly key: number;
    readonly channels: number;
    readonly height: number;
    readonly width: number;
  };
  /** True boxes, to be moved with their images; null where nothing asks for them. */
  readonly boxes: Tensor | null;
  /** True masks, likewise. */
  readonly masks: Tensor | null;
  /**
   * Lowers what it takes to know the gradient of the loss by the image before, as large as it; null where there is
   * no network, as where augmentations are only looked at.
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
  /** One row of tests for each. */
  readonly examples: readonly Record<string, unknown>[];
  lower(params: Values<F>, lowering: AugmentationLowering): void;
  /** The constructor call under torchvision.transforms; null where it has none. */
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

/** Between two bounds that a form may hold in the wrong order. */
export function ordered(a: number, b: number): [low: number, high: number] {
  return a <= b ? [a, b] : [b, a];
}
