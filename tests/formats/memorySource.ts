/** Bytes in memory as a source. */
import type { ByteSource } from '../../src/engine/formats/safetensors.ts';

export function memorySource(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (begin, end) => bytes.subarray(begin, end) };
}
