/**
 * Builds a network in the style of a forward pass: each call adds a layer behind a given one and returns its output.
 * Nodes are laid out from top to bottom, branches side by side.
 */
import { BLOCK_INPUT, BLOCK_KIND, newCopyParams } from '../graph/blocks.ts';
import type { Block, BlockId, Drawing, Exposed, Graph, GraphNode, NodeId } from '../graph/document.ts';
import { NODE_PITCH } from '../graph/edits.ts';
import { initialValues } from '../layers/fields.ts';
import { layerKind } from '../layers/registry.ts';

/** Distance of two columns, in canvas pixels. */
const COLUMN_WIDTH = 252;

export type Params = Readonly<Record<string, unknown>>;

/** The output of a node. */
export interface Flow {
  readonly id: NodeId;
  /** The row on the canvas: the number of nodes on the longest path before. */
  readonly row: number;
  /** The position from the middle, in half columns. */
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

  /** Where data enters a block, which is what is built then. */
  entry(): Flow {
    return this.#put(BLOCK_INPUT, 'in1', { index: 0 }, [], 0, 0);
  }

  /** Copies of a block, one after the other, behind another node. @param params what they set for themselves */
  copy(from: Flow, block: BlockId, name: string, params: Params = {}): Flow {
    const values = { ...newCopyParams(block), ...params };
    return this.#put(BLOCK_KIND, name, values, [from], from.row + 1, from.column);
  }

  /** A layer behind another. Its name is its id, and that of its weights. */
  add(from: Flow, kind: string, name: string, params: Params = {}): Flow {
    return this.#place(kind, name, params, [from], from.row + 1, from.column);
  }

  /** A layer with several inputs, placed below the middle of them. */
  merge(kind: string, name: string, from: readonly Flow[]): Flow {
    const columns = from.map(({ column }) => column);
    const column = (Math.min(...columns) + Math.max(...columns)) / 2;
    return this.#place(kind, name, {}, from, Math.max(...from.map(({ row }) => row)) + 1, column);
  }

  /** The same output, with its column shifted: where a branch begins. */
  aside(from: Flow, columns: number): Flow {
    return { ...from, column: from.column + columns };
  }

  /** What was built, as a network. @param blocks those that it has copies of */
  graph(blocks?: Readonly<Record<BlockId, Block>>): Graph {
    return { ...this.#drawing(), ...(blocks && { blocks }) };
  }

  /**
   * What was built, as a block.
   * @param exposed what its copies may set, by the name that they have for it: parameters within, as `conv.stride`
   */
  block(name: string, exposed: Readonly<Record<string, readonly string[]>> = {}): Block {
    const places = Object.entries(exposed).map(
      ([parameter, targets]): Exposed => ({ name: parameter, targets: targets.map(placeOf) }),
    );
    return { name, exposed: places, graph: this.#drawing() };
  }

  #drawing(): Drawing {
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
    return this.#put(kindName, name, { ...initialValues(kind.fields), ...params }, from, row, column);
  }

  #put(kind: string, name: string, params: Params, from: readonly Flow[], row: number, column: number): Flow {
    if (this.#nodes[name]) throw new TypeError(`the zoo names two layers ${name}`);
    const at = { x: column * COLUMN_WIDTH, y: row * NODE_PITCH };
    this.#nodes[name] = { kind, name, params: params as GraphNode['params'], ...at };
    for (const [input, { id }] of from.entries()) this.#edges.push({ source: id, target: name, input });
    return { id: name, row, column };
  }
}

/** `conv.stride`: the parameter of a node. */
function placeOf(text: string): Exposed['targets'][number] {
  const at = text.indexOf('.');
  return { node: text.slice(0, at), param: text.slice(at + 1) };
}
