/** A node on the canvas: its family's hue, kind, name, what matters of its parameters, and one figure. */
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { type CSSProperties, memo } from 'react';
import type { Figures, NodeInference } from '../../engine/graph/infer.ts';
import { hueOf } from '../ui/families.ts';
import { bytes, count, short, UNKNOWN } from '../ui/format.ts';
import { type ShownFigure, useCanvas } from './canvasState.ts';
import type { LayerFlowNode } from './flow.ts';

export const LayerNode = memo(function LayerNode({ id, data }: NodeProps<LayerFlowNode>) {
  const { name, kindName, inferred, severity } = data;
  const shown = useCanvas(state => state.figure);
  const receives = useCanvas(state => state.receivers?.has(id) ?? false);
  const detail = detailOf(inferred);
  return (
    <div
      className="layer"
      data-severity={severity}
      style={{ '--hue': hueOf(inferred?.kind?.family) } as CSSProperties}
    >
      {inferred?.kind?.inputs !== 0 && (
        <Handle type="target" position={Position.Top} className={receives ? 'receives' : ''} />
      )}
      <span className="layer-title">
        <b>{kindName}</b> <span>{name}</span>
      </span>
      {detail !== '' && <span className="layer-detail truncate">{detail}</span>}
      <span className="layer-figure">{inferred?.figures && figureText(inferred.figures, shown)}</span>
      <Handle type="source" position={Position.Bottom} />
    </div>
  );
});

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
