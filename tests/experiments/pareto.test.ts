/** The Pareto front against its definition. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Aim, paretoFront } from '../../src/experiments/pareto.ts';

interface Point {
  x: number;
  y: number;
}

const aim = fc.constantFrom<Aim>('high', 'low');
const points = fc.array(fc.record({ x: fc.integer({ min: 0, max: 9 }), y: fc.integer({ min: 0, max: 9 }) }));

test('holds exactly those that no other beats', () => {
  fc.assert(
    fc.property(points, aim, aim, (all, aimX, aimY) => {
      const good = (value: number, by: Aim) => (by === 'high' ? value : -value);
      const beats = (a: Point, b: Point) =>
        good(a.x, aimX) >= good(b.x, aimX) &&
        good(a.y, aimY) >= good(b.y, aimY) &&
        (a.x !== b.x || a.y !== b.y);
      const expected = all.filter(point => !all.some(other => beats(other, point)));
      const front = paretoFront(all, [aimX, aimY]);
      expect(new Set(front)).toEqual(new Set(expected));
      expect(front).toHaveLength(expected.length);
    }),
  );
});
