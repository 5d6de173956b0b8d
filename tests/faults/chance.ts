/** Chance that a seed repeats: the same kills at the same instants, as far as the machine lets them be. */
export type Chance = () => number;

/** Numbers from 0 to 1 (mulberry32). */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function whole(chance: Chance, below: number): number {
  return Math.floor(chance() * below);
}

export function chosen<T>(chance: Chance, from: readonly T[]): T {
  return from[whole(chance, from.length)]!;
}
