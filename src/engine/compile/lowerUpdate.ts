/**
 * From gradients to weights: sums over several runs, L1, clipping, the optimizer's updates, the average of the
 * weights; in this order, as a training script of PyTorch has them.
 */
import type { Training } from '../graph/document.ts';
import { meansLayer } from '../graph/namePattern.ts';
import type { Tensor } from '../layers/lowering.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { type Context, emitInto, PARTS } from './lower.ts';
import type { Parameter } from './program.ts';
import { validated } from './validatedKind.ts';

type Settings = Pick<Training, 'optimizer' | 'regularisation'> & Partial<Pick<Training, 'rates'>>;

/** A parameter that learns, and the gradient that its update takes. */
interface Learner {
  readonly parameter: Parameter;
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly count: number;
}

/** Emits the sums of gradients over several runs, where there are several. */
export function lowerAccumulation(context: Context): void {
  for (const { gradient, accumulated } of context.parameters.values()) {
    if (!gradient || !accumulated) continue;
    const operands = { gradient, sum: accumulated, count: gradient.count };
    emitInto(context.instructions, 'accumulateGradient', operands);
  }
}

/** Emits the update of every weight. @returns the parameters with what is kept for each */
export function lowerUpdates(context: Context, settings: Settings): Parameter[] {
  const learners = [...context.parameters.values()].flatMap((parameter): Learner[] => {
    const gradient = parameter.accumulated ?? parameter.gradient;
    return gradient ? [{ parameter, weight: parameter.tensor, gradient, count: gradient.count }] : [];
  });
  shapeGradients(context, settings.regularisation, learners);
  const slots = new Map(
    learners.map(learner => [
      learner.parameter,
      watched(context, learner, () => update(context, settings, learner)),
    ]),
  );
  return [...context.parameters.values()].map(each => ({ ...each, slots: slots.get(each) ?? {} }));
}

/** L1, then clipping by value, then by the norm of all. */
function shapeGradients(
  { instructions, tensors }: Context,
  { l1, clipValue, clipNorm }: Settings['regularisation'],
  learners: readonly Learner[],
): void {
  for (const { parameter, weight, gradient, count } of learners) {
    if (l1 > 0 && parameter.decays)
      emitInto(instructions, 'l1Gradient', { weight, gradient, count, strength: l1 });
    if (clipValue > 0) emitInto(instructions, 'clipValues', { gradient, count, limit: clipValue });
  }
  if (clipNorm === 0) return;
  const squares = tensors.make('squares', 'float64', learners.length * PARTS);
  for (const [i, { gradient, count }] of learners.entries()) {
    const operands = { gradient, squares, count, offset: i * PARTS, parts: PARTS };
    emitInto(instructions, 'gradientSquares', operands);
  }
  for (const { gradient, count } of learners) {
    const operands = { gradient, squares, count, squareCount: squares.count, limit: clipNorm };
    emitInto(instructions, 'clipNorm', operands);
  }
}

/** Where the program watches, measures how far the weight moves. */
function watched<T>(
  { instructions, tensors, watch }: Context,
  { parameter: { name, squares }, weight, gradient, count }: Learner,
  move: () => T,
): T {
  if (!watch || !squares) return move();
  const kept = tensors.make(`${name}.kept`, 'real', count);
  emitInto(instructions, 'keepWeight', { weight, kept, count });
  const result = move();
  emitInto(instructions, 'measureUpdate', { gradient, kept, weight, squares, count, parts: PARTS });
  return result;
}

/** What the learning rate of a weight is multiplied by. @param name of the weight: `conv1.weight` */
function rateOf(name: string, rates: Training['rates']): number {
  const layer = name.slice(0, name.lastIndexOf('.'));
  return rates.find(({ layers }) => meansLayer(layers, layer))?.factor ?? 1;
}

/** @returns what is kept for this weight */
function update(
  { instructions, tensors }: Context,
  { optimizer, regularisation, rates = [] }: Settings,
  { parameter, weight, gradient, count }: Learner,
): Record<string, Tensor> {
  const { kind, params } = validated(optimizerKind(optimizer.kind), optimizer, 'optimizer');
  // Every program that updates keeps the same.
  const slots: Record<string, Tensor> = { ...parameter.slots };
  const slot = (name: string) => {
    slots[name] ??= tensors.make(`${parameter.name}.${name}`, 'real', count);
    return slots[name];
  };
  kind.lower(params, {
    weight,
    gradient,
    rate: rateOf(parameter.name, rates),
    decays: parameter.decays,
    slot,
    emit: (name, operands) => emitInto(instructions, name, operands),
  });
  const { ema } = regularisation;
  if (ema > 0) {
    const operands = { average: slot('ema'), weight, count, complement: 1 - ema };
    emitInto(instructions, 'emaUpdate', operands);
  }
  return slots;
}
