/** A thread that decodes and measures batches of files for decoders.ts. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type DecodedImage, type DecodeJob, type DecodeSpec, decodeJob } from './decode.ts';
import { type Batch, type BatchAnswer, type BatchRequest, HAS_LOOK, HAS_MASK, HASH } from './decoders.ts';
import { readMask } from './maskCode.ts';
import { LOOK_BYTES, measure } from './measure.ts';

const spec = workerData as DecodeSpec;
const [channels, height, width] = spec.shape;
const MASK_BYTES = spec.masks ? height * width : 0;

parentPort!.on('message', async (request: BatchRequest) => {
  if ('scan' in request) {
    parentPort!.postMessage({ id: request.id, values: await scan(request.scan) } satisfies BatchAnswer);
    return;
  }
  const start = performance.now();
  const batch = await decodeAll(request.jobs);
  const { pixels, masks, sizes, has, hashes, moments, looks } = batch;
  const blocks = [pixels, masks, sizes, has, hashes, moments, looks].map(({ buffer }) => buffer);
  const milliseconds = performance.now() - start;
  parentPort!.postMessage({ id: request.id, batch, milliseconds } satisfies BatchAnswer, blocks);
});

/**
 * One at a time: sharp's work is done by a pool that all threads share, and files are read and written by it too. While
 * it decodes the next image, this thread measures the one before.
 */
async function decodeAll(jobs: readonly DecodeJob[]): Promise<Batch> {
  const batch = emptyBatch(jobs.length);
  const size = channels * height * width;
  const placeOf = (at: number) => batch.pixels.subarray(at * size, (at + 1) * size);
  const begin = (at: number) => (at < jobs.length ? decodeJob(jobs[at]!, spec, placeOf(at)) : undefined);
  let coming = begin(0);
  for (let at = 0; coming; at++) {
    const decoded = coming instanceof Promise ? await coming : coming;
    const place = placeOf(at);
    if ('pixels' in decoded && decoded.pixels !== place) place.set(decoded.pixels);
    coming = begin(at + 1);
    if ('pixels' in decoded) keep(batch, at, place, decoded);
    else batch.others.set(at, decoded);
  }
  return batch;
}

/** Many small arrays are slower to send, and to forget, than few large ones. */
function emptyBatch(count: number): Batch {
  return {
    others: new Map(),
    boxes: new Map(),
    stamps: new Array<string>(count).fill(''),
    pixels: new Uint8Array(count * channels * height * width),
    masks: new Uint8Array(count * MASK_BYTES),
    sizes: new Int32Array(2 * count),
    has: new Uint8Array(count),
    hashes: new Uint8Array(count * 2 * HASH),
    moments: new Float64Array(count * 2 * channels),
    looks: new Uint8Array(count * LOOK_BYTES),
  };
}

function keep(batch: Batch, at: number, pixels: Uint8Array, decoded: DecodedImage): void {
  const { mask, box, stamp } = decoded;
  const { hash, maskHash, moments, look } = measure(pixels, spec.shape, mask);
  batch.stamps[at] = stamp;
  batch.sizes[2 * at] = decoded.width;
  batch.sizes[2 * at + 1] = decoded.height;
  batch.has[at] = (maskHash ? HAS_MASK : 0) | (look ? HAS_LOOK : 0);
  batch.hashes.set(hash, at * 2 * HASH);
  batch.moments.set(moments, at * 2 * channels);
  if (box) batch.boxes.set(at, box);
  if (mask) batch.masks.set(mask, at * MASK_BYTES);
  if (maskHash) batch.hashes.set(maskHash, (at * 2 + 1) * HASH);
  if (look) batch.looks.set(look, at * LOOK_BYTES);
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
