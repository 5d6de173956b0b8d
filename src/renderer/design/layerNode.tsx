/** A node on the canvas: its family's hue, kind, name, what matters of its parameters, and one figure. */
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { type CSSProperties, memo, useRef, useState } from 'react';
import type { NodeId } from '../../engine/graph/document.ts';
import { changeNode } from '../../engine/graph/edits.ts';
import type { Figures } from '../../engine/graph/inference.ts';
import { refusesName } from '../../engine/graph/names.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import type { LayerFlowNode } from '../graphView/flow.ts';
import { LayerFace } from '../graphView/layerFace.tsx';
import { useInference } from '../store/documentInference.ts';
import { useDocument } from '../store/openDocument.ts';
import { editGraph, graphNow } from '../store/openDrawing.ts';
import { BLOCK_HUE, hueOf } from '../ui/families.ts';
import { countRender } from '../ui/renderCounts.ts';
import { useCanvas, useOverlay } from './canvasState.ts';
import { findingText, findingTitle, useWorst } from './healthOverlay.tsx';
import { figureText, type OverlayName, overlays, scaleOf, shareOf } from './overlays.ts';

export const LayerNode = memo(function LayerNode({ id, data }: NodeProps<LayerFlowNode>) {
  countRender('node');
  const { name, kindName, bypassed, inferred, severity } = data;
  const overlay = useOverlay();
  const batch = useDocument(state => state.document.training.batchSize);
  const lit = useCanvas(state => (state.lit?.nodes.has(id) ? state.lit.end : null));
  const isRenaming = useCanvas(state => state.editing === id);
  const kind = bypassed ? layerKind(kindName) : inferred?.kind;
  const heat = useHeat(inferred?.figures, overlay, batch);
  const finding = useWorst(id, overlay === 'health');
  return (
    <div
      className="layer"
      data-severity={severity}
      data-block={data.block ? (data.block.repeat > 1 ? 'many' : 'one') : undefined}
      data-bypassed={bypassed}
      data-heat={heat === null ? undefined : heat.toFixed(2)}
      data-health={finding?.wellness}
      title={finding && findingTitle(finding)}
      style={
        {
          '--hue': data.block ? BLOCK_HUE : hueOf(kind?.family),
          ...(heat !== null && { '--heat': `${Math.round(100 * heat)}%` }),
        } as CSSProperties
      }
    >
      {data.hasInputs && (
        <Handle type="target" position={Position.Top} className={lit === 'target' ? 'receives' : ''} />
      )}
      <LayerFace
        {...data}
        title={isRenaming && <NameInput id={id} name={name} />}
        figure={
          finding ? findingText(finding) : inferred?.figures && figureText(inferred.figures, overlay, batch)
        }
      />
      <Handle type="source" position={Position.Bottom} className={lit === 'source' ? 'receives' : ''} />
    </div>
  );
});

/** The name where it stands; one that PyTorch would not take is explained, and not taken. */
function NameInput({ id, name }: { id: NodeId; name: string }) {
  const [draft, setDraft] = useState(name);
  const input = useRef<HTMLInputElement>(null);
  const isClosed = useRef(false);
  const refusal = refusesName(graphNow(), id, draft);
  const close = (takes: boolean) => {
    // Giving the focus back blurs the field, which would close it once more.
    if (isClosed.current) return;
    isClosed.current = true;
    if (takes && refusal === undefined && draft !== name)
      editGraph(graph => changeNode(graph, id, { name: draft }));
    const node = input.current?.closest('.react-flow__node');
    useCanvas.setState({ editing: null });
    if (node instanceof HTMLElement) node.focus({ preventScroll: true });
  };
  return (
    <span className="layer-rename nodrag">
      <input
        ref={input}
        // biome-ignore lint/a11y/noAutofocus: it was asked for
        autoFocus
        className="input"
        aria-label={`New name of ${name}`}
        aria-invalid={refusal !== undefined}
        autoComplete="off"
        spellCheck={false}
        value={draft}
        onChange={event => setDraft(event.target.value)}
        onFocus={event => event.target.select()}
        onBlur={() => close(true)}
        onKeyDown={event => {
          if (event.key === 'Enter' && refusal === undefined) close(true);
          if (event.key === 'Escape') close(false);
        }}
      />
      {refusal && (
        <span className="layer-refusal" role="status">
          {refusal}
        </span>
      )}
    </span>
  );
}

/** How far up its scale a layer is: what its tint says. Null where it has none. */
function useHeat(figures: Figures | null | undefined, overlay: OverlayName, batch: number): number | null {
  const scale = useInference(inference => scaleOf(inference, overlay, batch));
  return figures && scale ? shareOf(overlays[overlay].figure(figures, batch), scale) : null;
}
