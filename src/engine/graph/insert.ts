/** Inserts a network into another, as one edit: pasting code or nodes. */
import { layerKind } from '../layers/registry.ts';
import type { Graph, GraphNode, NodeId } from './document.ts';
import { freeId, type Position } from './edits.ts';
import { FreeNames } from './freeNames.ts';

export interface Insertion {
  /** The node that feeds the inserted network in place of its Inputs; null: they are inserted, too. */
  readonly after: NodeId | null;
  /** Whether Inputs are omitted even if there is no such node. */
  readonly withoutEntrances?: boolean;
  /** The position of its top left corner. */
  readonly at: Position;
}

/** Adds a network with new ids, and new names where its names are taken. */
export function insertGraph(
  graph: Graph,
  added: Graph,
  { after, withoutEntrances = false, at }: Insertion,
): { graph: Graph; ids: readonly NodeId[] } {
  const dropsEntrances = after !== null || withoutEntrances;
  const isEntrance = (node: GraphNode | undefined) =>
    node !== undefined && layerKind(node.kind)?.inputs === 0;
  const kept = Object.entries(added.nodes).filter(([, node]) => !(dropsEntrances && isEntrance(node)));
  const left = Math.min(...kept.map(([, { x }]) => x));
  const top = Math.min(...kept.map(([, { y }]) => y));
  const names = new FreeNames(graph);
  const ids = new Map<NodeId, NodeId>();
  const nodes = { ...graph.nodes };
  for (const [id, node] of kept) {
    const place = { x: at.x + node.x - left, y: at.y + node.y - top };
    const free = freeId(nodes);
    nodes[free] = { ...node, ...place, name: names.likeOrNumbered(node.name, node.kind) };
    ids.set(id, free);
  }
  const inner = added.edges.flatMap(({ source, target, input }) => {
    const [from, to] = [ids.get(source), ids.get(target)];
    return from !== undefined && to !== undefined ? [{ source: from, target: to, input }] : [];
  });
  const entering = added.edges.flatMap(({ source, target, input }) => {
    const to = ids.get(target);
    const isFed = after !== null && graph.nodes[after] && isEntrance(added.nodes[source]) && to !== undefined;
    return isFed ? [{ source: after, target: to, input }] : [];
  });
  return {
    graph: { ...graph, nodes, edges: [...graph.edges, ...inner, ...entering] },
    ids: [...ids.values()],
  };
}
