/** What the views share: the room that they draw in. */

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** A number that fits into a cell: `2`, `0.5`, `−1.3`. */
export function cellText(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return String(Object.is(rounded, -0) ? 0 : rounded).replace('-', '\u2212');
}
