/** The palette: every kind of layer, by family. Click adds after the selection; drag puts it where it is dropped. */
import { Kbd, Tooltip } from '@mantine/core';
import { useState } from 'react';
import type { LayerKind } from '../../engine/layers/layer.ts';
import { layerKinds } from '../../engine/layers/registry.ts';
import { useShortcut } from '../actions/shortcuts.ts';
import { families, hueOf } from '../ui/families.ts';
import { BlockPalette } from './blockPalette.tsx';
import { useCanvasHandle } from './canvasHandle.tsx';
import { addAfterSelection } from './gestures.ts';
import { KindHelp } from './kindHelp.tsx';
import { search } from './searchLayers.ts';

/** The type under which a dragged kind travels. */
export const LAYER_TYPE = 'application/x-receptive-layer';

export function Palette() {
  const [query, setQuery] = useState('');
  const searchKeys = useShortcut('search');
  const canvas = useCanvasHandle();
  const found = search(layerKinds(), query);
  const middle = () => canvas.flow.screenToFlowPosition(canvas.middle());
  const add = (kind: LayerKind) => addAfterSelection(kind, middle());
  return (
    <aside className="palette" aria-label="Layers">
      <div className="palette-search">
        <input
          className="input"
          type="search"
          aria-label="Find a layer"
          placeholder="Find a layer"
          value={query}
          onChange={event => setQuery(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && found[0]) add(found[0]);
            if (event.key === 'Escape') setQuery('');
          }}
        />
        {searchKeys && <Kbd size="xs">{searchKeys}</Kbd>}
      </div>
      <div className="palette-list">
        <BlockPalette query={query} fallback={middle} />
        {families.map(({ family, title }) => {
          const kinds = found.filter(kind => kind.family === family);
          if (kinds.length === 0) return null;
          return (
            <section key={family} aria-label={title}>
              <h2 className="section-title">{title}</h2>
              {kinds.map(kind => (
                <PaletteItem key={kind.kind} kind={kind} onAdd={() => add(kind)} />
              ))}
            </section>
          );
        })}
        {found.length === 0 && <p className="palette-none dim">No layer is called “{query}”.</p>}
      </div>
    </aside>
  );
}

function PaletteItem({ kind, onAdd }: { kind: LayerKind; onAdd: () => void }) {
  return (
    <Tooltip
      label={<KindCard kind={kind} />}
      position="right-start"
      events={{ hover: true, focus: true, touch: false }}
      classNames={{ tooltip: 'kind-card' }}
      w={300}
    >
      <button
        type="button"
        className="palette-item"
        draggable
        onClick={onAdd}
        onDragStart={event => {
          event.dataTransfer.setData(LAYER_TYPE, kind.kind);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <i className="swatch" style={{ background: hueOf(kind.family) }} />
        {kind.kind}
      </button>
    </Tooltip>
  );
}

/** A card to read while looking for a layer; what a screen reader says of it is the summary alone. */
function KindCard({ kind }: { kind: LayerKind }) {
  return (
    <>
      <b>{kind.kind}</b>
      <p>{kind.summary}</p>
      <KindHelp kind={kind} />
    </>
  );
}
