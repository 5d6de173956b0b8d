/** Warnings about the network's end: whether what comes out can be what a classifier is to say. */
import type { Repair } from '../../layers/repair.ts';
import { type Shape, shapeText } from '../../layers/shape.ts';
import {
  type Finding,
  hasTrait,
  type Place,
  perScene,
  placeAt,
  type Rule,
  type Scene,
  sourceOf,
  weighs,
} from './ruleContext.ts';

/** Where the network says the class: its only end, or the Output that says so; what only marks the end left out. */
export const classEnd = perScene((scene): Place | undefined => {
  const { heads } = scene;
  const head = heads.length === 1 ? heads[0] : heads.find(({ answer }) => answer === 'class');
  if (!head || (head.answer ?? 'class') !== 'class') return undefined;
  const end = placeAt(scene, head.node);
  return end?.kind.family === 'io' && end.kind.inputs !== 0 ? sourceOf(scene, end) : end;
});

function isEnd(place: Place, scene: Scene): boolean {
  return classEnd(scene)?.id === place.id;
}

/** The layer that makes the network's last numbers: what stands at its end, Flatten and the like left out. */
export const lastMaker = perScene((scene): Place | undefined => {
  let at = classEnd(scene);
  while (at?.kind.family === 'linear' && !weighs(at)) at = sourceOf(scene, at);
  return at;
});

/** The classes that are guessed where only a map of one channel comes out. */
const CLASSES = 10;

/** Repairs that turn an image at the end into class scores; `classes` where their number is known. */
function toScores(output: Shape, classes?: number): Repair[] {
  const [channels, height, width] = output as [number, number, number];
  const wanted = classes ?? (channels > 1 ? channels : CLASSES);
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

/** Repairs that make the network's end give one score for each of so many classes. */
export function scoreRepairs(scene: Scene, output: Shape, classes: number): Repair[] {
  if (output.length === 3 && output[0] === classes) return toScores(output, classes);
  let at = classEnd(scene);
  while (at && !widthOf(at)) {
    const [before, [channels, ...extents]] = [sourceOf(scene, at), at.figures.inputs[0] ?? []];
    // Of an image that is laid out, every channel becomes several scores.
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

/** The parameter that says how many numbers a layer gives. */
function widthOf({ kind }: Place): string | undefined {
  return ['outFeatures', 'outChannels'].find(name => name in kind.fields);
}

/** A network that enlarges what it had made small paints a map on purpose, and is left alone. */
function noScores(place: Place, scene: Scene): Finding | undefined {
  const { shape } = place.figures;
  if (!isEnd(place, scene) || shape.length !== 3 || place.kind.inputs === 0) return undefined;
  for (const { figures } of scene.nodes.values()) {
    if (figures?.inputs[0]?.length === 3 && figures.shape[1]! >= 2 * figures.inputs[0][1]!) return undefined;
  }
  if (!scene.order.some(id => isWeighing(scene, id))) return undefined;
  const [channels, height, width] = shape as [number, number, number];
  const message =
    height * width === 1
      ? `${place.node.name}: the network ends in ${shapeText(shape)}, still an image, where ${channels} class scores are a vector.`
      : `${place.node.name}: the network ends in an image of ${shapeText(shape)}, where a classifier gives one number for each class.`;
  return { message, repairs: toScores(shape) };
}

function isWeighing(scene: Scene, id: string): boolean {
  const place = placeAt(scene, id);
  return place !== undefined && weighs(place);
}

function endsInVector(place: Place, scene: Scene): boolean {
  const end = classEnd(scene);
  return end?.figures.shape.length === 1 && lastMaker(scene)?.id === place.id;
}

const removal = (title: string): Repair => ({ title, remove: true });

function rectified(place: Place, scene: Scene): Finding | undefined {
  if (!hasTrait(place, 'rectifies') || !endsInVector(place, scene)) return undefined;
  return {
    message: `${place.node.name}: the network ends in ${place.node.kind}, so no class score can fall below zero and a score cut to zero does not learn.`,
    repairs: [removal(`Remove ${place.node.name}`)],
  };
}

function dropoutLast(place: Place, scene: Scene): Finding | undefined {
  if (place.kind.family !== 'regularisation' || !endsInVector(place, scene)) return undefined;
  return {
    message: `${place.node.name}: ${place.node.kind} at the very end disturbs the ${place.figures.shape[0]} scores themselves.`,
    repairs: [...moveUp(place, scene), removal(`Remove ${place.node.name}`)],
  };
}

/** Before the last layer with weights. */
function moveUp(place: Place, scene: Scene): Repair[] {
  const before = sourceOf(scene, place);
  if (!before || !weighs(before)) return [];
  const { kind, params } = place.node;
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
