/** Leads a person to a node, from wherever in the window its name stands. */
import type { NodeId } from '../../engine/graph/document.ts';
import { goTo } from '../store/place.ts';
import { selectNodes } from '../store/selection.ts';
import { useCanvas } from './canvasState.ts';

export function showNode(id: NodeId): void {
  goTo('design');
  selectNodes([id]);
  useCanvas.setState({ reveal: id });
}
