/**
 * The types that the numbers of a file's tensors can have, by PyTorch's names, and how each is read: what is real
 * becomes float32, whole numbers int32. Little-endian, as both formats of weights are.
 */
import { bfloatToFloat, halfToFloat } from './halfPrecision.ts';

/** Bytes of one number. */
const BYTES = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  bool: 1,
} as const;

export type ElementType = keyof typeof BYTES;

export const elementBytes = (type: ElementType): number => BYTES[type];

/** @param given whole numbers of this type, anywhere in a larger buffer. @returns them; float32 and int32 in place where they can begin there */
export function readElements(type: ElementType, given: Uint8Array): Float32Array | Int32Array {
  const bytes = BYTES[type];
  // The file's own bytes where numbers may begin there: a large file is not in memory twice.
  const { buffer, byteOffset, length } = given.byteOffset % bytes === 0 ? given : Uint8Array.from(given);
  const count = length / bytes;
  switch (type) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case 'float16':
      return halfToFloat(new Uint16Array(buffer, byteOffset, count));
    case 'bfloat16':
      return bfloatToFloat(new Uint16Array(buffer, byteOffset, count));
    case 'int64':
      return Int32Array.from(new BigInt64Array(buffer, byteOffset, count), Number);
    case 'int32':
      return new Int32Array(buffer, byteOffset, count);
    case 'int16':
      return Int32Array.from(new Int16Array(buffer, byteOffset, count));
    case 'int8':
      return Int32Array.from(new Int8Array(buffer, byteOffset, count));
    case 'uint8':
    case 'bool':
      return Int32Array.from(new Uint8Array(buffer, byteOffset, count));
  }
}
