/** Warnings about the network's output: whether it suits a classifier. */
import type { Repair } from '../../layers/repair.ts';
import { type Shape, shapeText } from '../../layers/shape.ts';
import {
  type Finding,
  hasTrait,
  isLinearOperation,
  type LayerRef,
  layerAt,
  perRuleContext,
  type Rule,
  type RuleContext,
  sourceOf,
} from './ruleContext.ts';

/** The output node for the class: the only output, or the Output that says so; for an Output the layer before it. */
export const classEnd = perRuleContext((context): LayerRef | undefined => {
  const { heads } = context;
  const head = heads.length === 1 ? heads[0] : heads.find(({ answer }) => answer === 'class');
  if (!head || (head.answer ?? 'class') !== 'class') return undefined;
  const end = layerAt(context, head.node);
  return end?.kind.family === 'io' && end.kind.inputs !== 0 ? sourceOf(context, end) : end;
});

function isEnd(layer: LayerRef, context: RuleContext): boolean {
  return classEnd(context)?.id === layer.id;
}

/** The last layer with weights before the network's output, looking past Flatten and the like. */
export const lastWeightedLayer = perRuleContext((context): LayerRef | undefined => {
  let at = classEnd(context);
  while (at?.kind.family === 'linear' && !isLinearOperation(at)) at = sourceOf(context, at);
  return at;
});

/** The number of classes that is assumed where the output has only one channel. */
const GUESSED_CLASSES = 10;

/** Repairs that turn an image output into class scores; `classes` if their number is known. */
function toScores(output: Shape, classes?: number): Repair[] {
  const [channels, height, width] = output as [number, number, number];
  const wanted = classes ?? (channels > 1 ? channels : GUESSED_CLASSES);
  const flatten = { kind: 'Flatten', params: {} };
  const average = { kind: 'GlobalAvgPool2d', params: {} };
  const linear = { kind: 'Linear', params: { outFeatures: wanted } };
  const repairs: Repair[] = [];
  if (height * width === 1 && channels === wanted) {
    return [{ title: 'Add Flatten', insertAfter: flatten }];
  }
  if (channels === wanted)
    repairs.push({ title: 'Average each channel, then Flatten', insertAfter: [average, flatten] });
  repairs.push(
    { title: 'Add Flatten and Linear', insertAfter: [flatten, linear] },
    { title: 'Add global average pooling, Flatten and Linear', insertAfter: [average, flatten, linear] },
  );
  return repairs;
}

/** Repairs that give the network one score per class. */
export function scoreRepairs(context: RuleContext, output: Shape, classes: number): Repair[] {
  if (output.length === 3 && output[0] === classes) return toScores(output, classes);
  let at = classEnd(context);
  while (at && !widthOf(at)) {
    const [before, [channels, ...extents]] = [sourceOf(context, at), at.figures.inputs[0] ?? []];
    // Flattening an image would give several scores per channel.
    at = channels !== undefined && extents.every(extent => extent === 1) ? before : undefined;
  }
  const width = at && widthOf(at);
  const widen: Repair[] = width
    ? [{ title: `Give ${classes} outputs`, setParams: { [width]: classes }, node: at!.id }]
    : [];
  if (output.length === 3) return toScores(output, classes);
  const linear = { kind: 'Linear', params: { outFeatures: classes } };
  return [...widen, { title: `Add Linear with ${classes} outputs`, insertAfter: linear }];
}

/** The parameter that sets the number of a layer's outputs. */
function widthOf({ kind }: LayerRef): string | undefined {
  return ['outFeatures', 'outChannels'].find(name => name in kind.fields);
}

/** Not for networks that upsample, whose output is meant to be a map. */
function noScores(layer: LayerRef, context: RuleContext): Finding | undefined {
  const { shape } = layer.figures;
  if (!isEnd(layer, context) || shape.length !== 3 || layer.kind.inputs === 0) return undefined;
  for (const { figures } of context.nodes.values()) {
    if (figures?.inputs[0]?.length === 3 && figures.shape[1]! >= 2 * figures.inputs[0][1]!) return undefined;
  }
  if (!context.order.some(id => isWeighing(context, id))) return undefined;
  const [channels, height, width] = shape as [number, number, number];
  const message =
    height * width === 1
      ? `${layer.node.name}: the network ends in ${shapeText(shape)}, still an image, where ${channels} class scores are a vector.`
      : `${layer.node.name}: the network ends in an image of ${shapeText(shape)}, where a classifier gives one number for each class.`;
  return { message, repairs: toScores(shape) };
}

function isWeighing(context: RuleContext, id: string): boolean {
  const layer = layerAt(context, id);
  return layer !== undefined && isLinearOperation(layer);
}

function endsInVector(layer: LayerRef, context: RuleContext): boolean {
  const end = classEnd(context);
  return end?.figures.shape.length === 1 && lastWeightedLayer(context)?.id === layer.id;
}

const removal = (title: string): Repair => ({ title, remove: true });

function rectified(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (!hasTrait(layer, 'rectifies') || !endsInVector(layer, context)) return undefined;
  return {
    message: `${layer.node.name}: the network ends in ${layer.node.kind}, so no class score can fall below zero and a score cut to zero does not learn.`,
    repairs: [removal(`Remove ${layer.node.name}`)],
  };
}

function dropoutLast(layer: LayerRef, context: RuleContext): Finding | undefined {
  if (layer.kind.family !== 'regularisation' || !endsInVector(layer, context)) return undefined;
  return {
    message: `${layer.node.name}: ${layer.node.kind} at the very end disturbs the ${layer.figures.shape[0]} scores themselves.`,
    repairs: [...moveUp(layer, context), removal(`Remove ${layer.node.name}`)],
  };
}

/** Repairs that move a layer before the last layer with weights. */
function moveUp(layer: LayerRef, context: RuleContext): Repair[] {
  const before = sourceOf(context, layer);
  if (!before || !isLinearOperation(before)) return [];
  const { kind, params } = layer.node;
  return [
    {
      title: `Put it before ${before.node.name}`,
      edits: [{ insertBefore: { kind, params }, node: before.id }, { remove: true }],
    },
  ];
}

export const endingRules: readonly Rule[] = [
  { code: 'output-is-no-class-score', severity: 'warning', scope: 'network', find: noScores },
  { code: 'output-rectified', severity: 'warning', scope: 'network', find: rectified },
  { code: 'dropout-last', severity: 'warning', scope: 'network', find: dropoutLast },
];
