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
import { builtins, keywords, moduleNames } from '../../src/engine/formats/pythonNames.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import { readPastedCode } from '../../src/engine/formats/sequentialText.ts';
import type { Graph } from '../../src/engine/graph/document.ts';
import { changeNode, connect, setParams } from '../../src/engine/graph/edits.ts';
import { isFrozen } from '../../src/engine/graph/freezing.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';
import { attributesOf, codeCases, hashOf, kerasText, pytorchText } from '../oracles/codeCases.ts';
import { hostileNames, pythonNames } from '../oracles/nameCases.ts';

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
  /** The running statistics that change in training. */
  moving: string[];
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
    const { hash, parameters, trainable, output, state, moving } = pytorch[name]!;
    expect(hashOf(pytorchText(each))).toBe(hash);
    expect({ parameters, trainable }).toEqual({ parameters: totals.parameters, trainable: totals.trainable });
    const shapes = Array.isArray(output) ? [output] : Object.values(output);
    expect(shapes).toEqual(outputs.map(id => nodes.get(id)!.figures!.shape));
    const attributes = name.startsWith('names-') ? attributesOf(each.inference) : new Map<string, string>();
    const weights = [...nodes].flatMap(([id, { node, figures }]) =>
      figures!.weights.map(weight => ({
        ...weight,
        node,
        name: `${attributes.get(id) ?? node.name}.${weight.name}`,
      })),
    );
    expect(state).toEqual(Object.fromEntries(weights.map(weight => [weight.name, weight.shape])));
    const learning = weights.filter(weight => weight.learning === 'buffer' && !isFrozen(weight.node));
    expect(moving.toSorted()).toEqual(learning.map(weight => weight.name).toSorted());
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
    'frozen-layers',
  ]);
  for (const each of impossible) expect(kerasText(each)).toMatch(/^# \w+ \(\w+\): Keras .+\.$/m);
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

  it('each name keeps to its own, unless Python or nn.Module has it, which is said', () => {
    expect(pythonNames.keywords.filter(name => !keywords.has(name))).toEqual([]);
    const isPublic = (name: string) => !name.startsWith('__');
    expect(pythonNames.module.filter(name => isPublic(name) && !moduleNames.has(name))).toEqual([]);
    expect(
      pythonNames.builtins.filter(name => isPublic(name) && !builtins.has(name) && !keywords.has(name)),
    ).toEqual([]);
    const branches = cases.find(({ name }) => name === 'names-branches')!.inference;
    const text = codeText(pytorchCode('names', branches));
    const attributes = attributesOf(branches);
    expect(new Set(attributes.values()).size).toBe(attributes.size);
    for (const [id, attribute] of attributes) {
      const { name } = branches.nodes.get(id)!.node;
      const isTaken = name.startsWith('__') || keywords.has(name) || moduleNames.has(name);
      expect(attribute !== name, name).toBe(isTaken);
      expect(text.includes(`# ${name} is called ${attribute} here`), name).toBe(isTaken);
    }
    expect(attributes.size).toBeGreaterThan(hostileNames.length);
  });

  it('who can keep its name does, whatever others become', () => {
    const graph = changeNode(changeNode(chain(small), 'conv1', { name: 'forward' }), 'fc', {
      name: 'forward_',
    });
    expect(torchOf(graph)).toContain('("forward_", nn.Linear(');
    expect(torchOf(graph)).toContain('("forward_2", nn.Conv2d(');
  });

  it('what no Python file may hold stands in no comment', () => {
    expect(codeText(pytorchCode('a\u0000b\ud800c', infer(chain(small))))).toContain('# a\ufffdb\ufffdc · ');
  });

  it('an image that comes in beside another keeps its variable in Keras', () => {
    const { nodes } = chain([
      ['Input', 'left', { shape: [1, 8, 8] }],
      ['Conv2d', 'before', { outChannels: 1 }],
      ['Input', 'right', { shape: [1, 8, 8] }],
      ['Conv2d', 'aside', { outChannels: 1 }],
      ['Add', 'sum'],
    ]);
    const edges = [
      { source: 'left', target: 'before', input: 0 },
      { source: 'right', target: 'aside', input: 0 },
      { source: 'before', target: 'sum', input: 0 },
      { source: 'aside', target: 'sum', input: 1 },
    ];
    const text = kerasOf({ nodes, edges });
    expect(text).toContain('inputs_2 = keras.Input((8, 8, 1), name="right")');
    expect(text).toContain('name="aside")(inputs_2)');
    expect(text).toContain('model = keras.Model([inputs, inputs_2], x)');
  });

  it('a frozen normalisation stays in evaluation, in both', () => {
    const graph = changeNode(
      chain([
        ['Input', 'input', { shape: [1, 8, 8] }],
        ['BatchNorm2d', 'bn'],
      ]),
      'bn',
      { frozen: true },
    );
    expect(torchOf(graph)).toContain('("bn", FrozenBatchNorm2d(1))');
    expect(torchOf(graph)).toContain('        return super().train(False)\n');
    expect(kerasOf(graph)).toContain('trainable=False, name="bn"');
    const pasted = readPastedCode(torchOf(graph));
    expect('graph' in pasted && pasted.graph.nodes.bn).toMatchObject({ kind: 'BatchNorm2d', frozen: true });
    expect('graph' in pasted && pasted.notes).toEqual([]);
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
