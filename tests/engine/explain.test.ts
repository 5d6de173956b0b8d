/** What Explain computes, held against PyTorch's autograd (tests/oracles/explain.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import {
  fgsm,
  gradCam,
  occlusion,
  oneHot,
  probabilitiesOf,
  saliency,
} from '../../src/engine/runtime/explain/attribution.ts';
import { Prober, type ProberOptions } from '../../src/engine/runtime/explain/prober.ts';
import { SlidingError, slidable, slideOver } from '../../src/engine/runtime/explain/sliding.ts';
import { smallCnn } from '../../src/engine/zoo/smallCnn.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { weightsOf } from '../oracles/cases.ts';
import { branching, EPSILON, LABEL, normalization, slidingGraph, TARGET } from '../oracles/explainCases.ts';

function oracle(name: string) {
  const path = join(import.meta.dirname, '../oracles/expected', `${name}.safetensors`);
  const { tensors } = readSafetensors(readFileSync(path));
  return (tensor: string) => tensors.get(tensor)!.values as Float32Array;
}

/** The largest difference, as a share of the largest number. */
function off(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  expect(found.length).toBe(wanted.length);
  const most = Math.max(...Array.from(wanted, Math.abs));
  return Math.max(...Array.from(wanted, (value, i) => Math.abs(value - found[i]!))) / most;
}

const CLOSE = 2e-5;

const weightsFor = (graph: Parameters<typeof infer>[0]) =>
  new Map(
    [...weightsOf({ name: '', document: newDocument('', graph), batch: 1, steps: 1 })].map(
      ([name, { values }]) => [name, values as Float32Array],
    ),
  );

describe('a network with a branch', () => {
  const wanted = oracle('explain');
  const graph = branching();
  const inference = infer(graph);
  const image = wanted('image');
  const open = (options: Partial<ProberOptions> = {}) =>
    new Prober({ inference, weights: weightsFor(graph), ...options });

  it.each(['wasm', 'reference'] as const)(
    'gives the outputs of nodes as PyTorch in use does: %s',
    backend => {
      const prober = open({ backend, threads: 2 });
      prober.run(image);
      for (const node of ['first', 'sum', 'pooled'])
        expect(off(prober.output(node).values, wanted(node))).toBeLessThan(CLOSE);
      expect(off(prober.output('fc').values, wanted('scores'))).toBeLessThan(CLOSE);
      expect(prober.output('drop').values).toEqual(prober.output('pooled').values);
      prober.close();
    },
  );

  it('follows gradients to the image and to nodes', () => {
    const prober = open({ from: 'fc' });
    prober.run(image, oneHot(5, TARGET));
    expect(off(prober.imageGradient().values, wanted('gradient.image'))).toBeLessThan(CLOSE);
    expect(off(prober.gradient('first').values, wanted('gradient.first'))).toBeLessThan(CLOSE);
    prober.close();
  });

  it('finds which pixels one place of a layer hangs on, and leaves out what comes after it', () => {
    const prober = open({ from: 'sum' });
    const seed = new Float32Array(4 * 144);
    for (let c = 0; c < 4; c++) seed[c * 144 + 4 * 12 + 7] = 1;
    prober.run(image, seed);
    expect(off(prober.imageGradient().values, wanted('field'))).toBeLessThan(CLOSE);
    expect(prober.gradient('fc').values.every(value => value === 0)).toBe(true);
    prober.close();
  });

  it('weighs maps as Grad-CAM, takes the strongest of channels as saliency', () => {
    const prober = open({ from: 'fc' });
    const seed = oneHot(5, TARGET);
    expect(off(gradCam(prober, image, seed, 'sum').values, wanted('gradCam'))).toBeLessThan(CLOSE);
    expect(off(saliency(prober, image, seed).values, wanted('saliency'))).toBeLessThan(CLOSE);
    prober.close();
  });

  it('moves every pixel as FGSM, and the scores with it', () => {
    const prober = open({ from: 'fc' });
    const moved = fgsm(prober, image, {
      label: LABEL,
      epsilon: EPSILON,
      scores: wanted('scores'),
      normalization,
    });
    expect(off(moved, wanted('fgsm'))).toBeLessThan(CLOSE);
    prober.run(moved, new Float32Array(5));
    expect(off(prober.output('fc').values, wanted('fgsmScores'))).toBeLessThan(CLOSE);
    prober.close();
  });

  it('hides one square after the other, in batches', () => {
    const prober = open({ keep: ['fc'], batch: 5 });
    const told: number[] = [];
    const drops = occlusion(prober, image, {
      patch: 3,
      stride: 3,
      fill: normalization.mean.map((mean, c) => (0.5 - mean) / normalization.std[c]!),
      batch: 5,
      measure: scores => probabilitiesOf(scores)[TARGET]!,
      scores: 'fc',
      onProgress: done => told.push(done),
    });
    expect([drops.height, drops.width]).toEqual([4, 4]);
    expect(off(drops.values, wanted('drops'))).toBeLessThan(1e-4);
    expect(told).toEqual([5, 10, 15, 16]);
    prober.close();
  });

  it('refuses weights that are not this network’s, naming one', () => {
    expect(() => open({ weights: new Map() })).toThrow('conv1.weight is missing');
  });
});

