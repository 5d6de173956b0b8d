/** What becomes of a network that was read from code: one edit, and the new layers in sight. */

import type { Graph, NodeId } from '../../engine/graph/document.ts';
import { NODE_PITCH, type Position } from '../../engine/graph/edits.ts';
import { insertGraph } from '../../engine/graph/insert.ts';
import type { ImageShape } from '../../engine/layers/fields.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import { NODE } from '../graphView/flow.ts';
import { showNode } from '../graphView/showNode.ts';
import { selectedNode, selectNodes } from '../store/canvasSelection.ts';
import { inferenceNow } from '../store/documentInference.ts';
import { useDocument } from '../store/openDocument.ts';
import { editGraph, graphNow } from '../store/openDrawing.ts';
import { useStudio } from '../store/studioState.ts';

/** The shape of the open project's images: of its Input, else of its dataset. */
export function imageAtHand(): ImageShape | null {
  const { nodes, order } = inferenceNow();
  const entrance = order.find(id => nodes.get(id)?.kind?.inputs === 0);
  const shape = entrance === undefined ? undefined : nodes.get(entrance)?.figures?.shape;
  if (shape?.length === 3) return shape as unknown as ImageShape;
  const { dataset } = useDocument.getState().document;
  return (
    Object.values(useStudio.getState().datasets).find(({ name }) => name === dataset)?.imageShape ?? null
  );
}

/**
 * Adds the layers after the selected one; where none is selected, beside the network. A second Input is left out:
 * a network has one.
 */
export function addPasted(added: Graph): void {
  const graph = graphNow();
  const after = selectedNode() ?? null;
  const hasEntrance = Object.values(graph.nodes).some(({ kind }) => layerKind(kind)?.inputs === 0);
  const at = placeFor(graph, after);
  const inserted = insertGraph(graph, added, { after, withoutEntrances: hasEntrance, at });
  editGraph(() => inserted.graph);
  const [first] = inserted.ids;
  if (first === undefined) return;
  showNode(first);
  selectNodes(inserted.ids);
}

export function replaceByPasted(pasted: Graph): void {
  const inserted = insertGraph({ nodes: {}, edges: [] }, pasted, { after: null, at: { x: 0, y: 0 } });
  editGraph(() => inserted.graph);
  if (inserted.ids[0] !== undefined) showNode(inserted.ids[0]);
}

/** Below a node that feeds nothing yet; else beside everything. */
function placeFor({ nodes, edges }: Graph, after: NodeId | null): Position {
  const all = Object.values(nodes);
  if (all.length === 0) return { x: 0, y: 0 };
  const above = after === null ? undefined : nodes[after];
  const isEnd = edges.every(({ source }) => source !== after);
  if (above && isEnd) return { x: above.x, y: above.y + NODE_PITCH };
  const x = Math.max(...all.map(node => node.x)) + NODE.width + 72;
  return { x, y: above ? above.y + NODE_PITCH : Math.min(...all.map(node => node.y)) };
}
