/** What can be done on the canvas, by the keys that hands know from other editors. */
import { isBlock } from '../../engine/graph/blocks.ts';
import { countOf } from '../../engine/graph/canvasItems.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import type { Action } from '../actions/action.ts';
import { commentFlowId, frameFlowId } from '../graphView/flowId.ts';
import { showNode } from '../graphView/showNode.ts';
import {
  selectedEdge,
  selectedItems,
  selectedNode,
  selectedNodes,
  selectNodes,
  selectNothing,
  useSelection,
} from '../store/canvasSelection.ts';
import { graphNow, scopeNow } from '../store/openDrawing.ts';
import { alignSelection, canArrange, distributeSelection, layOut, straightenSelection } from './arranging.ts';
import { addBlockInput, closeBlock, dissolveSelection, groupSelection, openBlock } from './blockActions.ts';
import { shownCanvas } from './canvasHandle.tsx';
import { useCanvas } from './canvasState.ts';
import { canvasPlace, fit, fitAll, placeForNew, zoomIn, zoomOut, zoomTo } from './canvasView.ts';
import { copySelection, cutSelection, pasteFromMenu, pasteKeepingEdgesNext } from './clipboard.ts';
import { openCode, toggleCode } from './code/panelState.ts';
import {
  bypassSelection,
  commentAt,
  type Direction,
  deleteSelection,
  duplicateSelection,
  frameSelection,
  neighbour,
  selectAll,
  selectStream,
} from './gestures.ts';
import { openQuickAdd } from './quickAdd.tsx';

const hasItems = () => countOf(selectedItems()) > 0;
const hasNodes = () => selectedNodes().length > 0;
const hasEdge = () => selectedEdge() !== undefined;
const hasSelection = () => hasItems() || hasEdge();
const isDrawn = () => Object.keys(graphNow().nodes).length > 0;

const edit = { place: 'design', group: 'Edit', keys: [] } as const;
const canvas = { place: 'design', group: 'Canvas', keys: [] } as const;
const arrange = { place: 'design', group: 'Arrange', keys: [] } as const;
const view = { place: 'design', group: 'View', keys: [] } as const;
const walking = { place: 'design', onCanvas: true, group: 'Walk', keys: [] } as const;

const editing: readonly Action[] = [
  {
    ...edit,
    id: 'copy',
    title: 'Copy',
    keys: ['Ctrl+C'],
    browser: { keys: 'Ctrl+C' },
    when: hasItems,
    run: copySelection,
  },
  {
    ...edit,
    id: 'cut',
    title: 'Cut',
    keys: ['Ctrl+X'],
    browser: { keys: 'Ctrl+X' },
    when: hasItems,
    run: cutSelection,
  },
  {
    ...edit,
    id: 'paste',
    title: 'Paste',
    keys: ['Ctrl+V'],
    browser: { keys: 'Ctrl+V' },
    run: () => pasteFromMenu(false),
  },
  {
    ...edit,
    id: 'paste-wired',
    title: 'Paste with its connections',
    keys: ['Ctrl+Shift+V'],
    browser: { keys: 'Ctrl+Shift+V', prepare: pasteKeepingEdgesNext },
    run: () => pasteFromMenu(true),
  },
  { ...edit, id: 'duplicate', title: 'Duplicate', keys: ['Ctrl+D'], when: hasItems, run: duplicateSelection },
  {
    ...edit,
    id: 'delete',
    title: 'Delete',
    keys: ['Delete', 'Backspace'],
    when: hasSelection,
    run: () => deleteSelection(true),
  },
  {
    ...edit,
    id: 'delete-apart',
    title: 'Delete and leave a gap',
    keys: ['Shift+Delete', 'Shift+Backspace'],
    when: hasSelection,
    run: () => deleteSelection(false),
  },
  { ...edit, id: 'select-all', title: 'Select all', keys: ['Ctrl+A'], when: isDrawn, run: selectAll },
  {
    ...edit,
    id: 'select-nothing',
    title: 'Select nothing',
    keys: ['Escape'],
    when: hasSelection,
    run: selectNothing,
  },
];

const drawing: readonly Action[] = [
  { ...canvas, id: 'add', title: 'Add a layer', keys: ['Shift+A'], run: search },
  {
    ...canvas,
    id: 'add-after',
    title: 'Add a layer after it',
    when: () => selectedNode() !== undefined,
    run: search,
  },
  { ...canvas, id: 'insert-on-edge', title: 'Insert a layer here', when: hasEdge, run: search },
  {
    ...canvas,
    id: 'bypass',
    title: 'Bypass, or no longer',
    keys: ['B'],
    when: hasNodes,
    run: bypassSelection,
  },
  { ...canvas, id: 'rename', title: 'Rename', keys: ['F2'], when: () => renamed() !== null, run: rename },
  { ...canvas, id: 'comment', title: 'Comment', keys: ['C'], run: () => commentAt(placeForNew()) },
  { ...canvas, id: 'frame', title: 'Frame', keys: ['Shift+F'], run: () => frameSelection(placeForNew()) },
];

const blocks: readonly Action[] = [
  { ...canvas, id: 'block', title: 'Make a block', keys: ['Ctrl+G'], when: hasNodes, run: groupSelection },
  {
    ...canvas,
    id: 'open-block',
    title: 'Open the block',
    keys: ['Enter'],
    when: () => blockInHand() !== undefined,
    run: () => openBlock(blockInHand()),
  },
  {
    ...canvas,
    id: 'close-block',
    title: 'Leave the block',
    keys: ['Escape'],
    when: () => scopeNow() !== '' && !hasSelection(),
    run: closeBlock,
  },
  {
    ...canvas,
    id: 'dissolve-block',
    title: 'Take the block apart',
    keys: ['Ctrl+Shift+G'],
    when: () => selectedNodes().some(isCopy),
    run: dissolveSelection,
  },
  {
    ...canvas,
    id: 'block-input',
    title: 'Add an input to the block',
    when: () => scopeNow() !== '',
    run: addBlockInput,
  },
];

