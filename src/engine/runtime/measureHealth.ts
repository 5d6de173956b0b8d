/**
 * Figures of a node's training in one step: gradient norm, relative size of the update, share of dead units. The
 * program `watch` measures partial sums, which are put together here.
 */
import type { Session } from './session.ts';
import type { UnitHealth, WeightHealth } from './trainerMessages.ts';

/** To be called after a run of `watch`. */
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

/** For each ReLU or ReLU6, the share of channels without a positive value in the last batch of `watch`. */
export function deadUnits(session: Session, nameOf: (node: string) => string): UnitHealth[] {
  return session.model.activity.map(({ node, active }) => {
    const shares = session.reals(active);
    const dead = shares.filter(share => share === 0).length / shares.length;
    return { node: nameOf(node), dead };
  });
}
