/**
 * The open project's document and its undo history. One gesture is one step: an edit that names the gesture it
 * belongs to (typing into one field, dragging one slider) joins the step before it. Everything undoable is in
 * the document; selection, zoom and places are not. What follows from the document is part of the same state (derive.ts).
 */
import { type TemporalState, temporal } from 'zundo';
import { create, type StoreApi, useStore } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import { type Graph, newDocument, type ProjectDocument, type Training } from '../../engine/graph/document.ts';
import { type DocumentState, derive, deriving } from './derive.ts';

type History = Pick<DocumentState, 'document'>;

/** Steps that can be undone; each shares with its neighbours what did not change. */
const UNDO_STEPS = 500;

export const useDocument = create<DocumentState>()(
  deriving(
    temporal<DocumentState, [], [], History>(
      () => derive({ project: null, document: newDocument('untitled'), scope: '' }),
      {
        partialize: ({ document }) => ({ document }),
        equality: (a, b) => a.document === b.document,
        limit: UNDO_STEPS,
      },
    ),
  ),
);

const history = (): TemporalState<History> => useDocument.temporal.getState();

/** The gesture that the last edit belonged to, if it can still go on. */
let gesture: string | undefined;

/** Changes the document. Edits that name the same gesture, one after the other, undo as one. */
export function edit(change: (document: ProjectDocument) => ProjectDocument, partOf?: string): void {
  const before = useDocument.getState().document;
  const document = change(before);
  // An edit that changes nothing is no step, so the next one has none to join.
  if (document === before) return;
  const joins = partOf !== undefined && partOf === gesture;
  if (joins) history().pause();
  useDocument.setState({ document });
  if (joins) history().resume();
  gesture = partOf;
}

/** Changes the network, blocks and all. */
export function editNetwork(change: (graph: Graph) => Graph, partOf?: string): void {
  edit(document => {
    const graph = change(document.graph);
    return graph === document.graph ? document : { ...document, graph };
  }, partOf);
}

export function editTraining(change: Partial<Training>, partOf?: string): void {
  edit(document => ({ ...document, training: { ...document.training, ...change } }), partOf);
}

/** The next edit begins a new step, whatever it says: a field was left, a pointer let go. */
export function endGesture(): void {
  gesture = undefined;
}

/** Takes back what a gesture did so far, as though it had not begun: a new comment was left without a word. */
export function dropGesture(partOf: string): void {
  if (gesture !== partOf) return;
  undo();
  useDocument.temporal.setState({ futureStates: [] });
}

export function undo(): void {
  endGesture();
  history().undo();
}

export function redo(): void {
  endGesture();
  history().redo();
}

/** Opens a document with a history of its own. */
export function showDocument(project: Id, document: ProjectDocument): void {
  history().pause();
  useDocument.setState({ project, document });
  history().resume();
  history().clear();
  endGesture();
}

export function networkNow(): Graph {
  return useDocument.getState().document.graph;
}

export const useNetwork = (): Graph => useDocument(state => state.document.graph);

/** How many steps can be undone and redone. */
export function useHistory(): { undoable: number; redoable: number } {
  const store = useDocument.temporal as StoreApi<TemporalState<History>>;
  return {
    undoable: useStore(store, state => state.pastStates.length),
    redoable: useStore(store, state => state.futureStates.length),
  };
}
