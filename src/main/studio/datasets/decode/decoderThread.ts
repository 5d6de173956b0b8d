/** A thread that decodes and measures batches of files for decoders.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Batch, type BatchAnswer, type BatchRequest, HAS_LOOK, HAS_MASK, HASH } from './decoders.ts';
import type { MaskValues } from './maskCode.ts';
import { LOOK_BYTES, measure } from './measureImage.ts';
import {
  type DecodedImage,
  type DecodeJob,
  type DecodeSpec,
  decodeJob,
  scanPlainMask,
} from './plainPicture.ts';

const spec = workerData as DecodeSpec;
const [channels, height, width] = spec.shape;
const MASK_BYTES = spec.masks ? height * width : 0;

parentPort!.on('message', (request: BatchRequest) => {
  if ('scans' in request) {
    parentPort!.postMessage({ id: request.id, scanned: request.scans.map(scan) } satisfies BatchAnswer);
    return;
  }
  const start = performance.now();
  const batch = decodeAll(request.jobs);
  const { pixels, masks, sizes, has, hashes, moments, looks } = batch;
  const blocks = [pixels, masks, sizes, has, hashes, moments, looks].map(({ buffer }) => buffer);
  const milliseconds = performance.now() - start;
  parentPort!.postMessage({ id: request.id, batch, milliseconds } satisfies BatchAnswer, blocks);
});

function decodeAll(jobs: readonly DecodeJob[]): Batch {
  const batch = emptyBatch(jobs.length);
  const size = channels * height * width;
  for (const [at, job] of jobs.entries()) {
    const place = batch.pixels.subarray(at * size, (at + 1) * size);
    const decoded = decodeJob(job, spec, place);
    if (!decoded) batch.notPlain.push(at);
    else if (!('pixels' in decoded)) batch.others.set(at, decoded);
    else {
      if (decoded.pixels !== place) place.set(decoded.pixels);
      keep(batch, at, place, decoded);
    }
  }
  return batch;
}

/** A few large arrays are faster to post and collect than many small ones. */
function emptyBatch(count: number): Batch {
  return {
    others: new Map(),
    notPlain: [],
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

/** Null where a mask is not plain or cannot be read; the process that reads it next gives the reason. */
function scan(file: string): MaskValues | null {
  try {
    return scanPlainMask(file);
  } catch {
    return null;
  }
}
