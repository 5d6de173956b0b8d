/** A thread that decodes and measures batches of files for decoders.ts. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type Decoded, type DecodeSpec, decodeJob } from './decode.ts';
import { type Batch, type BatchAnswer, type BatchRequest, HASH } from './decoders.ts';
import { readMask } from './maskCode.ts';
import { LOOK_BYTES, measure } from './measure.ts';

const spec = workerData as DecodeSpec;

parentPort!.on('message', async (request: BatchRequest) => {
  if ('scan' in request) {
    parentPort!.postMessage({ id: request.id, values: await scan(request.scan) } satisfies BatchAnswer);
    return;
  }
  // One at a time: sharp's work is done by a pool that all threads share, and files are read and written by it too.
  const decoded: Decoded[] = [];
  for (const job of request.jobs) decoded.push(await decodeJob(job, spec));
  const batch = packed(decoded);
  const { pixels, masks, hashes, moments, looks } = batch;
  const blocks = [pixels, masks, hashes, moments, looks].map(({ buffer }) => buffer);
  parentPort!.postMessage({ id: request.id, batch } satisfies BatchAnswer, blocks);
});

/** Many small arrays are slower to send, and to forget, than few large ones. */
function packed(all: readonly Decoded[]): Batch {
  const [channels, height, width] = spec.shape;
  const of = { pixels: channels * height * width, mask: spec.masks ? height * width : 0 };
  const batch: Batch = {
    facts: [],
    pixels: new Uint8Array(all.length * of.pixels),
    masks: new Uint8Array(all.length * of.mask),
    hashes: new Uint8Array(all.length * 2 * HASH),
    moments: new Float64Array(all.length * 2 * channels),
    looks: new Uint8Array(all.length * LOOK_BYTES),
  };
  for (const [at, decoded] of all.entries()) {
    if (!('pixels' in decoded)) {
      batch.facts.push(decoded);
      continue;
    }
    const { pixels, mask, ...rest } = decoded;
    const measures = measure(pixels, spec.shape, mask);
    batch.facts.push({ ...rest, hasMask: mask !== undefined, hasLook: measures.look !== null });
    batch.pixels.set(pixels, at * of.pixels);
    if (mask) batch.masks.set(mask, at * of.mask);
    batch.hashes.set(measures.hash, at * 2 * HASH);
    if (measures.maskHash) batch.hashes.set(measures.maskHash, (at * 2 + 1) * HASH);
    batch.moments.set(measures.moments, at * 2 * channels);
    if (measures.look) batch.looks.set(measures.look, at * LOOK_BYTES);
  }
  return batch;
}

/** Which values the pixels of a mask have; null where it cannot be read, which decoding it will say. */
async function scan(file: string) {
  try {
    const { by, values } = await readMask(readFileSync(file));
    return { by, values: [...new Set(values)] };
  } catch {
    return null;
  }
}
