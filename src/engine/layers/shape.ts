/** The shape of one image or vector, without the batch dimension. */

/** `[channels, height, width]` or `[features]`. */
export type Shape = readonly number[];

export function sizeOf(shape: Shape): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** `64×28×28`, as the window and messages write it. */
export function shapeText(shape: Shape): string {
  return shape.join('×');
}
