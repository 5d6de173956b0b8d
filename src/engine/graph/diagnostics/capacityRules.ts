/** Warnings about receptive fields, widths, and the distribution of parameters. */
import type { Repair } from '../../layers/repair.ts';
import { shapeText } from '../../layers/shape.ts';
import { pairText } from '../../layers/window.ts';
import type { NodeId } from '../document.ts';
import {
  consumersOf,
  type Finding,
  isLinearOperation,
  type LayerRef,
  layerAt,
  perRuleContext,
  type Rule,
  type RuleContext,
  sourceOf,
  windowOf,
} from './ruleContext.ts';

/** What follows a node. */
interface Downstream {
  /** Whether any following layer has weights. */
  readonly hasWeights: boolean;
  /** The most channels among the following layers with the node's own height, up to a layer with another. */
  readonly widest: number;
}

/** For every node, computed from the network's end. */
const downstreamOf = perRuleContext(context => {
  const found = new Map<NodeId, Downstream>();
  for (const id of context.order.toReversed()) {
    const height = layerAt(context, id)?.figures.shape[1];
    let [weighing, widest] = [false, 0];
    for (const next of consumersOf(context, id)) {
      const [layer, further] = [layerAt(context, next), found.get(next)];
      if (!layer || !further) continue;
      weighing ||= further.hasWeights || isLinearOperation(layer);
      const { shape } = layer.figures;
      if (shape[1] === height) widest = Math.max(widest, shape[0]!, further.widest);
    }
    found.set(id, { hasWeights: weighing, widest });
  }
  return found;
});

/**
 * A strided convolution reduces pixels to a quarter; unless channels increase, the computation per layer drops. They
 * may increase later in the stage, as in a bottleneck; the network's last layers are free to narrow.
 */
function narrowStride(layer: LayerRef, context: RuleContext): Finding | undefined {
  const window = windowOf(layer);
  if (!window || !isLinearOperation(layer) || window.stride.some(step => step < 2)) return undefined;
  const [channels] = layer.figures.inputs[0]!;
  const [filters] = layer.figures.shape as [number, number, number];
  if (filters > channels! || channels! < 2) return undefined;
  const after = downstreamOf(context).get(layer.id)!;
  if (!after.hasWeights || after.widest > channels!) return undefined;
  const wider = { title: `Use ${2 * channels!} filters`, setParams: { outChannels: 2 * channels! } };
  return {
    message: `${layer.node.name}: stride ${pairText(window.stride)} leaves a ${window.stride[0] * window.stride[1]}th of the pixels, but the channels stay at ${filters} of ${channels}: the layers after it do less and less work.`,
    repairs: 'outChannels' in layer.kind.fields ? [wider] : [],
  };
}

/** The least part of the image, per axis, that a position should see before a global pooling. */
const LEAST_SEEN_SHARE = 0.5;

const imageShape = perRuleContext(({ order, nodes }) => {
  const image = order.find(id => nodes.get(id)?.kind?.inputs === 0);
  return nodes.get(image ?? '')?.figures?.shape ?? [];
});

/** Whether what comes of it is part of an image again, as the gates of squeeze-and-excitation are. */
function returnsToImage(context: RuleContext, from: NodeId): boolean {
  const seen = new Set([from]);
  for (const id of seen) {
    const [, rows = 1, columns = 1] = layerAt(context, id)?.figures.shape ?? [];
    if (rows > 1 || columns > 1) return true;
    for (const consumer of consumersOf(context, id)) seen.add(consumer);
  }
  return false;
}

/** Before a global pooling, each position contributes only what is in its receptive field. */
function smallField(layer: LayerRef, context: RuleContext): Finding | undefined {
  const [, rows, columns] = layer.figures.shape;
  if (layer.kind.family !== 'pooling' || rows !== 1 || columns !== 1) return undefined;
  const before = sourceOf(context, layer);
  const field = before?.figures.receptiveField;
  const [channels, height, width] = imageShape(context);
  if (!before || !field || !channels || !height || !width) return undefined;
  const wanted = [LEAST_SEEN_SHARE * height, LEAST_SEEN_SHARE * width];
  if (field.size.every((size, i) => size >= wanted[i]!) || returnsToImage(context, layer.id))
    return undefined;
  // A stride-2 convolution adds 2 jumps and doubles the jump.
  const steps = Math.max(
    ...[0, 1].map(i => Math.ceil(Math.log2((wanted[i]! - field.size[i]!) / (2 * field.jump[i]!) + 1))),
  );
  const filters = before.figures.shape[0]!;
  const params = { outChannels: filters, stride: [2, 2], padding: [1, 1, 1, 1], kernelSize: [3, 3] };
  const layers = Array.from({ length: Math.max(1, steps) }, (_, i) => [
    { kind: 'Conv2d', params: { ...params, outChannels: filters * 2 ** (i + 1) } },
    { kind: 'ReLU', params: {} },
  ]).flat();
  return {
    message: `${layer.node.name} judges by places that each see ${pairText(field.size)} of the ${height}×${width} pixels: what is larger is never seen whole.`,
    repairs: [
      {
        title: steps > 1 ? `Insert ${steps} stride-2 convolutions` : 'Insert a stride-2 convolution',
        insertBefore: layers,
      },
    ],
  };
}

