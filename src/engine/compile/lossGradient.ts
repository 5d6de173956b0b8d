/**
 * The gradient of the loss by the images, for augmentations that ask which way misleads the network: it answers as
 * in use, without dropout and with running statistics, and nothing learns.
 */
import type { LossTerm } from '../graph/document.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Context, lowerNetwork } from './lower.ts';
import { type HeadInMaking, LossJudge } from './lowerLosses.ts';
import type { Constant } from './program.ts';

export interface Questioned {
  readonly heads: readonly HeadInMaking[];
  readonly terms: readonly LossTerm[];
  /** Collected: each is there once for all programs. */
  readonly constants: Map<string, Constant>;
}

/** @param image normalised, as the network reads it. @returns as large as it */
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
  const judge = new LossJudge(context, heads, terms, losses, constants);
  const ends = heads.map(({ node }) => node);
  lowerNetwork(context, image, ends, judge);
  return traced.get(image)!;
}
