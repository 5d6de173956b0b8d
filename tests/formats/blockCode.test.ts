/**
 * Blocks in code: whatever part of a network becomes a block, the classes that are written make the same modules
 * under the names of our weights. What the classes compute, tests/oracles asks PyTorch.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeText } from '../../src/engine/formats/code.ts';
import { kerasCode } from '../../src/engine/formats/keras.ts';
import { pytorchCode } from '../../src/engine/formats/pytorch.ts';
import { makeBlock, refusesBlock } from '../../src/engine/graph/blockEdits.ts';
import type { Graph, NodeId } from '../../src/engine/graph/document.ts';
import { editAt } from '../../src/engine/graph/drawings.ts';
import { changeNode, setParams } from '../../src/engine/graph/edits.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';
import { blockGraphs } from '../oracles/blockCases.ts';
import { modulesIn } from './modulesIn.ts';

const torchOf = (graph: Graph) => codeText(pytorchCode('a network', infer(graph)));

/** The constructor calls of the same network without blocks, by the names that inference has for its layers. */
function expectedOf(graph: Graph): Record<string, string> {
  const { graph: apart, nodes } = infer(graph);
  const names = new Map([...nodes.values()].map(({ node: { name } }) => [name.replaceAll('.', '_'), name]));
  const modules = Object.entries(modulesIn(torchOf(flattened(apart))));
  return Object.fromEntries(modules.map(([name, call]) => [names.get(name) ?? name, call]));
}

/** The layers of a network, with names that are words. */
function flattened(graph: Graph): Graph {
  const nodes = Object.entries(graph.nodes).map(
    ([id, node]) => [id, { ...node, name: node.name.replaceAll('.', '_') }] as const,
  );
  return { ...graph, nodes: Object.fromEntries(nodes) };
}

/** Without modules that only pad, which have no name of ours, and without a stride that goes without saying. */
const named = (modules: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(modules)
      .filter(([name]) => !name.endsWith('_pad'))
      .map(([name, call]) => [name, call.replace(', stride=1,', ',')]),
  );

describe('Any part of a network as a block', () => {
  it.each(['lenet', 'resnet20', 'squeezenet1_1', 'unet', 'googlenet', 'mobilenet_v2'])(
    'of %s is written as the modules that it holds, also with a block inside',
    name => {
      const model = zooModel(name)!;
      const graph = model.build(model.input, model.classes);
      const ids = Object.keys(graph.nodes);
      const property = fc.property(
        fc.nat(ids.length - 1),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 3 }),
        (from, count, inner) => {
          const part = ids.slice(from, from + count);
          fc.pre(refusesBlock(graph, part) === undefined);
          const blocked = nest(graph, part, inner);
          expect(named(modulesIn(torchOf(blocked)))).toEqual(named(expectedOf(blocked)));
        },
      );
      fc.assert(property, { numRuns: 15, seed: 5 });
    },
  );

  it.each(Object.entries(blockGraphs()))('%s: every module by its own name', (_, graph) => {
    expect(named(modulesIn(torchOf(graph)))).toEqual(named(expectedOf(graph)));
  });
});

/** Nodes as a block, and some of what is in it as another. */
function nest(graph: Graph, ids: readonly NodeId[], inner: number): Graph {
  const outer = makeBlock(graph, ids);
  if ('refusal' in outer) throw new Error(outer.refusal);
  return editAt(outer.graph, `${outer.id}/0/`, drawing => {
    const part = ids.slice(0, inner);
    if (refusesBlock(drawing, part) !== undefined) return drawing;
    const made = makeBlock(drawing, part);
    return 'refusal' in made ? drawing : made.graph;
  });
}

const small: ChainLink[] = [
  ['Input', 'input', { shape: [1, 28, 28] }],
  ['Conv2d', 'conv1', { outChannels: 8 }],
  ['ReLU', 'relu1'],
  ['Flatten', 'flatten'],
  ['Linear', 'fc', { outFeatures: 10 }],
];

