/**
 * Linear as a convolution, and back: the figures of VGG's classifier, and the same numbers out of the engine for
 * both networks, with the reshaped weights.
 */
import { describe, expect, it } from 'vitest';
import type { NamedTensor } from '../../src/engine/formats/safetensors.ts';
import {
  type Conversion,
  convert,
  convToLinear,
  convToLinearWeight,
  linearToConv,
  linearToConvWeight,
  reshapeWeight,
} from '../../src/engine/graph/convert.ts';
import { diagnose } from '../../src/engine/graph/diagnostics/diagnose.ts';
import { type Graph, newDocument } from '../../src/engine/graph/document.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { singleStep } from '../../src/engine/runtime/singleStep.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { batchOf, weightsOf } from '../oracles/cases.ts';

const caseOf = (graph: Graph) => ({ name: 'c', document: newDocument('c', graph), batch: 3, steps: 1 });

/** Loss, output and gradients of both networks, of the same weights; the gradients in the first one's shapes. */
function bothSides(before: Graph, { graph: after, weightShapes }: Conversion) {
  const weights = weightsOf(caseOf(before));
  const reshaped = new Map(
    [...weights].map(([name, tensor]) => {
      const shape = name.endsWith('.weight') && weightShapes.get(name.slice(0, -'.weight'.length));
      const { values } = tensor as NamedTensor & { values: Float32Array };
      return [name, shape ? { name, ...reshapeWeight({ shape: tensor.shape, values }, shape) } : tensor];
    }),
  );
  const batch = batchOf(caseOf(before));
  const run = (graph: Graph, given: ReadonlyMap<string, NamedTensor>) =>
    new Map(
      singleStep({
        document: newDocument('c', graph),
        weights: given,
        batch,
        backend: 'reference',
        threads: 1,
      }).map(tensor => [tensor.name, tensor.values]),
    );
  return [run(before, weights), run(after, reshaped)] as const;
}

function expectEqual(before: Graph, conversion: Conversion): void {
  expect(diagnose(infer(conversion.graph)).filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(infer(conversion.graph).totals.parameters).toBe(infer(before).totals.parameters);
  expect(infer(conversion.graph).totals.macs).toBe(infer(before).totals.macs);
  const [one, other] = bothSides(before, conversion);
  expect([...other.keys()].sort()).toEqual([...one.keys()].sort());
  for (const [name, values] of one) {
    const difference = Math.max(...Array.from(values, (value, i) => Math.abs(value - other.get(name)![i]!)));
    expect(difference, name).toBeLessThan(1e-6);
  }
}

const kindsOf = (graph: Graph) => {
  const { order, nodes } = infer(graph);
  return order.map(id => nodes.get(id)!.node.kind);
};

describe('Linear to Conv2d', () => {
  const head = chain([
    ['Input', 'input', { shape: [512, 7, 7] }],
    ['ReLU', 'relu'],
    ['Flatten', 'flatten'],
    ['Linear', 'fc', { outFeatures: 4096 }],
  ]);

  it('of the notes: 7×7×512 into 4096 becomes 4096 filters of 7×7 without padding', () => {
    const { graph, weightShapes } = linearToConv(head, infer(head), 'fc')!;
    expect(graph.nodes.fc).toMatchObject({
      kind: 'Conv2d',
      params: { outChannels: 4096, kernelSize: [7, 7], padding: [0, 0, 0, 0], stride: [1, 1] },
    });
    expect(weightShapes.get('fc')).toEqual([4096, 512, 7, 7]);
    expect(infer(graph).totals.parameters).toBe(4096 * (512 * 49 + 1));
    expect(infer(graph).nodes.get('fc')!.figures!.shape).toEqual([4096, 1, 1]);
  });

  it('of LeNet’s whole classifier gives the same numbers, whichever layer is named', () => {
    const graph = lenet.build([1, 14, 12], 5);
    for (const id of ['fc1', 'fc2', 'fc3']) {
      const conversion = convert(graph, infer(graph), id)!;
      expect(kindsOf(conversion.graph)).not.toContain('Linear');
      expectEqual(graph, conversion);
    }
  });

  it('is refused where there is no Flatten before it', () => {
    const graph = lenet.build([1, 28, 28], 5);
    expect(convert(graph, infer(graph), 'conv2')).toBeUndefined();
    expect(convert(graph, infer(graph), 'relu1')).toBeUndefined();
  });
});

describe('Conv2d to Linear', () => {
  it('undoes the way there: layers, weights and numbers', () => {
    const graph = lenet.build([1, 14, 12], 5);
    const there = linearToConv(graph, infer(graph), 'fc1')!;
    const back = convToLinear(there.graph, infer(there.graph), 'fc1')!;
    expect(kindsOf(back.graph)).toEqual(kindsOf(graph));
    expectEqual(there.graph, back);
  });

  it('is refused where the kernel moves, pads, or leaves an image that is wanted', () => {
    const conv = (params: object) =>
      chain([
        ['Input', 'input', { shape: [3, 5, 5] }],
        ['Conv2d', 'conv', { ...params }],
        ['ReLU', 'relu'],
        ['MaxPool2d', 'pool', { kernelSize: [1, 1], stride: [1, 1] }],
      ]);
    for (const params of [
      {},
      { kernelSize: [5, 5], stride: [9, 9], padding: [2, 2, 2, 2] },
      { kernelSize: [5, 5], padding: 'valid' },
    ]) {
      const graph = conv(params);
      expect(convToLinear(graph, infer(graph), 'conv')).toBeUndefined();
    }
  });
});

it('reshapes weights in PyTorch’s order, and refuses other sizes', () => {
  const weight = { shape: [2, 12], values: Float32Array.from({ length: 24 }, (_, i) => i) };
  const kernel = linearToConvWeight(weight, [3, 2, 2]);
  expect(kernel).toEqual({ shape: [2, 3, 2, 2], values: weight.values });
  expect(convToLinearWeight(kernel)).toEqual(weight);
  expect(() => linearToConvWeight(weight, [5, 2, 2])).toThrow('A weight of 2×12 cannot become 2×5×2×2');
});
