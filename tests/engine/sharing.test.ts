/** What every kernel owes its neighbours: gradients that add up, and the same bits for any number of threads. */
import { expect, it } from 'vitest';
import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import { type Graph, newDocument } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode } from '../../src/engine/graph/edits.ts';
import { layerKind, layerKinds } from '../../src/engine/layers/registry.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { batchOf, cases, formula, weightsOf } from '../oracles/cases.ts';

const examples = cases().filter(({ steps, name }) => /-[01]$/.test(name) && steps === 1);

it.each(examples.map(each => [each.name, each] as const))(
  '%s has the same bits on 1 and 3 threads',
  (_, each) => {
    const { document } = each;
    const [weights, batch] = [weightsOf(each), batchOf(each)];
    const one = singleStep({ document, weights, batch, backend: 'wasm', threads: 1 });
    expect(singleStep({ document, weights, batch, backend: 'wasm', threads: 3 })).toEqual(one);
  },
);

/** A 1×1 convolution that feeds a layer and its twin, whose sum is classified; or one layer, added to itself. */
function twinsOf(
  kind: string,
  params: Record<string, unknown>,
  [channels, height, width]: readonly number[],
  apart: boolean,
): Graph {
  let graph = chain([
    ['Input', 'input', { shape: [2, height, width] }],
    ['Conv2d', 'before', { outChannels: channels, kernelSize: [1, 1], padding: [0, 0, 0, 0] }],
    [kind, 'layer', params],
  ]);
  const add = (name: string, kindName: string, sources: readonly string[], set: object = {}) => {
    const node = { ...newNode(graph, layerKind(kindName)!, { x: 0, y: 0 }, set), name };
    graph = addNode(graph, node, name).graph;
    for (const [input, source] of sources.entries()) graph = connect(graph, { source, target: name, input });
  };
  if (apart) add('twin', kind, ['before'], params);
  add('sum', 'Add', ['layer', apart ? 'twin' : 'layer']);
  add('flatten', 'Flatten', ['sum']);
  add('head', 'Linear', ['flatten'], { outFeatures: 3 });
  return graph;
}

const layers = layerKinds()
  .filter(({ inputs, family }) => inputs === 1 && family !== 'regularisation')
  .flatMap(({ kind, examples }) => examples.map((example, i) => [`${kind}-${i}`, kind, example] as const))
  // Softmax over one channel is 1 whatever goes in: nothing flows back.
  .filter(([, , { input }]) => input.length === 3 && input[0]! > 1);

it.each(layers)(
  '%s adds its gradient to what another consumer of the same value wrote',
  (_, kind, example) => {
    const gradientOf = (apart: boolean, backend: 'wasm' | 'reference') => {
      const document = newDocument('twins', twinsOf(kind, example.params, example.input, apart));
      const each = { name: 'twins', document, batch: 2, steps: 1 };
      const weights = new Map<string, NamedTensor>(
        [...weightsOf(each)].map(([name, { shape }]) => [
          name,
          { ...formula(name.replace('twin.', 'layer.'), shape, 0.3), name },
        ]),
      );
      const answer = singleStep({ document, weights, batch: batchOf(each), backend, threads: 1 });
      return answer.find(({ name }) => name === 'grad.before.weight')!.values;
    };
    for (const [backend, tolerance] of [
      ['reference', 1e-6],
      ['wasm', 1e-4],
    ] as const) {
      const [wanted, actual] = [gradientOf(false, backend), gradientOf(true, backend)];
      const size = Math.max(...wanted.map(Math.abs));
      expect(size).toBeGreaterThan(0);
      for (const [i, value] of wanted.entries())
        expect(Math.abs(actual[i]! - value)).toBeLessThan(tolerance * size);
    }
  },
);
