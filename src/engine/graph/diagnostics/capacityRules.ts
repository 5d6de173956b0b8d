/** Warnings about what a network can see and hold: fields, widths, and where its parameters lie. */
import type { Repair } from '../../layers/repair.ts';
import { shapeText } from '../../layers/shape.ts';
import { pairText } from '../../layers/window.ts';
import type { NodeId } from '../document.ts';
import {
  consumersOf,
  type Finding,
  type Place,
  perScene,
  placeAt,
  type Rule,
  type Scene,
  sourceOf,
  weighs,
  windowOf,
} from './ruleContext.ts';

/** What lies behind a node. */
interface Behind {
  /** Whether anything there weighs. */
  readonly weighs: boolean;
  /** The most channels of what has the node's own height, as far as nothing of another height lies between. */
  readonly widest: number;
}

/** Of every node that works, found from the network's end up. */
const behind = perScene(scene => {
  const found = new Map<NodeId, Behind>();
  for (const id of scene.order.toReversed()) {
    const height = placeAt(scene, id)?.figures.shape[1];
    let [weighing, widest] = [false, 0];
    for (const next of consumersOf(scene, id)) {
      const [place, further] = [placeAt(scene, next), found.get(next)];
      if (!place || !further) continue;
      weighing ||= further.weighs || weighs(place);
      const { shape } = place.figures;
      if (shape[1] === height) widest = Math.max(widest, shape[0]!, further.widest);
    }
    found.set(id, { weighs: weighing, widest });
  }
  return found;
});

/**
 * A strided convolution quarters the pixels; unless the channels grow, the work per layer falls away. Widening may
 * come later in the stage, as in a bottleneck; the network's last weights are free to narrow.
 */
function narrowStride(place: Place, scene: Scene): Finding | undefined {
  const window = windowOf(place);
  if (!window || !weighs(place) || window.stride.some(step => step < 2)) return undefined;
  const [channels] = place.figures.inputs[0]!;
  const [filters] = place.figures.shape as [number, number, number];
  if (filters > channels! || channels! < 2) return undefined;
  const after = behind(scene).get(place.id)!;
  if (!after.weighs || after.widest > channels!) return undefined;
  const wider = { title: `Use ${2 * channels!} filters`, setParams: { outChannels: 2 * channels! } };
  return {
    message: `${place.node.name}: stride ${pairText(window.stride)} leaves a ${window.stride[0] * window.stride[1]}th of the pixels, but the channels stay at ${filters} of ${channels}: the layers after it do less and less work.`,
    repairs: 'outChannels' in place.kind.fields ? [wider] : [],
  };
}

/** The least part of the image, per axis, that one place should see before all places are pooled. */
const SEEN = 0.5;

const imageShape = perScene(({ order, nodes }) => {
  const image = order.find(id => nodes.get(id)?.kind?.inputs === 0);
  return nodes.get(image ?? '')?.figures?.shape ?? [];
});

/** Pooling all places into one leaves each of them to judge by what it sees alone. */
function smallField(place: Place, scene: Scene): Finding | undefined {
  const [, rows, columns] = place.figures.shape;
  if (place.kind.family !== 'pooling' || rows !== 1 || columns !== 1) return undefined;
  const before = sourceOf(scene, place);
  const field = before?.figures.receptiveField;
  const [channels, height, width] = imageShape(scene);
  if (!before || !field || !channels || !height || !width) return undefined;
  const wanted = [SEEN * height, SEEN * width];
  if (field.size.every((size, i) => size >= wanted[i]!)) return undefined;
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
    message: `${place.node.name} judges by places that each see ${pairText(field.size)} of the ${height}×${width} pixels: what is larger is never seen whole.`,
    repairs: [
      {
        title: steps > 1 ? `Insert ${steps} stride-2 convolutions` : 'Insert a stride-2 convolution',
        insertBefore: layers,
      },
    ],
  };
}

/** Parameters of one Linear that no image classifier needs, and the share of the network that they take. */
const HUGE = 50_000_000;
const MOST_OF_IT = 0.85;

function isHuge({ figures }: Place): boolean {
  return figures.inputs[0]?.length === 1 && figures.parameters > HUGE;
}

const allParameters = perScene(({ nodes }) =>
  [...nodes.values()].reduce((sum, { figures }) => sum + (figures?.parameters ?? 0), 0),
);

/** VGG's first Linear has 103 M parameters and is what it is: only one that dwarfs its network is a slip. */
function hugeLinear(place: Place, scene: Scene): Finding | undefined {
  if (!weighs(place) || !isHuge(place)) return undefined;
  const share = place.figures.parameters / allParameters(scene);
  if (share < MOST_OF_IT) return undefined;
  const flatten = flattenBefore(place, scene);
  return {
    message: `${place.node.name} has ${place.figures.parameters} parameters, ${Math.round(100 * share)} % of the network: every one of ${place.figures.inputs[0]![0]} numbers is weighed ${place.figures.shape[0]} times.`,
    repairs: flatten ? shrinkBefore(flatten, 8) : [],
  };
}

function flattenBefore(place: Place, scene: Scene): Place | undefined {
  let at = sourceOf(scene, place);
  while (at && at.figures.inputs[0]?.length === 1 && !weighs(at)) at = sourceOf(scene, at);
  return at?.figures.inputs[0]?.length === 3 && at.figures.shape.length === 1 ? at : undefined;
}

/** Repairs that leave at most `extent` pixels per axis before a Flatten. */
function shrinkBefore({ id, figures }: Place, extent: number): Repair[] {
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

/** Pixels from which on weighing each by its own weight is waste. */
const LARGE = 32 * 32;

/** An image that enters is left alone: a network of Linear layers alone begins so. */
function largeFlatten(place: Place, scene: Scene): Finding | undefined {
  const { figures, kind, node } = place;
  const input = figures.inputs[0];
  if (input?.length !== 3 || figures.shape.length !== 1 || kind.family !== 'linear') return undefined;
  const [, height, width] = input as [number, number, number];
  if (height * width < LARGE || sourceOf(scene, place)?.kind.inputs === 0) return undefined;
  const after = consumersOf(scene, place.id).flatMap(id => placeAt(scene, id) ?? []);
  if (!after.some(weighs) || after.some(isHuge)) return undefined;
  return {
    message: `${node.name} lays out an image that is still ${shapeText(input)}: each of its ${height * width} places gets weights of its own, and the network takes no other image size.`,
    repairs: shrinkBefore(place, 8),
  };
}

const withParameters = perScene(scene =>
  scene.order.flatMap(id => {
    const place = placeAt(scene, id);
    return place && place.figures.parameters > 0 ? [place] : [];
  }),
);

/** Named at the first frozen layer. */
function allFrozen(place: Place, scene: Scene): Finding | undefined {
  if (place.figures.parameters === 0 || place.figures.trainable > 0) return undefined;
  const layers = withParameters(scene);
  if (layers[0]?.id !== place.id) return undefined;
  if (layers.some(({ figures }) => figures.trainable > 0)) return undefined;
  const frozen = layers.filter(({ kind }) => 'frozen' in kind.fields);
  return {
    message: `${place.node.name}${layers.length > 1 ? ` and the ${layers.length - 1} other layers with weights` : ''} ${layers.length > 1 ? 'are' : 'is'} frozen: training would change nothing.`,
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