/** Parameters of a Linear, and its share of the network, from which on it is too large. */
const HUGE_LINEAR_PARAMETERS = 50_000_000;
const DOMINANT_SHARE = 0.85;

function isHuge({ figures }: LayerRef): boolean {
  return figures.inputs[0]?.length === 1 && figures.parameters > HUGE_LINEAR_PARAMETERS;
}

const allParameters = perRuleContext(({ nodes }) =>
  [...nodes.values()].reduce((sum, { figures }) => sum + (figures?.parameters ?? 0), 0),
);

/** VGG's first Linear has 103 M parameters; only one that dominates its network is reported. */
function hugeLinear(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (!isLinearOperation(layer) || !isHuge(layer)) return undefined;
  const share = layer.figures.parameters / allParameters(context);
  if (share < DOMINANT_SHARE) return undefined;
  const flatten = flattenBefore(layer, context);
  return {
    message: `${layer.node.name} has ${layer.figures.parameters} parameters, ${Math.round(100 * share)} % of the network: every one of ${layer.figures.inputs[0]![0]} numbers is weighed ${layer.figures.shape[0]} times.`,
    repairs: flatten ? shrinkBefore(flatten, 8) : [],
  };
}

function flattenBefore(layer: LayerRef, context: RuleContext): LayerRef | undefined {
  let at = sourceOf(context, layer);
  while (at && at.figures.inputs[0]?.length === 1 && !isLinearOperation(at)) at = sourceOf(context, at);
  return at?.figures.inputs[0]?.length === 3 && at.figures.shape.length === 1 ? at : undefined;
}

/** Repairs that leave at most `extent` pixels per axis before a Flatten. */
function shrinkBefore({ id, figures }: LayerRef, extent: number): Repair[] {
  const [, height, width] = figures.inputs[0]! as [number, number, number];
  const window = [Math.ceil(height / extent), Math.ceil(width / extent)] as const;
  return [
    {
      title: `Pool by ${pairText(window)} before it`,
      node: id,
      insertBefore: { kind: 'MaxPool2d', params: { kernelSize: window, stride: window } },
    },
    {
      title: 'Average every channel before it',
      node: id,
      insertBefore: { kind: 'GlobalAvgPool2d', params: {} },
    },
  ];
}

/** Pixels from which on a weight for each pixel is wasteful. */
const LARGE_IMAGE_PIXELS = 32 * 32;

/** Not reported directly behind the Input: fully connected networks begin like that. */
function largeFlatten(layer: LayerRef, context: RuleContext): Finding | undefined {
  const { figures, kind, node } = layer;
  const input = figures.inputs[0];
  if (input?.length !== 3 || figures.shape.length !== 1 || kind.family !== 'linear') return undefined;
  const [, height, width] = input as [number, number, number];
  if (height * width < LARGE_IMAGE_PIXELS || sourceOf(context, layer)?.kind.inputs === 0) return undefined;
  const after = consumersOf(context, layer.id).flatMap(id => layerAt(context, id) ?? []);
  if (!after.some(isLinearOperation) || after.some(isHuge)) return undefined;
  return {
    message: `${node.name} lays out an image that is still ${shapeText(input)}: each of its ${height * width} places gets weights of its own, and the network takes no other image size.`,
    repairs: shrinkBefore(layer, 8),
  };
}

const withParameters = perRuleContext(context =>
  context.order.flatMap(id => {
    const layer = layerAt(context, id);
    return layer && layer.figures.parameters > 0 ? [layer] : [];
  }),
);

/** Reported at the first frozen layer. */
function allFrozen(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (layer.figures.parameters === 0 || layer.figures.trainable > 0) return undefined;
  const layers = withParameters(context);
  if (layers[0]?.id !== layer.id) return undefined;
  if (layers.some(({ figures }) => figures.trainable > 0)) return undefined;
  const frozen = layers.filter(({ kind }) => 'frozen' in kind.fields);
  return {
    message: `${layer.node.name}${layers.length > 1 ? ` and the ${layers.length - 1} other layers with weights` : ''} ${layers.length > 1 ? 'are' : 'is'} frozen: training would change nothing.`,
    repairs: [
      {
        title: layers.length > 1 ? 'Let all of them learn' : 'Let it learn',
        edits: frozen.map(({ id }) => ({ setParams: { frozen: false }, node: id })),
      },
    ],
  };
}

export const capacityRules: readonly Rule[] = [
  { code: 'stride-without-widening', severity: 'warning', scope: 'network', find: narrowStride },
  { code: 'receptive-field-too-small', severity: 'warning', scope: 'network', find: smallField },
  { code: 'linear-very-large', severity: 'warning', scope: 'network', find: hugeLinear },
  { code: 'flatten-large-image', severity: 'warning', scope: 'node', find: largeFlatten },
  { code: 'nothing-to-train', severity: 'warning', scope: 'network', find: allFrozen },
];
