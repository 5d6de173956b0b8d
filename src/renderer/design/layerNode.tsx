/** A node on the canvas: its family's hue, kind, name, what matters of its parameters, and one figure. */
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { type CSSProperties, memo, useRef, useState } from 'react';
import type { NodeId } from '../../engine/graph/document.ts';
import { changeNode } from '../../engine/graph/edits.ts';
import type { Figures, NodeInference } from '../../engine/graph/infer.ts';
import { refusesName } from '../../engine/graph/names.ts';
import { layerKind } from '../../engine/layers/registry.ts';
import { editGraph, graphNow } from '../store/document.ts';
import { hueOf } from '../ui/families.ts';
import { bytes, count, short, UNKNOWN } from '../ui/format.ts';
import { countRender } from '../ui/renders.ts';
import { type ShownFigure, useCanvas } from './canvasState.ts';
import type { LayerFlowNode } from './flow.ts';

export const LayerNode = memo(function LayerNode({ id, data }: NodeProps<LayerFlowNode>) {
  countRender('node');
  const { name, kindName, bypassed, inferred, severity } = data;
  const shown = useCanvas(state => state.figure);
  const lit = useCanvas(state => (state.lit?.nodes.has(id) ? state.lit.end : null));
  const isRenaming = useCanvas(state => state.editing === id);
  const kind = bypassed ? layerKind(kindName) : inferred?.kind;
  const detail = bypassed ? 'bypassed: data flows past it' : detailOf(inferred);
  return (
    <div
      className="layer"
      data-severity={severity}
      data-bypassed={bypassed}
      style={{ '--hue': hueOf(kind?.family) } as CSSProperties}
    >
      {inferred?.kind?.inputs !== 0 && (
        <Handle type="target" position={Position.Top} className={lit === 'target' ? 'receives' : ''} />
      )}
      {isRenaming ? (
        <NameInput id={id} name={name} />
      ) : (
        <span className="layer-title">
          <b>{kindName}</b> <span>{name}</span>
        </span>
      )}
      {detail !== '' && <span className="layer-detail truncate">{detail}</span>}
      <span className="layer-figure">{inferred?.figures && figureText(inferred.figures, shown)}</span>
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

/** The parameters that matter, where they are valid; they need not fit the input to be shown. */
function detailOf(inferred: NodeInference | undefined): string {
  const params = inferred?.kind?.schema.safeParse(inferred.node.params);
  return params?.success ? inferred!.kind!.detail(params.data) : 'invalid parameters';
}

function figureText(figures: Figures, shown: ShownFigure): string {
  switch (shown) {
    case 'Params':
      return figures.parameters > 0 ? count(figures.parameters) : UNKNOWN;
    case 'MACs':
      return figures.macs > 0 ? short(figures.macs) : UNKNOWN;
    case 'Memory':
      return bytes(figures.activationBytes);
    case 'Field':
      return figures.receptiveField?.size.join('×') ?? UNKNOWN;
  }
}
