/**
 * From gradients to weights, in the order of a PyTorch training script: gradient accumulation, L1, clipping, the
 * optimizer's update, the moving average of the weights.
 */
import type { Training } from '../graph/document.ts';
import { meansLayer } from '../graph/namePattern.ts';
import type { Tensor } from '../layers/lowering.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { type Context, emitInto, GRADIENT_PARTS } from './lower.ts';
import type { Parameter } from './program.ts';
import { validated } from './validatedKind.ts';

type Settings = Pick<Training, 'optimizer' | 'regularisation'> & Partial<Pick<Training, 'rates'>>;

/** A parameter that learns, and the gradient that the update uses. */
interface Learner {
  readonly parameter: Parameter;
  readonly weight: Tensor;
  readonly gradient: Tensor;
  readonly count: number;
}

/** Adds the gradients of this run to the accumulated ones, where an update takes several runs. */
export function lowerAccumulation(context: Context): void {
  for (const { gradient, accumulated } of context.parameters.values()) {
    if (!gradient || !accumulated) continue;
    const operands = { gradient, sum: accumulated, count: gradient.count };
    emitInto(context.instructions, 'accumulateGradient', operands);
  }
}

/** Emits the update of every weight. @returns the parameters with their optimizer state */
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

/** Emits L1, then clipping by value, then clipping by the norm over all gradients. */
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
  const squares = tensors.make('squares', 'float64', learners.length * GRADIENT_PARTS);
  for (const [i, { gradient, count }] of learners.entries()) {
    const operands = { gradient, squares, count, offset: i * GRADIENT_PARTS, parts: GRADIENT_PARTS };
    emitInto(instructions, 'gradientSquares', operands);
  }
  for (const { gradient, count } of learners) {
    const operands = { gradient, squares, count, squareCount: squares.count, limit: clipNorm };
    emitInto(instructions, 'clipNorm', operands);
  }
}

/** Where the program measures updates, emits it around `update`: a copy of the weight before, the comparison after. */
function watched<T>(
  { instructions, tensors, watch }: Context,
  { parameter: { name, squares }, weight, gradient, count }: Learner,
  move: () => T,
): T {
  if (!watch || !squares) return move();
  const kept = tensors.make(`${name}.kept`, 'real', count);
  emitInto(instructions, 'keepWeight', { weight, kept, count });
  const result = move();
  emitInto(instructions, 'measureUpdate', { gradient, kept, weight, squares, count, parts: GRADIENT_PARTS });
  return result;
}

/** What the learning rate of a weight is multiplied by. @param name of the weight: `conv1.weight` */
function rateOf(name: string, rates: Training['rates']): number {
  const layer = name.slice(0, name.lastIndexOf('.'));
  return rates.find(({ layers }) => meansLayer(layers, layer))?.factor ?? 1;
}

/** @returns the optimizer state of this weight, by slot */
function update(
  { instructions, tensors }: Context,
  { optimizer, regularisation, rates = [] }: Settings,
  { parameter, weight, gradient, count }: Learner,
): Record<string, Tensor> {
  const { kind, params } = validated(optimizerKind(optimizer.kind), optimizer, 'optimizer');
  // All programs that update share one state.
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