describe('a classifier slid over a larger image', () => {
  const wanted = oracle('explainSliding');
  const weights = weightsFor(slidingGraph);

  it('gives the scores of 36 crops in one pass', () => {
    const slid = slidable(slidingGraph, [69, 69]);
    expect([slid.converted, slid.stride]).toEqual([2, [8, 8]]);
    const single = new Prober({ inference: infer(slidingGraph), weights });
    const whole = new Prober({ inference: slid.inference, weights });
    const found = slideOver({
      whole: { prober: whole, end: slid.end },
      single: { prober: single, end: 'fc2' },
      stride: slid.stride,
      image: wanted('image'),
    });
    expect(found.map.shape).toEqual([4, 6, 6]);
    expect(off(found.map.values, wanted('crops'))).toBeLessThan(1e-4);
    expect(off(found.crops.values, wanted('crops'))).toBeLessThan(1e-4);
    expect(found.difference).toBeLessThan(1e-4);
    single.close();
    whole.close();
  });

  it('turns 7×7×512 into Linear 4096 into a kernel of 7×7, and 384 into 6×6 answers', () => {
    const graph = chain([
      ['Input', 'input', { shape: [3, 224, 224] }],
      ['Conv2d', 'conv', { outChannels: 512, kernelSize: [32, 32], stride: [32, 32], padding: [0, 0, 0, 0] }],
      ['Flatten', 'flatten'],
      ['Linear', 'fc1', { outFeatures: 4096 }],
      ['Linear', 'fc2', { outFeatures: 1000 }],
    ]);
    const { inference, end, stride } = slidable(graph, [384, 384]);
    expect(inference.nodes.get('fc1')!.figures!.weights[0]!.shape).toEqual([4096, 512, 7, 7]);
    expect(inference.nodes.get('conv')!.figures!.shape).toEqual([512, 12, 12]);
    expect(inference.nodes.get(end)!.figures!.shape).toEqual([1000, 6, 6]);
    expect(stride).toEqual([32, 32]);
  });

  it('says why a network cannot slide', () => {
    const pooled = chain([
      ['Input', 'input', { shape: [3, 8, 8] }],
      ['Conv2d', 'conv', { outChannels: 2 }],
      ['GlobalAvgPool2d', 'pool'],
      ['Flatten', 'flatten'],
      ['Linear', 'fc', { outFeatures: 2 }],
    ]);
    expect(() => slidable(pooled, [16, 16])).toThrow('where a layer pools all of the image, no size helps');
    expect(() =>
      slidable(
        chain([
          ['Input', 'input', { shape: [3, 8, 8] }],
          ['ReLU', 'relu'],
        ]),
        [16, 16],
      ),
    ).toThrow(SlidingError);
    expect(() => slidable(smallCnn.build([3, 32, 32], 10), [16, 16])).toThrow(/kernel/i);
  });
});
