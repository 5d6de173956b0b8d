/** Numbers of two bytes as float32, which holds each of them exactly: IEEE 754 binary16, and bfloat16. */

/** By the sixteen bits of a half, the bits of the same number as a single. */
function singleBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Below the smallest normal half: that many places until its first bit is the leading one.
  const places = Math.clz32(fraction) - 21;
  return sign | ((113 - places) << 23) | (((fraction << places) & 0x3ff) << 13);
}

/** @param halves binary16, each as its sixteen bits */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const into = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) into[i] = singleBits(halves[i]!);
  return floats;
}

/** @param halves bfloat16, each as its sixteen bits: the upper ones of a float32 */
export function bfloatsToFloats(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  const into = new Uint32Array(floats.buffer);
  for (let i = 0; i < halves.length; i++) into[i] = halves[i]! << 16;
  return floats;
}
