/** What Explain computes, held against PyTorch's autograd (tests/oracles/explain.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/engine/formats/safetensors.ts';
import { type Graph, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import {
  fgsm,
  gradCam,
  occlusion,
  oneHot,
  probabilitiesOf,
  saliency,
} from '../../src/engine/runtime/explain/attributionMaps.ts';
import { Prober, type ProberOptions } from '../../src/engine/runtime/explain/prober.ts';
import { SlidingError, slidable, slideOver } from '../../src/engine/runtime/explain/sliding.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { smallCnn } from '../../src/engine/zoo/smallCnn.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { weightsOf } from '../oracles/cases.ts';
import {
  branching,
  EPSILON,
  LABEL,
  normalization,
  pooledGraph,
  slidingGraph,
  TARGET,
} from '../oracles/explainCases.ts';

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

  function slide(graph: Graph, image: Float32Array, size: number) {
    const [slid, inference, weights] = [slidable(graph, [size, size]), infer(graph), weightsFor(graph)];
    const single = new Prober({ inference, weights });
    const whole = new Prober({ inference: slid.inference, weights });
    const [scores] = inference.outputs as [string];
    const { end, activation, stride } = slid;
    const found = slideOver({
      whole: { prober: whole, end, activation },
      single: { prober: single, end: scores },
      stride,
      image,
    });
    single.close();
    whole.close();
    return { slid, found };
  }

  it('gives the scores of 36 crops in one pass', () => {
    const { slid, found } = slide(slidingGraph, wanted('image'), 69);
    expect([slid.converted, slid.stride, slid.activation]).toEqual([2, [8, 8], null]);
    expect(found.map.shape).toEqual([4, 6, 6]);
    expect(off(found.map.values, wanted('crops'))).toBeLessThan(1e-4);
    expect(off(found.crops.values, wanted('crops'))).toBeLessThan(1e-4);
    expect(found.difference).toBeLessThan(1e-4);
  });

  it('averages a residual network in windows; its crops differ by what it pads, as PyTorch’s do', () => {
    const pooled = oracle('explainSlidingPooled');
    const { slid, found } = slide(pooledGraph(), pooled('image'), 39);
    expect([slid.converted, slid.stride]).toEqual([1, [2, 2]]);
    expect(found.map.shape).toEqual([4, 5, 5]);
    expect(off(found.map.values, pooled('map'))).toBeLessThan(1e-4);
    expect(off(found.crops.values, pooled('crops'))).toBeLessThan(1e-4);
    const apart = Math.max(...pooled('map').map((value, i) => Math.abs(value - pooled('crops')[i]!)));
    expect(found.difference).toBeCloseTo(apart, 4);
    // Before the average: a score for each place, whose mean is what the network says of the image as a whole.
    expect(found.activation!.shape).toEqual([4, 20, 20]);
    expect(off(found.activation!.values, pooled('activation'))).toBeLessThan(1e-4);
    const means = [0, 1, 2, 3].map(c => {
      const places = found.activation!.values.subarray(c * 400, (c + 1) * 400);
      return places.reduce((sum, value) => sum + value, 0) / 400;
    });
    expect(off(means, pooled('whole'))).toBeLessThan(1e-4);
  });

  it.each([
    ['resnet18', [384, 384], [1000, 6, 6], 32, [1000, 12, 12]],
    ['mobilenet_v2', [384, 384], [1000, 6, 6], 32, [1000, 12, 12]],
    ['densenet121', [384, 384], [1000, 6, 6], 32, [1000, 12, 12]],
    ['googlenet', [384, 384], [1000, 6, 6], 32, [1000, 12, 12]],
    ['squeezenet1_1', [384, 384], [1000, 11, 11], 16, [1000, 23, 23]],
    ['nin', [56, 56], [10, 7, 7], 4, [10, 14, 14]],
    ['resnet20', [56, 56], [10, 7, 7], 4, [10, 14, 14]],
    ['vgg16', [384, 384], [1000, 6, 6], 32, null],
    ['alexnet', [384, 384], [1000, 6, 6], 32, null],
    ['simple_cnn', [124, 92], [10, 4, 3], 32, null],
  ] as const)('lets %s slide', (name, size, shape, step, activation) => {
    const { build, input, classes } = zooModel(name)!;
    const slid = slidable(build(input, classes), size);
    const shapeOf = (id: string) => slid.inference.nodes.get(id)!.figures!.shape;
    expect([shapeOf(slid.end), slid.stride]).toEqual([shape, [step, step]]);
    expect(slid.activation && shapeOf(slid.activation)).toEqual(activation);
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
    const squeezed = chain([
      ['Input', 'input', { shape: [3, 8, 8] }],
      ['GlobalAvgPool2d', 'pool'],
      ['Conv2d', 'conv', { outChannels: 2, kernelSize: [1, 1], padding: [0, 0, 0, 0] }],
      ['Flatten', 'flatten'],
      ['Linear', 'fc', { outFeatures: 2 }],
    ]);
    expect(() => slidable(squeezed, [16, 16])).toThrow(
      'where a layer further up pools all of it, no size helps',
    );
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
