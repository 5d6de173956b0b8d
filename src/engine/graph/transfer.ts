/**
 * Which weights of a trained network another one can begin with: those of the same name and shape, as when a
 * state_dict is loaded with `strict=False`. It looks at networks only; the weights themselves are the runtime's.
 */
import { type Shape, shapeText, sizeOf } from '../layers/shape.ts';
import type { NodeId } from './document.ts';
import type { Inference } from './inference.ts';

/** What a layer of the new network takes; a copy of a block counts as one layer. */
export interface LayerTransfer {
  /** In the drawing. */
  readonly node: NodeId;
  readonly name: string;
  readonly parameters: number;
  /** How many of them are taken. */
  readonly taken: number;
  /** Whether all of it is, running statistics too. */
  readonly whole: boolean;
  /** Why not all of it is taken, of the first weight that is not; null where all is. */
  readonly reason: string | null;
}

/** Of the layers with weights, in the order in which data flows. */
export function transferred(from: Inference, to: Inference): LayerTransfer[] {
  const given = weightsOf(from);
  const layers = new Map<NodeId, LayerTransfer>();
  for (const id of to.order) {
    const { node, figures } = to.nodes.get(id)!;
    if (!figures || figures.weights.length === 0) continue;
    const drawn = id.split('/')[0]!;
    const before = layers.get(drawn);
    const misfits = figures.weights.flatMap(({ name, shape }) => {
      const reason = misfit(`${node.name}.${name}`, shape, given);
      return reason === null ? [] : [{ name, reason }];
    });
    const missed = new Set(misfits.map(({ name }) => name));
    const taken = figures.weights.filter(({ name, learning }) => learning !== 'buffer' && !missed.has(name));
    layers.set(drawn, {
      node: drawn,
      name: to.drawn.nodes[drawn]!.name,
      parameters: (before?.parameters ?? 0) + figures.parameters,
      taken: (before?.taken ?? 0) + taken.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
      whole: (before?.whole ?? true) && misfits.length === 0,
      reason: before?.reason ?? misfits[0]?.reason ?? null,
    });
  }
  return [...layers.values()];
}

function weightsOf({ nodes }: Inference): ReadonlyMap<string, Shape> {
  return new Map(
    [...nodes.values()].flatMap(({ node, figures }) =>
      (figures?.weights ?? []).map(({ name, shape }) => [`${node.name}.${name}`, shape] as const),
    ),
  );
}

function misfit(name: string, shape: Shape, given: ReadonlyMap<string, Shape>): string | null {
  const other = given.get(name);
  if (!other) return `It has no ${name}.`;
  return other.join() === shape.join()
    ? null
    : `Its ${name} is ${shapeText(other)}, here it is ${shapeText(shape)}.`;
}
