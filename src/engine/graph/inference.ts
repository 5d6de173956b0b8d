/** What inference says of a network and of each of its nodes (infer.ts works it out). */
import type { LayerKind, Weight } from '../layers/layer.ts';
import type { Shape } from '../layers/shape.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { Graph, GraphNode, NodeId } from './document.ts';
import type { ReceptiveField, Sight } from './receptiveField.ts';

/** What is known of a node that works. */
export interface Figures {
  /** The layer's parameters, validated by its kind. */
  readonly params: Record<string, unknown>;
  readonly inputs: readonly Shape[];
  readonly shape: Shape;
  readonly weights: readonly Weight[];
  /** Trained and frozen ones; buffers are none. */
  readonly parameters: number;
  readonly trainable: number;
  readonly macs: number;
  /** Bytes of this layer's output for one image, as float32. */
  readonly activationBytes: number;
  readonly sight: Sight;
  /** Null where every number sees the whole image, and for vectors: no place in it is left to speak of. */
  readonly receptiveField: ReceptiveField | null;
  /** The arithmetic behind each figure, with the numbers filled in. */
  readonly why: { readonly shape: string; readonly parameters: string; readonly macs: string };
}

export interface NodeInference {
  readonly node: GraphNode;
  readonly kind: LayerKind | null;
  /** Null where the node or one before it is at fault. */
  readonly figures: Figures | null;
  /** Its own faults alone; what the network shows beside them is `diagnose` (diagnostics/diagnose.ts). */
  readonly diagnoses: readonly Diagnosis[];
  /** The same object as long as nothing changed, of the node and of all before it, but where they lie on the canvas. */
  readonly meaning: object;
}

export interface Inference {
  /** What it was inferred from, with its blocks. */
  readonly drawn: Graph;
  /** Its layers and edges, blocks taken apart. */
  readonly graph: Graph;
  /** The layers: those of the graph, and those in its blocks. */
  readonly nodes: ReadonlyMap<NodeId, NodeInference>;
  /** The copies of blocks, and the places inside them where data enters. */
  readonly copies: ReadonlyMap<NodeId, NodeInference>;
  /** Every node that is on no cycle, each after what feeds it. */
  readonly order: readonly NodeId[];
  /** Nodes whose output nobody takes: where the network ends. */
  readonly outputs: readonly NodeId[];
  readonly totals: {
    readonly parameters: number;
    readonly trainable: number;
    readonly macs: number;
    readonly activationBytes: number;
  };
  /** Where it is of a part of a network, or of one redrawn: what is wrong is asked of the whole. */
  readonly part?: ArithmeticPart;
}

export interface ArithmeticPart {
  readonly whole: Inference;
  /** What a node of the whole is called here; null for the network itself; undefined: it is elsewhere. */
  nodeHere(id: NodeId | null): NodeId | null | undefined;
}

/** What is known of a layer, or of a copy of a block. */
export function inferredAt({ nodes, copies }: Inference, id: NodeId): NodeInference | undefined {
  return nodes.get(id) ?? copies.get(id);
}

/** The node where the network ends, if it ends in exactly one. */
export function singleOutput(inference: Inference): NodeId | null {
  return inference.outputs.length === 1 ? inference.outputs[0]! : null;
}
