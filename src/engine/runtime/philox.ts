/**
 * Philox4x32-10, a counter-based random number generator: a number depends on its purpose (seed, step, node, index) and
 * not on earlier draws, so that resuming needs no generator state.
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
import {
  PHILOX_MULTIPLIER_0 as MULTIPLIER_0,
  PHILOX_MULTIPLIER_1 as MULTIPLIER_1,
  PHILOX_ROUNDS as ROUNDS,
  streams,
  PHILOX_WEYL_0 as WEYL_0,
  PHILOX_WEYL_1 as WEYL_1,
} from '../layers/kernelConstants.ts';

function highProduct(a: number, b: number): number {
  const [aHigh, aLow, bHigh, bLow] = [a >>> 16, a & 0xffff, b >>> 16, b & 0xffff];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 65536) + (carry >= 2 ** 32 ? 65536 : 0) + (carry >>> 16)) >>> 0;
}

export type Counter = readonly [number, number, number, number];

/** Four 32-bit numbers from a 128-bit counter and a 64-bit key. */
export function philox(
  [c0, c1, c2, c3]: Counter,
  key0: number,
  key1: number,
): [number, number, number, number] {
  let [x0, x1, x2, x3, k0, k1] = [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0, key0 >>> 0, key1 >>> 0];
  for (let round = 0; round < ROUNDS; round++) {
    const [high0, low0] = [highProduct(MULTIPLIER_0, x0), Math.imul(MULTIPLIER_0, x0) >>> 0];
    const [high1, low1] = [highProduct(MULTIPLIER_1, x2), Math.imul(MULTIPLIER_1, x2) >>> 0];
    x0 = (high1 ^ x1 ^ k0) >>> 0;
    x2 = (high0 ^ x3 ^ k1) >>> 0;
    x1 = low1;
    x3 = low0;
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/** Fills an array with numbers uniform in [-bound, bound). */
export function fillUniform(
  target: Float32Array,
  bound: number,
  seed: number,
  stream: number,
  item: number,
): void {
  // With the same rounding as kernels/draw_uniform.c.
  const within = Math.fround(bound);
  for (let i = 0; i < target.length; i += 4) {
    const numbers = philox([i / 4, item, 0, 0], seed, stream);
    for (let lane = 0; lane < 4 && i + lane < target.length; lane++) {
      target[i + lane] = ((numbers[lane]! >>> 8) / 2 ** 23 - 1) * within;
    }
  }
}

/** A shuffled copy (Fisher-Yates), determined by seed and epoch. */
export function shuffled(items: Int32Array, seed: number, epoch: number): Int32Array {
  const result = items.slice();
  for (let i = result.length - 1; i > 0; i--) {
    const [high, low] = philox([i, epoch, 0, 0], seed, streams.order);
    const other = Number((BigInt(high) * 2n ** 32n + BigInt(low)) % BigInt(i + 1));
    const item = result[i]!;
    result[i] = result[other]!;
    result[other] = item;
  }
  return result;
}
