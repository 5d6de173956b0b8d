/** A thread that decodes and measures batches of files for decoders.ts. */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { type Decoded, type DecodeSpec, decodeJob } from './decode.ts';
import type { BatchAnswer, BatchRequest, DecodedPart } from './decoders.ts';
import { readMask } from './maskCode.ts';
import { measure } from './measure.ts';

const spec = workerData as DecodeSpec;

parentPort!.on('message', async (request: BatchRequest) => {
  const answer: BatchAnswer =
    'scan' in request
      ? { id: request.id, values: await scan(request.scan) }
      : {
          id: request.id,
          parts: await Promise.all(request.jobs.map(job => decodeJob(job, spec).then(partOf))),
        };
  parentPort!.postMessage(answer);
});

function partOf(decoded: Decoded): DecodedPart {
  if (!('pixels' in decoded)) return decoded;
  return { ...decoded, measures: measure(decoded.pixels, spec.shape, decoded.mask) };
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
