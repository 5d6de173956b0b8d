/**
 * Filled shapes with smooth edges, for the sample dataset. A shape is its signed distance: negative inside, zero
 * on the edge, in units of the shape's radius. Distances give exact coverage of a pixel's edge without sampling
 * (Inigo Quilez, "2D distance functions"). Draws nothing but one shape on one ground.
 */

export type Point = readonly [x: number, y: number];

/** Signed distance to the edge of a shape that lies within the unit circle. */
export type SignedDistance = (x: number, y: number) => number;

export function circle(radius: number, cx = 0, cy = 0): SignedDistance {
  return (x, y) => Math.hypot(x - cx, y - cy) - radius;
}

/** Its edges are laid out beforehand: a thousand images ask for the distance from each of them a million times. */
function polygon(corners: readonly Point[]): SignedDistance {
  const edges = corners.map(([ax, ay], at) => {
    const [bx, by] = corners.at(at - 1)!;
    const [ex, ey] = [bx - ax, by - ay];
    return { ax, ay, by, ex, ey, square: ex * ex + ey * ey };
  });
  return (x, y) => {
    let nearest = Number.POSITIVE_INFINITY;
    let inside = false;
    for (let at = 0; at < edges.length; at++) {
      const { ax, ay, by, ex, ey, square } = edges[at]!;
      const wx = x - ax;
      const wy = y - ay;
      const along = Math.min(1, Math.max(0, (wx * ex + wy * ey) / square));
      const dx = wx - ex * along;
      const dy = wy - ey * along;
      nearest = Math.min(nearest, dx * dx + dy * dy);
      if (ay > y !== by > y && wx < (ex * wy) / ey) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}

/** Corners on circles of the given radii in turn, the first straight up. */
export function spokes(count: number, ...radii: readonly number[]): SignedDistance {
  const corners = Array.from({ length: count * radii.length }, (_, index): Point => {
    const angle = (2 * Math.PI * index) / (count * radii.length);
    const radius = radii[index % radii.length]!;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
  return polygon(corners);
}

export function box(halfWidth: number, halfHeight: number, cx = 0, cy = 0): SignedDistance {
  const [left, right, top, bottom] = [cx - halfWidth, cx + halfWidth, cy - halfHeight, cy + halfHeight];
  return polygon([
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ]);
}

export function union(...shapes: readonly SignedDistance[]): SignedDistance {
  return (x, y) => shapes.reduce((least, shape) => Math.min(least, shape(x, y)), Number.POSITIVE_INFINITY);
}

export function without(shape: SignedDistance, hole: SignedDistance): SignedDistance {
  return (x, y) => Math.max(shape(x, y), -hole(x, y));
}

export interface Placement {
  /** Centre and radius in pixels. */
  x: number;
  y: number;
  radius: number;
  /** Clockwise, in radians. */
  angle: number;
}

/** How much of each pixel of a square canvas the shape covers, 0 to 1, row by row. */
export function coverage(
  shape: SignedDistance,
  side: number,
  { x, y, radius, angle }: Placement,
): Float64Array {
  const covered = new Float64Array(side * side);
  const [cos, sin] = [Math.cos(angle) / radius, Math.sin(angle) / radius];
  const reach = radius + 2;
  const clamp = (value: number) => Math.min(side, Math.max(0, value));
  for (let row = clamp(Math.floor(y - reach)); row < clamp(Math.ceil(y + reach)); row++) {
    for (let column = clamp(Math.floor(x - reach)); column < clamp(Math.ceil(x + reach)); column++) {
      const [dx, dy] = [column + 0.5 - x, row + 0.5 - y];
      const distance = shape(dx * cos + dy * sin, dy * cos - dx * sin) * radius;
      covered[row * side + column] = Math.min(1, Math.max(0, 0.5 - distance));
    }
  }
  return covered;
}
