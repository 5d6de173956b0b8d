/**
 * Inference of a block's copy as a whole, from the layers in it: it has the output of its last layer and the sum of
 * their costs.
 */
import { shapeText } from '../layers/shape.ts';
import type { GraphNode, NodeId } from './document.ts';
import type { CopyPlace, Expansion } from './expand.ts';
import type { Figures, NodeInference } from './inference.ts';

type Inferred = ReadonlyMap<NodeId, NodeInference>;

/** The inference of a copy with what it was made from, to reuse it while that is the same. */
interface Known extends NodeInference {
  readonly members: readonly (NodeInference | undefined)[];
}

/** Inference of all copies and BlockInputs; unchanged ones are shared with the previous inference. */
export function inferCopies({ copies, entries }: Expansion, nodes: Inferred, previous?: Inferred): Inferred {
  const found = new Map<NodeId, NodeInference>();
  for (const [id, place] of copies) {
    const sources = [...place.members, place.output, ...place.inputs];
    const members = sources.map(each => (each === null ? undefined : nodes.get(each)));
    const make = () => figuresOf(place, nodes);
    found.set(id, reuse(previous?.get(id), place.node, members, make));
  }
  for (const [id, { node, source }] of entries) {
    const from = source === null ? undefined : nodes.get(source);
    found.set(
      id,
      reuse(previous?.get(id), node, [from], () => passThroughFigures(from)),
    );
  }
  return found;
}

function reuse(
  before: NodeInference | undefined,
  node: GraphNode,
  members: Known['members'],
  make: () => Figures | null,
): Known {
  const known = before as Known | undefined;
  const isSame = known?.members.length === members.length && known.members.every((m, i) => m === members[i]);
  if (known && isSame && known.node === node) return known;
  return {
    node,
    kind: null,
    diagnoses: [],
    meaning: {},
    members,
    figures: isSame && known ? known.figures : make(),
  };
}

function figuresOf(place: CopyPlace, nodes: Inferred): Figures | null {
  const members = place.members.map(id => nodes.get(id)!);
  const output = place.output === null ? undefined : nodes.get(place.output);
  if (!output?.figures || members.some(({ figures }) => !figures)) return null;
  const total = (of: (figures: Figures) => number) =>
    members.reduce((sum, { figures }) => sum + of(figures!), 0);
  const { shape, sight, receptiveField } = output.figures;
  return {
    params: place.node.params,
    inputs: shapesInto(place, nodes),
    shape,
    weights: [],
    parameters: total(figures => figures.parameters),
    trainable: total(figures => figures.trainable),
    macs: total(figures => figures.macs),
    activationBytes: total(figures => figures.activationBytes),
    sight,
    receptiveField,
    why: {
      shape: `As its last layer, ${output.node.name}, gives it: ${shapeText(shape)}.`,
      parameters: sumText(members, figures => figures.parameters),
      macs: sumText(members, figures => figures.macs),
    },
  };
}

function shapesInto({ inputs }: CopyPlace, nodes: Inferred) {
  return inputs.flatMap(id => {
    const shape = id === null ? undefined : nodes.get(id)?.figures?.shape;
    return shape ? [shape] : [];
  });
}

/** Longer sums are not written out. */
const MAX_TERMS = 8;

function sumText(members: readonly NodeInference[], of: (figures: Figures) => number): string {
  const terms = members.map(({ figures }) => of(figures!)).filter(term => term > 0);
  if (terms.length === 0) return '0: no layer in it has any';
  if (terms.length <= MAX_TERMS) return terms.join(' + ');
  return `${terms.reduce((sum, term) => sum + term)}: the sum over ${terms.length} layers`;
}

/** The figures of a BlockInput: its source's shape, at no cost. */
function passThroughFigures(from: NodeInference | undefined): Figures | null {
  if (!from?.figures) return null;
  return {
    ...from.figures,
    params: {},
    inputs: [],
    weights: [],
    parameters: 0,
    trainable: 0,
    macs: 0,
    activationBytes: 0,
    why: {
      shape: `What ${from.node.name} gives: ${shapeText(from.figures.shape)}.`,
      parameters: '0: nothing to learn',
      macs: '0: it is passed on',
    },
  };
}
