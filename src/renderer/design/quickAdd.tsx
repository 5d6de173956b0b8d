/** Search for a layer and add it without leaving the keyboard: Tab or double-click, a few letters, Enter. */
import { useEffect, useId, useRef, useState } from 'react';
import type { Position } from '../../engine/graph/edits.ts';
import { initialValues } from '../../engine/layers/fields.ts';
import type { LayerKind } from '../../engine/layers/layer.ts';
import { layerKinds } from '../../engine/layers/registry.ts';
import { inferenceNow } from '../store/inference.ts';
import { hueOf } from '../ui/families.ts';
import { closeQuickAdd, type QuickAddPlace, rememberKind, useCanvas } from './canvasState.ts';
import { addAfterSelection, addFrom, addOnEdge } from './gestures.ts';
import { search } from './search.ts';

const WIDTH = 328;
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
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const returnTo = useRef(document.activeElement);
  const recent = useCanvas(state => state.recentKinds);
  const found = search(candidates(place, recent), query);
  const chosen = found[Math.min(active, found.length - 1)];

  useEffect(() => {
    const before = returnTo.current;
    return () => (before instanceof HTMLElement ? before.focus({ preventScroll: true }) : undefined);
  }, []);

  /** With `goesOn`, what is added next comes after it. */
  const take = (kind: LayerKind | undefined, goesOn = false) => {
    if (!goesOn) closeQuickAdd();
    if (!kind) return;
    rememberKind(kind.kind);
    if (place.kind === 'onEdge') addOnEdge(kind, place.edge);
    else if (place.kind === 'fromNodes') addFrom(kind, place.sources, flow);
    else addAfterSelection(kind, flow);
    if (!goesOn) return;
    setQuery('');
    setActive(0);
    useCanvas.setState({ quickAdd: { at, place: { kind: 'afterSelection' }, flow } });
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') take(chosen, event.shiftKey);
    else if (event.key === 'Escape' || event.key === 'Tab') closeQuickAdd();
    else if (event.key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="quick-add"
      style={{
        left: Math.min(at.x, window.innerWidth - WIDTH - 12),
        top: Math.min(at.y, window.innerHeight - HEIGHT - 12),
        width: WIDTH,
        maxHeight: HEIGHT,
      }}
    >
      <input
        // biome-ignore lint/a11y/noAutofocus: it was asked for by a key, and gives the focus back when it closes
        autoFocus
        className="input"
        role="combobox"
        aria-label="Find a layer to add"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen && `${list}-${chosen.kind}`}
        placeholder={PLACEHOLDERS[place.kind]}
        value={query}
        onChange={event => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        onBlur={closeQuickAdd}
      />
      <div id={list} role="listbox" aria-label="Layers" className="quick-add-list">
        {found.map(kind => (
          <div
            key={kind.kind}
            id={`${list}-${kind.kind}`}
            role="option"
            tabIndex={-1}
            aria-selected={kind === chosen}
            className="quick-add-option"
            onMouseDown={event => {
              event.preventDefault();
              take(kind);
            }}
          >
            <i className="swatch" style={{ background: hueOf(kind.family) }} />
            <span>{kind.kind}</span>
            <span className="tiny truncate">{kind.summary}</span>
          </div>
        ))}
        {found.length === 0 && <p className="tiny quick-add-none">No layer fits “{query}”.</p>}
      </div>
      <p className="tiny quick-add-hint">Enter adds it · Shift+Enter adds it and goes on</p>
    </div>
  );
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
