/**
 * Whole networks over five training steps, held against PyTorch by the loss of each step and, of each tensor after
 * the last, its norm and a weighted sum: numbers enough to show any wrong weight, few enough to keep.
 */
import type { Graph, ProjectDocument, Training } from '../../src/engine/graph/document.ts';
import { addNode, connect, newNode, setParams } from '../../src/engine/graph/edits.ts';
import { expand } from '../../src/engine/graph/expand.ts';
import { freezeLayers, layersMatching } from '../../src/engine/graph/freezeLayers.ts';
import { infer } from '../../src/engine/graph/infer.ts';
import { layerKind } from '../../src/engine/layers/registry.ts';
import { efficientnetLite0 } from '../../src/engine/zoo/efficientnetLite.ts';
import { lenet } from '../../src/engine/zoo/lenet.ts';
import { localizer } from '../../src/engine/zoo/localizer.ts';
import { mobilenetV2 } from '../../src/engine/zoo/mobilenet.ts';
import { mobilenetV3Small } from '../../src/engine/zoo/mobilenetV3.ts';
import { resnet20 } from '../../src/engine/zoo/resnet.ts';
import { unet } from '../../src/engine/zoo/unet.ts';
import { type Case, localizing, trainedWith } from './cases.ts';

type Row = readonly [kind: string, name: string, params: object, ...sources: string[]];

function graphOf(rows: readonly Row[]): Graph {
  let graph: Graph = { nodes: {}, edges: [] };
  for (const [kind, name, params, ...sources] of rows) {
    const node = newNode(graph, layerKind(kind)!, { x: 0, y: 0 }, params);
    graph = addNode(graph, { ...node, name }, name).graph;
    for (const [input, source] of sources.entries()) graph = connect(graph, { source, target: name, input });
  }
  return graph;
}

/** Convolution, BatchNorm2d, ReLU; the last is called after the convolution. */
const block = (name: string, source: string, outChannels: number): Row[] => [
  ['Conv2d', `${name}_conv`, { outChannels, bias: false }, source],
  ['BatchNorm2d', `${name}_bn`, {}, `${name}_conv`],
  ['ReLU', name, {}, `${name}_bn`],
];

function cifarBn(): Graph {
  const widths = [32, 32, 64, 64, 128, 128];
  const rows: Row[] = [['Input', 'input', { shape: [3, 32, 32] }]];
  let source = 'input';
  for (const [i, width] of widths.entries()) {
    rows.push(...block(`b${i}`, source, width));
    source = `b${i}`;
    if (i % 2 === 0 || i === widths.length - 1) continue;
    rows.push(['MaxPool2d', `pool${i}`, {}, source]);
    source = `pool${i}`;
  }
  rows.push(
    ['GlobalAvgPool2d', 'average', {}, source],
    ['Flatten', 'flatten', {}, 'average'],
    ['Linear', 'head', { outFeatures: 10 }, 'flatten'],
  );
  return graphOf(rows);
}

/** What each drops by chance of its own cannot be held against the other. */
function withoutDropout(graph: Graph): Graph {
  const dropping = Object.keys(graph.nodes).filter(id => graph.nodes[id]!.kind === 'Dropout');
  return dropping.reduce((current, id) => setParams(current, id, { p: 0 }), graph);
}

const momentum = { kind: 'SGD', params: { momentum: 0.9, weightDecay: 1e-4 } };
const masking: Training['losses'] = [
  { answer: 'mask', kind: 'CrossEntropyLoss', params: {}, weight: 1 },
  { answer: 'mask', kind: 'DiceLoss', params: {}, weight: 1 },
];

const five = (name: string, graph: Graph, batch: number, training: Partial<Training> = {}): Case => {
  const settings = { optimizer: momentum, learningRate: 0.02, ...training };
  const document: ProjectDocument = trainedWith(graph, settings);
  return { name: `five-${name}`, document, batch, steps: 5, brief: true };
};

const mobile = () => withoutDropout(mobilenetV2.build([3, 64, 64], 10));

/** EfficientNet-Lite0 of which the last stages learn: what is frozen normalises by the statistics that it keeps. */
function transferring(): Graph {
  const graph = withoutDropout(efficientnetLite0.build([3, 48, 48], 10));
  const inference = infer(graph);
  const kept = ['conv_stem', 'bn1', ...[1, 2, 3, 4, 5, 6].map(stage => `stage${stage}`)].flatMap(part =>
    layersMatching(inference, `backbone.0.${part}`),
  );
  const frozen = freezeLayers(graph, inference, new Set(kept));
  if ('refusal' in frozen) throw new Error(frozen.refusal);
  return expand(frozen.graph).graph;
}

export function networkCases(): Case[] {
  return [
    five('lenet', lenet.build([1, 28, 28], 10), 8),
    five('cifar_bn', cifarBn(), 6),
    five('resnet20', resnet20.build([3, 32, 32], 10), 6),
    five('mobilenet_v2', mobile(), 8, { learningRate: 0.005 }),
    five('mobilenet_v3_small', withoutDropout(mobilenetV3Small.build([3, 64, 64], 10)), 8, {
      learningRate: 0.005,
    }),
    five('unet', unet.build([3, 32, 32], 3), 3, { losses: masking }),
    five('transfer', transferring(), 8, {
      learningRate: 0.01,
      rates: [
        { layers: 'backbone.0.stage7', factor: 0.5 },
        { layers: 'backbone', factor: 0.25 },
      ],
    }),
    five('localizer', localizer.build([3, 32, 32], 10), 8, {
      losses: localizing,
      optimizer: { kind: 'AdamW', params: {} },
      learningRate: 0.003,
    }),
  ];
}

/**
 * Batches so small that the statistics of the last layers come from sixteen numbers: rounding grows tenfold a step, and
 * PyTorch's own float32 is 2 · 10⁻³ away from its float64 after five. In float64 there is nothing to grow.
 */
export const smallBatch = () => five('mobilenet_v2_small', mobile(), 4, { learningRate: 0.005 });
