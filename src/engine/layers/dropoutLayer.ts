/** What the dropout layers share: at random they set numbers to zero in training, and do nothing in evaluation. */
import { number } from './fields.ts';
import { type CellsPicture, cells, gridOf } from './helpPicture.ts';
import { type Example, pointwise, withoutWeights } from './layer.ts';
import type { Lowering } from './lowering.ts';
import { sizeOf } from './shape.ts';

/**
 * Members of a layer that is random. Only p = 0 can be compared with PyTorch, whose random numbers are others, so that
 * the examples have p = 0.
 */
export const randomLayer = {
  ...withoutWeights,
  ...pointwise,
  family: 'regularisation',
  inputs: 1,
  macs: () => ({ value: 0, why: '0: it is gone when the network is used' }),
} as const;

export const neverDropping: readonly Example[] = [
  { params: { p: 0 }, input: [5, 6, 7] },
  { params: { p: 0 }, input: [3, 1, 1] },
];

/** The field of a probability. */
export function probability(label: string, help: string, initial: number) {
  return number({ label, help, initial, min: 0, max: 1 });
}

/**
 * Emits dropout and its backward pass; nothing in evaluation.
 * @param draws random numbers per image. With channels last, element i uses number i % draws: `channels` draws drop
 * whole channels, one draw whole images.
 */
export function lowerDropout(lowering: Lowering, p: number, draws: number): void {
  if (!lowering.training) {
    lowering.passThrough();
    return;
  }
  const shared = { count: sizeOf(lowering.inputShape), draws, key: lowering.randomKey, p };
  lowering.emit('dropoutForward', { x: lowering.input, y: lowering.output(), ...shared });
  lowering.backward((dy, dx) => {
    if (dx) lowering.emit('dropoutBackward', { dy, dx: dx.tensor, accumulate: dx.accumulate, ...shared });
  });
}

/** The order in which elements of the help's picture are dropped. */
const ORDER = [5, 2, 11, 8, 15, 0, 6, 13, 3, 10, 1, 12, 7, 14, 4, 9];

/** The help's picture: a share p of elements, channels or images is zero, the others are scaled by 1 / (1 - p). */
export function droppedPicture(p: number, what: 'numbers' | 'channels' | 'images'): CellsPicture {
  const count = what === 'numbers' ? 16 : 4;
  const order = ORDER.filter(place => place < count);
  const dropped = new Set(order.slice(0, Math.max(p > 0 ? 1 : 0, Math.round(p * count))));
  const kept = (place: number) => (dropped.has(place) ? 0 : 1 / (1 - p));
  if (what === 'numbers') return cells([[gridOf(4, 4, () => 1)]], [gridOf(4, 4, (y, x) => kept(4 * y + x))]);
  const four = (of: (place: number) => number) =>
    Array.from({ length: 4 }, (_, place) => gridOf(2, 2, () => of(place)));
  return cells([four(() => 1)], four(kept));
}
