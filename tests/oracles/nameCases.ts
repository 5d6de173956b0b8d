/**
 * Networks whose layers, blocks and parameters are called what Python, nn.Module and the written code itself have
 * names for: every name that expected/pythonNames.json found there, in a chain, in branches and in blocks.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Block, Edge, Graph, GraphNode } from '../../src/engine/graph/document.ts';
import { layerKinds } from '../../src/engine/layers/registry.ts';
import { type ChainLink, chain } from '../../src/engine/zoo/zoo.ts';
import { drawing, exposed } from './blockCases.ts';

interface PythonNames {
  readonly keywords: readonly string[];
  readonly builtins: readonly string[];
  readonly module: readonly string[];
}

export const pythonNames = JSON.parse(
  readFileSync(join(import.meta.dirname, 'expected/pythonNames.json'), 'utf8'),
) as PythonNames;

/** What the code imports, defines or calls something by; the names that Keras gives by itself; names in disguise. */
const WRITTEN =
  'self x model Net nn torch F copy OrderedDict inputs inputs_ inputs_2 layers keras np ops layer kernel match case _ __ ___ Pad2D PadImage2D GaussianNoise DropPath CircularPad2d FrozenBatchNorm2d zero_padding2d zero_padding2d_1 pad_image2_d permute reshape dropout __own __own_ _own _Net__own forward_ class_ super_ conv_pad conv';

export const hostileNames: readonly string[] = [
  ...new Set([
    ...pythonNames.keywords,
    ...pythonNames.builtins,
    ...pythonNames.module,
    ...WRITTEN.split(' '),
    ...layerKinds().map(({ kind }) => kind),
  ]),
];

const node = (kind: string, name: string, params: object = {}, y = 0): GraphNode => {
  return { kind, name, params: { ...params } as GraphNode['params'], x: 0, y };
};

/** One after the other: entries of an nn.Sequential. */
function inAChain(): Graph {
  const links = hostileNames.map(
    (name): ChainLink => ['Conv2d', name, { outChannels: 2, kernelSize: [1, 1] }],
  );
  return chain([['Input', 'image', { shape: [2, 6, 6] }], ...links]);
}

/** Beside one another: attributes and variables, while helper classes are at work among them. */
function inBranches(): Graph {
  const padded = { outChannels: 2, kernelSize: [3, 3], padding: [1, 1, 1, 1] };
  const nodes: Record<string, GraphNode> = { image: node('Input', 'image', { shape: [2, 6, 6] }) };
  const edges: Edge[] = [];
  for (const [i, name] of hostileNames.entries()) {
    const mode = ['zeros', 'reflect', 'circular'][i % 3];
    nodes[`n${i}`] = node('Conv2d', name, { ...padded, paddingMode: mode }, i);
    edges.push({ source: 'image', target: `n${i}`, input: 0 }, { source: `n${i}`, target: 'sum', input: i });
  }
  nodes.sum = node('Add', 'sum_of_all');
  nodes.last = node('Conv2d', 'last', { ...padded, padding: [1, 1, 2, 1] });
  nodes.norm = { ...node('BatchNorm2d', 'norm'), frozen: true };
  for (const [source, target] of [
    ['sum', 'last'],
    ['last', 'norm'],
  ] as const)
    edges.push({ source, target, input: 0 });
  return { nodes, edges };
}

/** Blocks by the names of classes, whose parameters are called what a constructor needs itself. */
const BLOCKS: readonly (readonly [title: string, parameter: string])[] = [
  ['net', 'self'],
  ['drop path', 'nn'],
  ['Frozen Batch Norm2d', '__width'],
  ['not implemented error', 'range'],
  ['True', 'class'],
  ['super', 'torch'],
];

function inBlocks(): Graph {
  const blocks = BLOCKS.map(([name, parameter], i): [string, Block] => {
    const inner = drawing([
      ['in1', 'BlockInput', [], { index: 0 }],
      ['conv', 'Conv2d', ['in1'], { kernelSize: [1, 1] }],
      ['norm', 'BatchNorm2d', ['conv']],
      ['drop', 'DropPath', ['norm'], { p: 0 }],
    ]);
    return [`b${i}`, { name, exposed: exposed({ [parameter]: ['conv.outChannels'] }), graph: inner }];
  });
  let before = 'image';
  const copies = BLOCKS.flatMap(([, parameter], i) =>
    [3 + i, 9].map(width => {
      const part = [`step${i}_${width}`, `b${i}`, [before], { [parameter]: width, repeat: 2 }] as const;
      before = part[0];
      return part;
    }),
  );
  const ids = blocks.map(([id]) => id);
  const image = ['image', 'Input', [], { shape: [2, 6, 6] }] as const;
  const { nodes, edges } = drawing([image, ...copies], ids);
  const last = { ...nodes[before]!, frozen: true as const };
  return { nodes: { ...nodes, [before]: last }, edges, blocks: Object.fromEntries(blocks) };
}

export function nameGraphs(): Readonly<Record<string, Graph>> {
  return { 'names-chain': inAChain(), 'names-branches': inBranches(), 'names-blocks': inBlocks() };
}
