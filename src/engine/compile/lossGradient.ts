/**
 * The gradient of the loss with respect to the images, for adversarial augmentation (FGSM): computed in evaluation
 * mode, without dropout and with running statistics, and without gradients of weights.
 */
import type { LossTerm } from '../graph/document.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Context, lowerNetwork } from './lower.ts';
import { HeadLossEmitter, type MutableHead } from './lowerLosses.ts';
import type { Constant } from './program.ts';

export interface Questioned {
  readonly heads: readonly MutableHead[];
  readonly terms: readonly LossTerm[];
  /** Shared by all programs, by name. */
  readonly constants: Map<string, Constant>;
}

/** @param image normalised, as the network reads it. @returns the gradient, as large as the image */
export function lowerLossGradient(
  { inference, tensors, batch, fast, parameters, instructions }: Context,
  image: Tensor,
  { heads, terms, constants }: Questioned,
): Tensor {
  const traced = new Map<Tensor, Tensor>();
  const still = [...parameters].map(([name, parameter]) => [name, { ...parameter, gradient: null }] as const);
  const context: Context = {
    inference,
    tensors,
    batch,
    training: false,
    fast,
    parameters: new Map(still),
    instructions,
    traced,
  };
  const losses = tensors.make('attacked.losses', 'real', batch);
  const emitter = new HeadLossEmitter(context, heads, terms, losses, constants);
  const ends = heads.map(({ node }) => node);
  lowerNetwork(context, image, ends, emitter);
  return traced.get(image)!;
}
