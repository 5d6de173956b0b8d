/** The Pareto front of two figures. */

/** Whether higher or lower values are better. */
export type Aim = 'high' | 'low';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The points that no other point dominates, in the order of x. */
export function paretoFront<P extends Point>(points: readonly P[], [aimX, aimY]: readonly [Aim, Aim]): P[] {
  const [x, y] = [aimX === 'high' ? -1 : 1, aimY === 'high' ? -1 : 1];
  const sorted = points.toSorted((a, b) => x * (a.x - b.x) || y * (a.y - b.y));
  const front: P[] = [];
  for (const point of sorted) {
    const last = front.at(-1);
    const isEqual = last !== undefined && last.x === point.x && last.y === point.y;
    if (!last || y * point.y < y * last.y || isEqual) front.push(point);
  }
  return front.sort((a, b) => a.x - b.x);
}
