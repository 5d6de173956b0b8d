/**
 * How each node fares in a step: the length of its gradients, how far its weights moved, how many units are dead.
 * The program `watch` measures it while it learns; here its sums are put together.
 */
import type { Session } from './session.ts';
import type { UnitHealth, WeightHealth } from './trainerMessages.ts';

/** After a run of `watch`. */
export function healthOf(session: Session): WeightHealth[] {
  const nodes = new Map<string, [gradient: number, weight: number, moved: number]>();
  for (const { name, squares } of session.model.parameters) {
    if (!squares) continue;
    const node = name.slice(0, name.lastIndexOf('.'));
    const sums = nodes.get(node) ?? [0, 0, 0];
    for (const [i, square] of session.doubles(squares).entries()) sums[i % 3]! += square;
    nodes.set(node, sums);
  }
  return [...nodes].map(([node, [gradient, weight, moved]]) => ({
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
