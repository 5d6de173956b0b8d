/** Search for a layer and add it without leaving the keyboard: Tab or double-click, a few letters, Enter. */
import { useEffect, useRef } from 'react';
import type { Position } from '../../engine/graph/edits.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import type { LayerKind } from '../../engine/layers/layer.ts';
import { layerKinds } from '../../engine/layers/registry.ts';
import { inferenceNow } from '../store/documentInference.ts';
import { hueOf } from '../ui/families.ts';
import { SearchList } from '../ui/searchList.tsx';
import { closeQuickAdd, type QuickAddPlace, rememberKind, useCanvas } from './canvasState.ts';
import { addAfterSelection, addFrom, addOnEdge } from './gestures.ts';
import { search } from './searchLayers.ts';

const QUICK_ADD_WIDTH = 328;
const HEIGHT = 300;

/** Opens the search at a place of the screen; `flow` is the same place on the canvas. */
export function openQuickAdd(place: QuickAddPlace, at: Position, flow: Position): void {
  useCanvas.setState({ quickAdd: { at, place, flow } });
}

export function QuickAdd() {
  const quickAdd = useCanvas(state => state.quickAdd);
  if (!quickAdd) return null;
  const { at, place, flow } = quickAdd;
  return <Search key={`${at.x} ${at.y}`} at={at} place={place} flow={flow} />;
}

function Search({ at, place, flow }: { at: Position; place: QuickAddPlace; flow: Position }) {
  const recent = useCanvas(state => state.recentKinds);
  useFocusGivenBack();
  return (
    <div
      className="quick-add"
      style={{
        left: Math.min(at.x, window.innerWidth - QUICK_ADD_WIDTH - 12),
        top: Math.min(at.y, window.innerHeight - HEIGHT - 12),
        width: QUICK_ADD_WIDTH,
        maxHeight: HEIGHT,
      }}
    >
      <SearchList<LayerKind>
        label="Find a layer to add"
        placeholder={PLACEHOLDERS[place.kind]}
        listLabel="Layers"
        listClass="quick-add-list"
        optionClass="quick-add-option"
        find={query => search(candidates(place, recent), query)}
        keyOf={({ kind }) => kind}
        render={({ kind, family, summary }) => (
          <>
            <i className="swatch" style={{ background: hueOf(family) }} />
            <span>{kind}</span>
            <span className="tiny truncate">{summary}</span>
          </>
        )}
        none={query => <p className="tiny quick-add-none">No layer fits “{query}”.</p>}
        onTake={(kind, goesOn) => {
          // What is added next comes after it.
          if (goesOn) useCanvas.setState({ quickAdd: { at, place: { kind: 'afterSelection' }, flow } });
          else closeQuickAdd();
          if (kind) add(kind, place, flow);
        }}
        onBlur={closeQuickAdd}
        onKey={key => {
          if (key !== 'Escape' && key !== 'Tab') return false;
          closeQuickAdd();
          return true;
        }}
      />
      <p className="tiny quick-add-hint">Enter adds it · Shift+Enter adds it and goes on</p>
    </div>
  );
}

/** What had the focus before has it again afterwards. */
function useFocusGivenBack(): void {
  const returnTo = useRef(document.activeElement);
  useEffect(() => {
    const before = returnTo.current;
    return () => (before instanceof HTMLElement ? before.focus({ preventScroll: true }) : undefined);
  }, []);
}

function add(kind: LayerKind, place: QuickAddPlace, flow: Position): void {
  rememberKind(kind.kind);
  if (place.kind === 'onEdge') addOnEdge(kind, place.edge);
  else if (place.kind === 'fromNodes') addFrom(kind, place.sources, flow);
  else addAfterSelection(kind, flow);
}

const PLACEHOLDERS: Record<QuickAddPlace['kind'], string> = {
  afterSelection: 'Add a layer after the selection',
  onEdge: 'Insert a layer into the edge',
  fromNodes: 'Lead the edge into a new layer',
};

/** What can be added there: what was chosen before comes first; an edge is offered only what takes its shape. */
function candidates(place: QuickAddPlace, recent: readonly string[]): LayerKind[] {
  const hasInput = inferenceNow().order.some(id => inferenceNow().nodes.get(id)?.kind?.inputs === 0);
  const rank = (kind: LayerKind) => {
    if (kind.inputs === 0) return hasInput ? Number.POSITIVE_INFINITY : -1;
    return recent.includes(kind.kind) ? recent.indexOf(kind.kind) : recent.length;
  };
  const all = [...layerKinds()].sort((a, b) => rank(a) - rank(b));
  if (place.kind === 'afterSelection') return all;
  const sources = place.kind === 'onEdge' ? [place.edge.source] : place.sources;
  const shapes = sources.flatMap(id => {
    const shape = inferenceNow().nodes.get(id)?.figures?.shape;
    return shape ? [shape] : [];
  });
  const [shape] = shapes;
  return all.filter(kind => {
    const takes = kind.inputs === 'several' ? sources.length : kind.inputs;
    if (takes === 0 || takes < sources.length) return false;
    // What is not known yet refuses nothing.
    if (!shape || shapes.length < sources.length) return true;
    return 'shape' in kind.shape(initialValues(kind.fields), shape, shapes);
  });
}
