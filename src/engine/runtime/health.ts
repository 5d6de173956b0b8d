/** How each node fares in a step: the length of its gradients, how far its weights moved, how many units are dead. */
import type { Session, StateTensor } from './session.ts';
import type { UnitHealth, WeightHealth } from './trainerMessages.ts';

/** @param before the weights as they were before the step; gradients and weights are the session's now */
export function healthOf(session: Session, before: readonly StateTensor[]): WeightHealth[] {
  const after = new Map(session.weights().map(({ name, values }) => [name, values]));
  const old = new Map(before.map(({ name, values }) => [name, values]));
  const squares = new Map<string, { gradient: number; weight: number; moved: number }>();
  for (const { name, values: gradient } of session.gradients()) {
    const node = name.slice(0, name.lastIndexOf('.'));
    const sums = squares.get(node) ?? { gradient: 0, weight: 0, moved: 0 };
    const [was, is] = [old.get(name)!, after.get(name)!];
    for (const [i, each] of gradient.entries()) {
      sums.gradient += each ** 2;
      sums.weight += was[i]! ** 2;
      sums.moved += (is[i]! - was[i]!) ** 2;
    }
    squares.set(node, sums);
  }
  return [...squares].map(([node, { gradient, weight, moved }]) => ({
    node,
    gradientNorm: Math.sqrt(gradient),
    weightNorm: Math.sqrt(weight),
    updateRatio: weight > 0 ? Math.sqrt(moved / weight) : 0,
  }));
}

/** Which share of the channels was above zero nowhere in the batch that `watch` ran on last. */
export function deadUnits(session: Session, nameOf: (node: string) => string): UnitHealth[] {
  return session.model.activity.map(({ node, active }) => {
    const shares = session.reals(active);
    const dead = shares.filter(share => share === 0).length / shares.length;
    return { node: nameOf(node), dead };
  });
}
