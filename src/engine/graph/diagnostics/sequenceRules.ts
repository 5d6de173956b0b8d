/** Warnings about consecutive layers of which one undoes or repeats another. */
import type { Repair } from '../../layers/repair.ts';
import type { NodeId } from '../document.ts';
import {
  consumersOf,
  type Finding,
  isAffine,
  isBatchNorm,
  isLinearOperation,
  type LayerRef,
  layerAt,
  perRuleContext,
  type Rule,
  type RuleContext,
  sourceOf,
  sourcesOf,
  walkUp,
} from './ruleContext.ts';

const aboveAffine = walkUp(isAffine);
const aboveBypassed = walkUp(({ node }) => node.bypassed === true);

/** The previous linear operation with only affine layers between. */
function weighingBefore(layer: LayerRef, context: RuleContext): LayerRef | undefined {
  const at = aboveAffine(layer, context);
  return at && isLinearOperation(at) ? at : undefined;
}

/**
 * Two linear operations that a single one could replace. Not reported where the first reduces channels below both ends,
 * or where one of them is grouped: such a factorisation is cheaper and intended (the linear bottleneck of MobileNetV2,
 * depthwise separable convolutions).
 */
function collapses(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (!isLinearOperation(layer)) return undefined;
  const first = weighingBefore(layer, context);
  if (!first) return undefined;
  const [entering, middle, leaving] = [
    first.figures.inputs[0]![0]!,
    first.figures.shape[0]!,
    layer.figures.shape[0]!,
  ];
  if (middle < Math.min(entering, leaving)) return undefined;
  if ([first, layer].some(({ figures }) => Number(figures.params.groups ?? 1) > 1)) return undefined;
  return {
    message: `${layer.node.name} follows ${first.node.name} with no nonlinearity between: their ${first.figures.parameters + layer.figures.parameters} parameters can do no more than one layer.`,
    repairs: [
      { title: 'Insert ReLU', insertBefore: { kind: 'ReLU', params: {} } },
      { title: `Remove ${first.node.name}`, remove: true, node: first.id },
    ],
  };
}

function doubled(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (layer.kind.family !== 'activation' || layer.node.bypassed) return undefined;
  const before = aboveBypassed(layer, context);
  if (before?.kind.family !== 'activation') return undefined;
  const removal = (which: LayerRef): Repair => ({
    title: `Remove ${which.node.name}`,
    remove: true,
    node: which.id,
  });
  return {
    message: `${layer.node.name}: ${layer.node.kind} follows ${before.node.kind} directly; one activation between two layers is enough.`,
    repairs: [removal(layer), removal(before)],
  };
}

const withLostBias = perRuleContext(context =>
  context.order.flatMap(id => {
    const layer = layerAt(context, id);
    return layer && hasLostBias(layer, context) ? [layer] : [];
  }),
);

/** All such layers in one finding, reported at the first, with one repair. */
function superfluousBias(layer: LayerRef, context: RuleContext): Finding | undefined {
  const all = withLostBias(context);
  if (all[0]?.id !== layer.id) return undefined;
  const count = all.reduce((sum, { figures }) => sum + figures.shape[0]!, 0);
  const others = all.length > 1 ? ` and ${all.length - 1} more` : '';
  const verb = all.length > 1 ? 'learn' : 'learns';
  return {
    message: `${layer.node.name}${others} ${verb} a bias that BatchNorm after it takes away again: ${count} parameters for nothing.`,
    repairs: [
      {
        title: all.length > 1 ? 'Drop these biases' : 'Drop the bias',
        edits: all.map(({ id }) => ({ setParams: { bias: false }, node: id })),
      },
    ],
  };
}

function hasLostBias(layer: LayerRef, context: RuleContext): boolean {
  if (!isLinearOperation(layer) || layer.figures.params.bias !== true) return false;
  const consumers = consumersOf(context, layer.id).map(id => layerAt(context, id));
  return consumers.length > 0 && consumers.every(consumer => consumer && isBatchNorm(consumer));
}

function dropoutBefore(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (!isBatchNorm(layer)) return undefined;
  const before = sourceOf(context, layer);
  if (before?.kind.family !== 'regularisation') return undefined;
  return {
    message: `${layer.node.name}: ${before.node.kind} right before it changes the variance in training only, so the statistics that BatchNorm keeps are wrong when the network is used.`,
    repairs: [
      {
        title: `Put ${before.node.name} behind it`,
        edits: [
          { remove: true, node: before.id },
          { insertAfter: { kind: before.node.kind, params: before.node.params } },
        ],
      },
      { title: `Remove ${before.node.name}`, remove: true, node: before.id },
    ],
  };
}

/** A merge with the same source twice. */
function mergesItself(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (layer.kind.inputs !== 'several') return undefined;
  const sources = sourcesOf(context, layer.id);
  const seen = new Set<NodeId>();
  const twice = sources.find(source => seen.size === seen.add(source).size);
  if (twice === undefined) return undefined;
  const edges = context.into.get(layer.id)!.filter(({ source }) => source === twice);
  const spare = edges.slice(1).map(edge => ({ disconnect: edge }));
  const alone = sources.length - spare.length === 1;
  const name = context.graph.nodes[twice]!.name;
  return {
    message: `${layer.node.name} takes ${name} ${edges.length} times: it brings nothing that ${name} has not.`,
    repairs: [
      alone
        ? { title: `Remove ${layer.node.name}`, edits: [...spare, { remove: true }] }
        : { title: 'Take it once', edits: spare },
    ],
  };
}

/** Layers without effect. */
function idle(layer: LayerRef): Finding | undefined {
  const { kind, figures, node } = layer;
  const { kernelSize, stride, p } = figures.params;
  const isOne = (pair: unknown) => Array.isArray(pair) && pair.every(each => each === 1);
  const reason =
    kind.family === 'pooling' && isOne(kernelSize) && isOne(stride)
      ? 'a window of one pixel that moves by one'
      : kind.family === 'regularisation' && p === 0
        ? 'a probability of 0'
        : kind.family === 'linear' && figures.weights.length === 0 && figures.inputs[0]?.length === 1
          ? 'its input is a vector already'
          : undefined;
  if (!reason || kind.inputs !== 1) return undefined;
  return {
    message: `${node.name} does nothing: ${reason} leaves every number as it came.`,
    repairs: [{ title: `Remove ${node.name}`, remove: true }],
  };
}

export const sequenceRules: readonly Rule[] = [
  { code: 'no-nonlinearity-between', severity: 'warning', scope: 'node', find: collapses },
  { code: 'activation-after-activation', severity: 'warning', scope: 'node', find: doubled },
  { code: 'bias-before-batch-norm', severity: 'warning', scope: 'network', find: superfluousBias },
  { code: 'dropout-before-batch-norm', severity: 'warning', scope: 'node', find: dropoutBefore },
  { code: 'merges-itself', severity: 'warning', scope: 'node', find: mergesItself },
  { code: 'layer-does-nothing', severity: 'warning', scope: 'node', find: idle },
];