const arranging: readonly Action[] = [
  { ...arrange, id: 'lay-out', title: 'Lay out', keys: ['L'], when: isDrawn, run: layOut },
  {
    ...arrange,
    id: 'straighten',
    title: 'Straighten',
    keys: ['Q'],
    when: hasNodes,
    run: straightenSelection,
  },
  ...(['left', 'centre', 'right', 'top', 'middle', 'bottom'] as const).map(
    (side): Action => ({
      ...arrange,
      id: `align-${side}`,
      title: `Align ${side}`,
      when: () => canArrange(2),
      run: () => alignSelection(side),
    }),
  ),
  ...(['x', 'y'] as const).map(
    (axis): Action => ({
      ...arrange,
      id: `distribute-${axis}`,
      title: axis === 'x' ? 'Distribute from left to right' : 'Distribute from top to bottom',
      when: () => canArrange(3),
      run: () => distributeSelection(axis),
    }),
  ),
];

const viewing: readonly Action[] = [
  { ...view, id: 'fit', title: 'Fit the selection, or all', keys: ['F', '.'], run: fit },
  { ...view, id: 'fit-all', title: 'Fit all', keys: ['0'], run: fitAll },
  { ...view, id: 'zoom-100', title: 'Zoom to 100 %', keys: ['1'], run: () => zoomTo(1) },
  { ...view, id: 'zoom-in', title: 'Zoom in', keys: ['+'], run: zoomIn },
  { ...view, id: 'zoom-out', title: 'Zoom out', keys: ['-'], run: zoomOut },
];

const code: readonly Action[] = [
  {
    id: 'code',
    group: 'View',
    title: 'Show or hide the code',
    keys: ['Ctrl+J'],
    whileTyping: true,
    run: toggleCode,
  },
  { id: 'paste-code', group: 'Edit', title: 'Paste code as layers', keys: [], run: () => openCode('paste') },
];

const steps: readonly Action[] = [
  { ...walking, id: 'search', title: 'Search for a layer to add', keys: ['Tab'], run: search },
  ...(['Up', 'Down', 'Left', 'Right'] as const).map(
    (way): Action => ({
      ...walking,
      id: `walk-${way.toLowerCase()}`,
      title: `Walk ${way.toLowerCase()}`,
      keys: [`Arrow${way}`],
      run: () => walk(way.toLowerCase() as Direction),
    }),
  ),
  {
    ...walking,
    id: 'select-up',
    title: 'Select all that feeds it',
    keys: ['Shift+ArrowUp'],
    when: hasNodes,
    run: () => selectStream('up'),
  },
  {
    ...walking,
    id: 'select-down',
    title: 'Select all that it feeds',
    keys: ['Shift+ArrowDown'],
    when: hasNodes,
    run: () => selectStream('down'),
  },
  {
    ...walking,
    id: 'select-focused',
    title: 'Select what has the focus',
    keys: ['Enter', 'Space'],
    when: () => focused() !== undefined && !isInHand() && blockInHand() === undefined,
    run: () => selectNodes([focused()!]),
  },
  {
    ...walking,
    id: 'inspect',
    title: 'To its parameters',
    keys: ['Enter'],
    when: () => isInHand() && blockInHand() === undefined,
    run: () => shownCanvas()?.nameField.current?.focus(),
  },
];

export const canvasActions: readonly Action[] = [
  ...editing,
  ...drawing,
  ...blocks,
  ...arranging,
  ...viewing,
  ...code,
  ...steps,
];

const isCopy = (id: NodeId) => isBlock(graphNow().nodes[id]!);

/** The copy that Enter opens: the one that has the focus, else the one that is selected. */
function blockInHand(): NodeId | undefined {
  const id = focused() ?? selectedNode();
  return id !== undefined && id in graphNow().nodes && isCopy(id) ? id : undefined;
}

/** Whether the node that has the focus is the one that the inspector shows. */
function isInHand(): boolean {
  const id = focused();
  return id !== undefined && id === selectedNode();
}

/** The node that has the focus. */
function focused(): NodeId | undefined {
  const node = document.activeElement?.closest('.react-flow__node-layer');
  return node?.getAttribute('data-id') ?? undefined;
}

function walk(direction: Direction): void {
  const next = neighbour(focused() ?? [...useSelection.getState().nodes].at(-1), direction);
  if (next !== undefined) showNode(next);
}

/** Opens the search for a layer: into the selected edge, else after the selected node. */
function search(): void {
  const edge = selectedEdge();
  const shown = shownCanvas();
  if (!shown) return;
  const at = { x: shown.middle().x - 164, y: shown.bounds().y + 96 };
  openQuickAdd(edge ? { kind: 'onEdge', edge } : { kind: 'afterSelection' }, at, canvasPlace(at));
}

/** What F2 names: the one thing that is selected. */
function renamed(): string | null {
  const { nodes, frames, comments } = selectedItems();
  if (nodes.length + frames.length + comments.length !== 1) return null;
  const [node, frame, comment] = [nodes[0], frames[0], comments[0]];
  if (node !== undefined) return node;
  return frame === undefined ? commentFlowId(comment!) : frameFlowId(frame);
}

function rename(): void {
  useCanvas.setState({ editing: renamed() });
}
