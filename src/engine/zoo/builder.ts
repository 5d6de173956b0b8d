/**
 * Builds a network as one would write its forward pass: each call adds a layer behind what it is given and returns
 * where the data is then. It lays the nodes out from top to bottom, branches side by side; it knows no network.
 */
import type { Graph, GraphNode, NodeId } from '../graph/document.ts';
import { NODE_PITCH } from '../graph/edits.ts';
import { initialValues } from '../layers/fields.ts';
import { layerKind } from '../layers/registry.ts';

/** Between the left edges of two nodes beside each other, in canvas pixels. */
const COLUMN_WIDTH = 252;

export type Params = Readonly<Record<string, unknown>>;

/** Where data flows out: a node that is there already. */
export interface Flow {
  readonly id: NodeId;
  /** How many nodes lie above it, along the longest way. */
  readonly row: number;
  /** In halves of a column, from the middle. */
  readonly column: number;
}

/** A pair of equal numbers, as kernels and strides want them. */
export const square = (extent: number): readonly [number, number] => [extent, extent];

/** The same padding on four sides. */
export const around = (pixels: number): readonly [number, number, number, number] => [
  pixels,
  pixels,
  pixels,
  pixels,
];

export class NetworkBuilder {
  readonly #nodes: Record<NodeId, GraphNode> = {};
  readonly #edges: { source: NodeId; target: NodeId; input: number }[] = [];

  input(shape: readonly number[]): Flow {
    return this.#place('Input', 'input', { shape }, [], 0, 0);
  }

  /** A layer behind another. Its name is its id, and that of its weights. */
  add(from: Flow, kind: string, name: string, params: Params = {}): Flow {
    return this.#place(kind, name, params, [from], from.row + 1, from.column);
  }

  /** A layer that takes several; it lies in the middle below them. */
  merge(kind: string, name: string, from: readonly Flow[]): Flow {
    const columns = from.map(({ column }) => column);
    const column = (Math.min(...columns) + Math.max(...columns)) / 2;
    return this.#place(kind, name, {}, from, Math.max(...from.map(({ row }) => row)) + 1, column);
  }

  /** The same flow, drawn so many columns aside: where a branch begins. */
  aside(from: Flow, columns: number): Flow {
    return { ...from, column: from.column + columns };
  }

  graph(): Graph {
    return { nodes: this.#nodes, edges: this.#edges };
  }

  #place(
    kindName: string,
    name: string,
    params: Params,
    from: readonly Flow[],
    row: number,
    column: number,
  ): Flow {
    const kind = layerKind(kindName);
    if (!kind) throw new TypeError(`the zoo asks for an unknown layer kind, ${kindName}`);
    if (this.#nodes[name]) throw new TypeError(`the zoo names two layers ${name}`);
    const values = { ...initialValues(kind.fields), ...params } as GraphNode['params'];
    const at = { x: column * COLUMN_WIDTH, y: row * NODE_PITCH };
    this.#nodes[name] = { kind: kindName, name, params: values, ...at };
    for (const [input, { id }] of from.entries()) this.#edges.push({ source: id, target: name, input });
    return { id: name, row, column };
  }
}
