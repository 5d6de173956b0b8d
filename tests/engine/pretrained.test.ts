/** The weights that come with the program: what their files say, and what PyTorch answers with them to photographs. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/engine/compile/compile.ts';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { defaultTraining, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { normalizationBy } from '../../src/engine/graph/normalization.ts';
import { pretrainedWeights } from '../../src/engine/graph/pretrained.ts';
import { type BackendName, loadBackend } from '../../src/engine/runtime/backend.ts';
import { readTensors } from '../../src/engine/runtime/checkpoint.ts';
import { MODEL_START } from '../../src/engine/runtime/memory.ts';
import { pretrainedFile } from '../../src/engine/runtime/pretrainedFile.ts';
import { Session } from '../../src/engine/runtime/session.ts';
import { normalize } from '../../src/engine/runtime/trainingModel.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { backends } from './backends.ts';

/** A project that begins with these weights. */
function beginning({ name, normalization }: (typeof all)[number]) {
  const { build, input, classes } = zooModel(name)!;
  const training = { ...defaultTraining, start: { weights: name, normalization } };
  return { ...newDocument(name, build(input, classes)), training };
}

const all = pretrainedWeights();

describe.each(all.map(each => [each.name, each] as const))('%s', (name, weights) => {
  const document = beginning(weights);
  const path = pretrainedFile(document)!;
  const inference = infer(document.graph);

  it('is a file of all tensors of its network, and of no other', () => {
    const wanted = [...inference.nodes.values()].flatMap(({ node, figures }) =>
      (figures?.weights ?? []).map(each => `${node.name}.${each.name} ${each.shape.join('×')}`),
    );
    const given = readTensors(path).map(tensor => `${tensor.name} ${tensor.shape.join('×')}`);
    expect(given.sort()).toEqual(wanted.sort());
  });

  it('says of itself what the program says of it', () => {
    const { metadata } = readSafetensors(readFileSync(path));
    const { input, classes } = zooModel(name)!;
    expect(metadata.model).toBe(name);
    expect(JSON.parse(metadata.input!)).toEqual(input);
    expect(JSON.parse(metadata.classes!)).toHaveLength(classes);
    const own = { mean: JSON.parse(metadata.mean!), std: JSON.parse(metadata.std!) };
    const here = normalizationBy(weights.normalization, own);
    for (const key of ['mean', 'std'] as const)
      for (const [i, value] of here[key].entries()) expect(value).toBeCloseTo(own[key][i], 12);
    expect(document.graph.nodes[weights.backbone]).toBeDefined();
  });

  it.each(backends)('answers photographs as PyTorch does, by %s', (_, use) => {
    const expected = readSafetensors(
      readFileSync(new URL(`../oracles/expected/pretrained-${name}.safetensors`, import.meta.url)),
    ).tensors;
    const logits = answers(use(), expected.get('images')!.values);
    const wanted = expected.get('logits')!.values;
    expect(logits).toHaveLength(wanted.length);
    expect(Math.max(...logits.map((value, i) => Math.abs(value - wanted[i]!)))).toBeLessThan(1e-3);
    // Half precision changes little.
    const published = expected.get('probabilities')!.values;
    const found = probabilities(logits, zooModel(name)!.classes);
    expect(Math.max(...found.map((value, i) => Math.abs(value - published[i]!)))).toBeLessThan(0.006);
  });

  /** @param images bytes, count × channels × height × width */
  function answers(name: BackendName, images: ArrayLike<number>): number[] {
    const backend = loadBackend(name);
    const [channels, height, width] = inference.nodes.get('input')!.figures!.shape as [
      number,
      number,
      number,
    ];
    const size = channels * height * width;
    const batch = images.length / size;
    const model = compile({
      inference,
      training: document.training,
      batch,
      input: 'uint8',
      programs: ['evaluate'],
      realBytes: backend.realBytes,
      start: MODEL_START,
    });
    const session = new Session(model, backend, 2);
    try {
      const nothing = new Array<number>(channels).fill(0);
      normalize(session, document, { mean: nothing, std: nothing });
      session.adopt(readTensors(path));
      for (let image = 0; image < batch; image++)
        for (let pixel = 0; pixel < height * width; pixel++)
          for (let c = 0; c < channels; c++)
            session.images[image * size + pixel * channels + c] =
              images[image * size + c * height * width + pixel]!;
      session.run('evaluate', batch);
      return [...session.output('evaluate')];
    } finally {
      session.close();
    }
  }
});

/** Softmax of each image's scores. */
function probabilities(logits: readonly number[], classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, i) => {
    const powers = logits.slice(i * classes, (i + 1) * classes).map(Math.exp);
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map(power => power / sum);
  }).flat();
}