function made(graph: Graph, ids: readonly NodeId[], name: string): { graph: Graph; id: NodeId } {
  const result = makeBlock(graph, ids, name);
  if ('refusal' in result) throw new Error(result.refusal);
  return result;
}

describe('What a person reads of a block', () => {
  const { graph, id } = made(chain(small), ['conv1', 'relu1'], 'feature step');

  it('is a class of its own, which takes what its repetitions do not have in common', () => {
    expect(torchOf(changeNode(setParams(graph, id, { repeat: 4 }), id, { name: 'features' }))).toBe(
      `# a network · 1×28×28 → 10 · 64,562 parameters
from collections import OrderedDict

from torch import nn


class FeatureStep(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 8, kernel_size=3, padding=1)  # 8×28×28
        self.relu1 = nn.ReLU()                                            # 8×28×28

    def forward(self, x):
        x = self.conv1(x)
        x = self.relu1(x)
        return x


model = nn.Sequential(OrderedDict([
    # Input: 1×28×28
    ("features", nn.Sequential(FeatureStep(1), *[FeatureStep(8) for _ in range(3)])),  # 8×28×28
    ("flatten", nn.Flatten()),                                                         # 6272
    ("fc", nn.Linear(6272, 10)),                                                       # 10
]))
`,
    );
  });

  it('is written out in Keras, each layer by its place', () => {
    const text = codeText(kerasCode('a network', infer(changeNode(graph, id, { name: 'features' }))));
    expect(text).toContain('name="features_0_conv1")(inputs)');
  });

  it('that is bypassed or at fault says so, and stops nothing', () => {
    expect(torchOf(changeNode(graph, id, { bypassed: true }))).toContain('(Block) is bypassed.');
    const wrong = editAt(graph, `${id}/0/`, inner => setParams(inner, 'conv1', { kernelSize: [40, 40] }));
    expect(torchOf(wrong)).toMatch(/class FeatureStep[\s\S]+# Error:[^\n]+\n {8}# self\.conv1 = /);
    expect(torchOf({ ...graph, blocks: {} })).toContain(
      'the block that it is a copy of is not in this project',
    );
    const itself = editAt(graph, `${id}/0/`, inner =>
      setParams(changeNode(inner, 'relu1', { kind: 'Block' }), 'relu1', {
        block: Object.keys(graph.blocks!)[0]!,
      }),
    );
    expect(torchOf(itself)).toContain('stands inside itself');
  });

  it('that takes in an image by itself passes it on', () => {
    const first = made(chain(small), ['input', 'conv1'], 'stem');
    expect(torchOf(first.graph)).toContain('class Stem(nn.Module):');
    expect(named(modulesIn(torchOf(first.graph)))).toEqual(named(expectedOf(first.graph)));
  });

  it('that takes in an image beside what flows into it is taken apart', () => {
    const inside = editAt(graph, `${id}/0/`, inner => ({
      nodes: {
        ...inner.nodes,
        more: { kind: 'Input', name: 'more', params: { shape: [8, 28, 28] }, x: 0, y: 0 },
        sum: { kind: 'Add', name: 'sum', params: {}, x: 0, y: 0 },
      },
      edges: [
        ...inner.edges,
        { source: 'relu1', target: 'sum', input: 0 },
        { source: 'more', target: 'sum', input: 1 },
      ],
    }));
    expect(torchOf(inside)).toContain('# Blocks are taken apart: one of them takes in an image of its own.');
    expect(torchOf(inside)).toMatch(/def forward\(self, x, \w+_0_more\):/);
  });

  it('has lines that know the layer of its first copy', () => {
    const lines = pytorchCode('a', infer(graph));
    const of = (node: string) => lines.filter(each => each.node === node).map(({ text }) => text.trim());
    expect(of(`${id}/0/conv1`)[1]).toBe('x = self.conv1(x)');
    expect(of(id).join()).toContain('FeatureStep()');
  });
});
