/** Files of weights on the disk: opened while somebody reads them, and read piece by piece. */
import { readSync } from 'node:fs';
import { openWeights } from '../engine/formats/openWeights.ts';
import type { ByteSource } from '../engine/formats/safetensors.ts';
import { WeightsError } from '../engine/formats/weightsError.ts';
import type { WeightsFile } from '../engine/formats/weightsFile.ts';
import { withRegularFile } from './regularFile.ts';
import { UserError } from './userError.ts';

/** What the system reads at once is less than two gigabytes. */
const PIECE_BYTES = 2 ** 30;

function sourceOf(file: number, length: number): ByteSource {
  return {
    length,
    read(begin, end) {
      const bytes = new Uint8Array(end - begin);
      for (let at = 0; at < bytes.length; ) {
        const read = readSync(file, bytes, at, Math.min(PIECE_BYTES, bytes.length - at), begin + at);
        if (read === 0) throw new WeightsError('The file became shorter while it was read. Fetch it again.');
        at += read;
      }
      return bytes;
    },
  };
}

/**
 * Calls `read` with what the file holds, whose tensors can be read while it does.
 * @throws UserError naming the file and what is wrong in it; what the system says where it cannot be opened
 */
export function withWeightsFile<T>(path: string, read: (file: WeightsFile) => T): T {
  return withRegularFile(path, (handle, { size }) => {
    try {
      return read(openWeights(sourceOf(handle, size)));
    } catch (error) {
      if (error instanceof WeightsError) throw new UserError(`${path}: ${error.message}`);
      throw error;
    }
  });
}
