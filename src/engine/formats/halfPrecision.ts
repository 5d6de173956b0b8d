/**
 * Numbers of sixteen bits as float32, each exactly: IEEE 754 binary16 (“half”, F16) and bfloat16, which is the upper
 * half of a float32.
 */

const SIGN = 0x8000;
const HALF_EXPONENT = 0x7c00;
const HALF_FRACTION = 0x03ff;
/** Between the exponents' biases: 127 − 15. */
const REBIAS = 112;
/** The smallest half above zero. */
const SMALLEST_HALF = 2 ** -24;
const INFINITE = 0x7f800000;

/** @param bits of IEEE 754 binary16; infinities and NaN stay what they are */
export function halfToFloat(bits: Uint16Array): Float32Array {
  const floats = new Float32Array(bits.length);
  const words = new Uint32Array(floats.buffer);
  for (const [i, half] of bits.entries()) {
    const sign = (half & SIGN) << 16;
    const exponent = half & HALF_EXPONENT;
    const fraction = half & HALF_FRACTION;
    if (exponent === 0) floats[i] = (sign ? -1 : 1) * fraction * SMALLEST_HALF;
    else if (exponent === HALF_EXPONENT) words[i] = sign | INFINITE | (fraction << 13);
    else words[i] = sign | (((exponent >> 10) + REBIAS) << 23) | (fraction << 13);
  }
  return floats;
}

/** @param bits of bfloat16 */
export function bfloatToFloat(bits: Uint16Array): Float32Array {
  const words = Uint32Array.from(bits, each => each << 16);
  return new Float32Array(words.buffer);
}
