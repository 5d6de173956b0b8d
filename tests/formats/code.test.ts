/**
 * The code that is written, against PyTorch and Keras: what they made of it is committed beside a hash of the code,
 * so that a changed printer asks for another run (tests/oracles/code.py, kerasCode.py). Then what only a person
 * sees: names, branches, answers, what is at fault.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeText } from '../../src/engine/formats/code.ts';
import { kerasCode } from '../../src/engine/formats/keras.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { changeNode, connect, setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';
import { codeCases, hashOf, kerasText, pytorchText } from '../oracles/codeCases.ts';

const EXPECTED = join(import.meta.dirname, '../oracles/expected');

function answers<T>(name: string): Record<string, T> {
  return JSON.parse(readFileSync(join(EXPECTED, name), 'utf8')) as Record<string, T>;
}

const pytorch = answers<{
  hash: string;
  parameters: number;
  trainable: number;
  output: number[] | Record<string, number[]>;
  state: Record<string, number[]>;
}>('pytorchCode.json');
const keras = answers<{ hash: string; parameters: number | null; difference: number | null }>(
  'kerasCode.json',
);

const cases = codeCases();
const torchOf = (graph: Graph) => codeText(pytorchCode('a network', infer(graph)));
const kerasOf = (graph: Graph) => codeText(kerasCode('a network', infer(graph)));

it('every kind and every case has an answer of both', () => {
  const tried = cases.flatMap(({ inference }) => [...inference.nodes.values()].map(({ node }) => node.kind));
  expect([...new Set(tried)].sort()).toEqual(
    layerKinds()
      .map(({ kind }) => kind)
      .sort(),
  );
  expect(Object.keys(pytorch)).toEqual(cases.map(({ name }) => name));
  expect(Object.keys(keras)).toEqual(cases.map(({ name }) => name));
});

describe.each(cases.map(each => [each.name, each] as const))('%s', (name, each) => {
  const { totals, nodes, outputs } = each.inference;

  it('is to PyTorch what it is here', () => {
    const { hash, parameters, trainable, output, state } = pytorch[name]!;
    expect(hashOf(pytorchText(each))).toBe(hash);
    expect({ parameters, trainable }).toEqual({ parameters: totals.parameters, trainable: totals.trainable });
    const shapes = Array.isArray(output) ? [output] : Object.values(output);
    expect(shapes).toEqual(outputs.map(id => nodes.get(id)!.figures!.shape));
    const weights = [...nodes.values()].flatMap(({ node, figures }) =>
      figures!.weights.map(weight => [`${node.name}.${weight.name}`, weight.shape] as const),
    );
    expect(state).toEqual(Object.fromEntries(weights));
  });

  it('is to Keras what it is here, or is said to be impossible there', () => {
    const text = kerasText(each);
    const { hash, parameters, difference } = keras[name]!;
    expect(hashOf(text)).toBe(hash);
    if (text.includes('There is no model')) expect(parameters).toBeNull();
    else expect(parameters).toBe(totals.parameters);
    if (difference !== null) expect(difference).toBeLessThan(1e-5);
  });
});

it('what Keras cannot compute is little, and told', () => {
  const impossible = cases.filter(each => kerasText(each).includes('There is no model'));
  expect(impossible.map(({ name }) => name.replace(/-\d+$/, ''))).toEqual([
    'ConvTranspose2d',
    'ConvTranspose2d',
    'ConvTranspose2d',
    'BatchNorm2d',
    'InstanceNorm2d',
    'InstanceNorm2d',
    'MaxPool2d',
    'MaxPool2d',
  ]);
  for (const each of impossible) expect(kerasText(each)).toMatch(/^# layer \(\w+\): Keras .+\.$/m);
});

describe('what a person reads', () => {
  const small: ChainLink[] = [
    ['Input', 'input', { shape: [1, 28, 28] }],
    ['Conv2d', 'conv1', { outChannels: 8 }],
    ['ReLU', 'relu1'],
    ['Flatten', 'flatten'],
    ['Linear', 'fc', { outFeatures: 10 }],
  ];

  it('a chain is nn.Sequential with the nodes by name and the shapes beside them', () => {
    expect(torchOf(chain(small))).toBe(`# a network · 1×28×28 → 10 · 62,810 parameters
from collections import OrderedDict

from torch import nn

model = nn.Sequential(OrderedDict([
    # Input: 1×28×28
    ("conv1", nn.Conv2d(1, 8, kernel_size=3, padding=1)),  # 8×28×28
    ("relu1", nn.ReLU()),                                  # 8×28×28
    ("flatten", nn.Flatten()),                             # 6272
    ("fc", nn.Linear(6272, 10)),                           # 10
]))
`);
  });

  it('branches have names, and join by + or torch.cat', () => {
    const resnet = torchOf(zooModel('resnet20')!.build([3, 32, 32], 10));
    expect(resnet).toContain('        x = layer1_0_bn2 + x\n');
    const unet = torchOf(zooModel('unet')!.build([3, 64, 64], 2));
    expect(unet).toMatch(/x = torch\.cat\(\[\w+, \w+\], dim=1\)/);
  });

  it('a name that Python or nn.Module has of its own gets an underscore', () => {
    const graph = changeNode(changeNode(chain(small), 'conv1', { name: 'forward' }), 'fc', { name: 'class' });
    expect(torchOf(graph)).toContain('("forward_", nn.Conv2d(');
    expect(torchOf(graph)).toContain('("class_", nn.Linear(');
  });

  it('a bypassed node is left out, and said to be', () => {
    const text = torchOf(changeNode(chain(small), 'relu1', { bypassed: true }));
    expect(text).toContain('# relu1 (ReLU) is bypassed.');
    expect(text).not.toContain('nn.ReLU');
  });

  it('frozen weights and known kernels are set behind the network', () => {
    const graph = setParams(chain(small), 'conv1', { frozen: true, weights: 'top edge' });
    expect(torchOf(graph)).toContain(
      'model.conv1.weight.copy_(torch.tensor((-1, -1, -1, 0, 0, 0, 1, 1, 1)).view(3, 3))',
    );
    expect(torchOf(graph)).toContain('model.conv1.requires_grad_(False)');
    expect(kerasOf(graph)).toContain('trainable=False, name="conv1"');
  });

  it('an error stands at its node, and the rest is written all the same', () => {
    const graph = setParams(chain(small), 'conv1', { kernelSize: [40, 40] });
    const text = torchOf(graph);
    expect(text).toMatch(
      /# Error: conv1: The kernel reaches over 40 pixels[^\n]*\n {4}# \("conv1", nn\.Conv2d\(1, 8,/,
    );
    expect(text).toContain('# ("fc", nn.Linear(?, 10)),');
    expect(kerasOf(graph)).toContain('# Error: conv1: The kernel reaches over 40 pixels');
    expect(kerasOf(graph)).toContain('There is no model');
  });

  it('a cycle or an open input does not stop the writing', () => {
    const { nodes, edges } = chain(small);
    const looped = { nodes, edges: [...edges, { source: 'fc', target: 'conv1', input: 0 }] };
    expect(torchOf({ nodes, edges: edges.slice(1) })).toContain('open input');
    expect(torchOf(looped)).toContain('# Error:');
    expect(kerasOf(looped)).toContain('# Error:');
    expect(torchOf({ nodes: {}, edges: [] })).toContain('from torch import nn');
  });

  it('each line knows its node', () => {
    const graph = connect(chain(small), { source: 'relu1', target: 'fc', input: 0 });
    for (const lines of [pytorchCode('a', infer(chain(small))), kerasCode('a', infer(graph))]) {
      const of = (id: string) => lines.filter(({ node }) => node === id).map(({ text }) => text);
      expect(of('conv1').join()).toContain('conv1');
      expect(of('fc').join()).toContain('fc');
    }
  });
});
