/** The model zoo: networks to start from, each equal to its published form. One network, one file. */

import type { Graph } from '../graph/document.ts';
import { addNode, connect, NODE_PITCH, newNode } from '../graph/edits.ts';
import { layerKind } from '../layers/registry.ts';

export interface ZooModel {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  /** What it was published for: channels, height, width. */
  readonly input: readonly [number, number, number];
  readonly classes: number;
  build(input: readonly [number, number, number], classes: number): Graph;
}

/** One layer of a chain: kind, name, and the parameters that differ from the initial ones. */
export type ChainLink = readonly [kind: string, name: string, params?: Record<string, unknown>];

/** Builds a network in which each layer feeds the next, drawn from top to bottom. */
export function chain(links: readonly ChainLink[]): Graph {
  let graph: Graph = { nodes: {}, edges: [] };
  let before: string | undefined;
  for (const [i, [kindName, name, params]] of links.entries()) {
    const kind = layerKind(kindName);
    if (!kind) throw new TypeError(`the zoo asks for an unknown layer kind, ${kindName}`);
    const node = { ...newNode(graph, kind, { x: 0, y: i * NODE_PITCH }, params), name };
    const added = addNode(graph, node, name);
    graph = before ? connect(added.graph, { source: before, target: added.id, input: 0 }) : added.graph;
    before = added.id;
  }
  return graph;
}
