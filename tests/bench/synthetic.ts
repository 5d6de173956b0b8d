/** Images of noise with what is true of them, on disk as the cache has them: enough to measure training. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { sizeOf } from '../../src/engine/layers/shape.ts';
import type { TrainingData } from '../../src/engine/runtime/trainingData.ts';

/** @param batches of the training split; the other splits have one each */
export function syntheticData(folder: string, document: ProjectDocument, batches: number): TrainingData {
  const { batchSize, losses } = document.training;
  const inference = infer(document.graph);
  const shape = inference.nodes.get(inference.order[0]!)!.figures!.shape as [number, number, number];
  const count = batchSize * (batches + 2);
  const noise = (bytes: number, below: number) =>
    Uint8Array.from({ length: bytes }, (_, i) => ((i * 2654435761) >>> 11) % below);
  const imagesPath = join(folder, 'images.bin');
  writeFileSync(imagesPath, noise(count * sizeOf(shape), 256));
  const masks =
    losses[0]!.answer === 'mask' ? { path: join(folder, 'masks.bin'), classes: ['a', 'b'] } : null;
  if (masks) writeFileSync(masks.path, noise(count * shape[1] * shape[2], 2));
  const split = (from: number, to: number) =>
    Int32Array.from({ length: (to - from) * batchSize }, (_, i) => from * batchSize + i);
  return {
    imagesPath,
    imageShape: shape,
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    labels: Int32Array.from({ length: count }, (_, i) => (i * 7) % 10),
    ...(masks && { masks }),
    splits: {
      train: split(0, batches),
      val: split(batches, batches + 1),
      test: split(batches + 1, batches + 2),
    },
    mean: new Array(shape[0]).fill(0.5),
    std: new Array(shape[0]).fill(0.25),
    fingerprint: 'synthetic',
  };
}
