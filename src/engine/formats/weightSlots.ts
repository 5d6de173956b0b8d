/** The weights of a network as places that tensors of a file can go into. */
import type { Inference } from '../graph/inference.ts';
import type { TensorEntry } from './weightsFile.ts';

/** A weight of a network, in PyTorch's name and shape: `conv1.weight`. */
export interface WeightSlot {
  readonly name: string;
  readonly shape: readonly number[];
}

export type NamedShape = Pick<TensorEntry, 'name' | 'shape'>;

/** In the order in which data flows; running statistics among them. */
export function weightSlots({ order, nodes }: Inference): WeightSlot[] {
  return order.flatMap(id => {
    const { node, figures } = nodes.get(id)!;
    return (figures?.weights ?? []).map(({ name, shape }) => ({ name: `${node.name}.${name}`, shape }));
  });
}
