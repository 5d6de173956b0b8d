/** The results of inference for a network and its nodes (see infer.ts). */
import type { LayerKind, Weight } from '../layers/layer.ts';
import type { Shape } from '../layers/shape.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Graph, GraphNode, NodeId } from './document.ts';
import type { ReceptiveField, Sight } from './receptiveField.ts';

/** Figures of a node without faults. */
export interface Figures {
  /** The layer's parameters, validated by its kind. */
  readonly params: Record<string, unknown>;
  readonly inputs: readonly Shape[];
  readonly shape: Shape;
  readonly weights: readonly Weight[];
  /** Trained and frozen ones, without buffers. */
  readonly parameters: number;
  readonly trainable: number;
  readonly macs: number;
  /** Bytes of this layer's output for one image, as float32. */
  readonly activationBytes: number;
  readonly sight: Sight;
  /** Null where every number depends on the whole image, and for vectors. */
  readonly receptiveField: ReceptiveField | null;
  /** The arithmetic of each figure, with numbers. */
  readonly why: { readonly shape: string; readonly parameters: string; readonly macs: string };
}

export interface NodeInference {
  readonly node: GraphNode;
  readonly kind: LayerKind | null;
  /** Null where the node or one before it has a fault. */
  readonly figures: Figures | null;
  /** Only its own faults; for all diagnoses see `diagnose` (diagnostics/diagnose.ts). */
  readonly diagnoses: readonly Diagnosis[];
  /** The same object as long as the node and all nodes before it are unchanged except for positions. */
  readonly meaning: object;
}

export interface Inference {
  /** The graph that it was inferred from, with blocks. */
  readonly drawn: Graph;
  /** The expanded graph. */
  readonly graph: Graph;
  /** Layers, including those inside blocks. */
  readonly nodes: ReadonlyMap<NodeId, NodeInference>;
  /** Copies of blocks, and BlockInputs. */
  readonly copies: ReadonlyMap<NodeId, NodeInference>;
  /** Topological order, without nodes on a cycle. */
  readonly order: readonly NodeId[];
  /** Nodes whose output is not used. */
  readonly outputs: readonly NodeId[];
  readonly totals: {
    readonly parameters: number;
    readonly trainable: number;
    readonly macs: number;
    readonly activationBytes: number;
  };
  /** Set for a part of a network or a redrawn one: diagnoses are then taken from the whole. */
  readonly part?: ArithmeticPart;
}

export interface ArithmeticPart {
  readonly whole: Inference;
  /** The id here of a node of the whole; null for the network itself; undefined where it is not in the part. */
  nodeHere(id: NodeId | null): NodeId | null | undefined;
}

/** The inference of a layer or of a block's copy. */
export function inferredAt({ nodes, copies }: Inference, id: NodeId): NodeInference | undefined {
  return nodes.get(id) ?? copies.get(id);
}

/** The network's output node, if there is exactly one. */
export function singleOutput(inference: Inference): NodeId | null {
  return inference.outputs.length === 1 ? inference.outputs[0]! : null;
}
