/** Warnings about layers that follow each other: the order takes away what one of them is for. */
import type { Repair } from '../../layers/repair.ts';
import type { NodeId } from '../document.ts';
import {
  consumersOf,
  type Finding,
  isAffine,
  isBatchNorm,
  type Place,
  perScene,
  placeAt,
  type Rule,
  type Scene,
  sourceOf,
  sourcesOf,
  walkUp,
  weighs,
} from './ruleContext.ts';

const aboveAffine = walkUp(isAffine);
const aboveBypassed = walkUp(({ node }) => node.bypassed === true);

/** The weighing before this one with nothing between that bends. */
function weighingBefore(place: Place, scene: Scene): Place | undefined {
  const at = aboveAffine(place, scene);
  return at && weighs(at) ? at : undefined;
}

/**
 * Two weighings that a single one could replace. Where the first narrows the channels below both ends, or one of
 * them is grouped, the pair is a factorisation that is cheaper than what it multiplies out to (the linear
 * bottleneck of MobileNetV2, depthwise separable convolutions), and meant.
 */
function collapses(place: Place, scene: Scene): Finding | undefined {
  if (!weighs(place)) return undefined;
  const first = weighingBefore(place, scene);
  if (!first) return undefined;
  const [entering, middle, leaving] = [
    first.figures.inputs[0]![0]!,
    first.figures.shape[0]!,
    place.figures.shape[0]!,
  ];
  if (middle < Math.min(entering, leaving)) return undefined;
  if ([first, place].some(({ figures }) => Number(figures.params.groups ?? 1) > 1)) return undefined;
  return {
    message: `${place.node.name} follows ${first.node.name} with no nonlinearity between: their ${first.figures.parameters + place.figures.parameters} parameters can do no more than one layer.`,
    repairs: [
      { title: 'Insert ReLU', insertBefore: { kind: 'ReLU', params: {} } },
      { title: `Remove ${first.node.name}`, remove: true, node: first.id },
    ],
  };
}

function doubled(place: Place, scene: Scene): Finding | undefined {
  if (place.kind.family !== 'activation' || place.node.bypassed) return undefined;
  const before = aboveBypassed(place, scene);
  if (before?.kind.family !== 'activation') return undefined;
  const removal = (which: Place): Repair => ({
    title: `Remove ${which.node.name}`,
    remove: true,
    node: which.id,
  });
  return {
    message: `${place.node.name}: ${place.node.kind} follows ${before.node.kind} directly; one activation between two layers is enough.`,
    repairs: [removal(place), removal(before)],
  };
}

const withLostBias = perScene(scene =>
  scene.order.flatMap(id => {
    const place = placeAt(scene, id);
    return place && hasLostBias(place, scene) ? [place] : [];
  }),
);

/** All such layers in one finding, named at the first: the habit is one, and so is the repair. */
function superfluousBias(place: Place, scene: Scene): Finding | undefined {
  const all = withLostBias(scene);
  if (all[0]?.id !== place.id) return undefined;
  const count = all.reduce((sum, { figures }) => sum + figures.shape[0]!, 0);
  const others = all.length > 1 ? ` and ${all.length - 1} more` : '';
  const verb = all.length > 1 ? 'learn' : 'learns';
  return {
    message: `${place.node.name}${others} ${verb} a bias that BatchNorm after it takes away again: ${count} parameters for nothing.`,
    repairs: [
      {
        title: all.length > 1 ? 'Drop these biases' : 'Drop the bias',
        edits: all.map(({ id }) => ({ setParams: { bias: false }, node: id })),
      },
    ],
  };
}

function hasLostBias(place: Place, scene: Scene): boolean {
  if (!weighs(place) || place.figures.params.bias !== true) return false;
  const consumers = consumersOf(scene, place.id).map(id => placeAt(scene, id));
  return consumers.length > 0 && consumers.every(consumer => consumer && isBatchNorm(consumer));
}

function dropoutBefore(place: Place, scene: Scene): Finding | undefined {
  if (!isBatchNorm(place)) return undefined;
  const before = sourceOf(scene, place);
  if (before?.kind.family !== 'regularisation') return undefined;
  return {
    message: `${place.node.name}: ${before.node.kind} right before it changes the variance in training only, so the statistics that BatchNorm keeps are wrong when the network is used.`,
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

/** A merge that gets one value twice. */
function mergesItself(place: Place, scene: Scene): Finding | undefined {
  if (place.kind.inputs !== 'several') return undefined;
  const sources = sourcesOf(scene, place.id);
  const seen = new Set<NodeId>();
  const twice = sources.find(source => seen.size === seen.add(source).size);
  if (twice === undefined) return undefined;
  const edges = scene.into.get(place.id)!.filter(({ source }) => source === twice);
  const spare = edges.slice(1).map(edge => ({ disconnect: edge }));
  const alone = sources.length - spare.length === 1;
  const name = scene.graph.nodes[twice]!.name;
  return {
    message: `${place.node.name} takes ${name} ${edges.length} times: it brings nothing that ${name} has not.`,
    repairs: [
      alone
        ? { title: `Remove ${place.node.name}`, edits: [...spare, { remove: true }] }
        : { title: 'Take it once', edits: spare },
    ],
  };
}

/** What leaves every number as it came. */
function idle(place: Place): Finding | undefined {
  const { kind, figures, node } = place;
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
