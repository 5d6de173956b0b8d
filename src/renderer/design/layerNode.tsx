/** A node on the canvas: its family's hue, kind, name, what matters of its parameters, and one figure. */
import { Handle, type NodeProps, Position } from '@xyflow/react';
import { type CSSProperties, memo, type ReactNode } from 'react';
import { isBlockInput } from '../../engine/graph/blocks.ts';
import type { Figures, NodeInference } from '../../engine/graph/infer.ts';
import { useDocument } from '../store/document.ts';
import { useInference } from '../store/inference.ts';
import { hueOf } from '../ui/families.ts';
import { useCanvas } from './canvasState.ts';
import type { LayerFlowNode, ShownBlock } from './flow.ts';
import { figureText, type OverlayName, overlays, scaleOf, shareOf } from './overlays.ts';

export const LayerNode = memo(function LayerNode({ id, data }: NodeProps<LayerFlowNode>) {
  const { inferred, severity } = data;
  const overlay = useCanvas(state => state.overlay);
  const batch = useDocument(state => state.document.training.batchSize);
  const receives = useCanvas(state => state.receivers?.has(id) ?? false);
  const heat = useHeat(inferred?.figures, overlay, batch);
  return (
    <div
      className="layer"
      data-severity={severity}
      data-block={data.block ? (data.block.repeat > 1 ? 'many' : 'one') : undefined}
      data-heat={heat === null ? undefined : heat.toFixed(2)}
      style={
        {
          '--hue': hueOf(inferred?.kind?.family),
          ...(heat !== null && { '--heat': `${Math.round(100 * heat)}%` }),
        } as CSSProperties
      }
    >
      {data.hasInputs && (
        <Handle type="target" position={Position.Top} className={receives ? 'receives' : ''} />
      )}
      <LayerFace {...data} figure={inferred?.figures && figureText(inferred.figures, overlay, batch)} />
      <Handle type="source" position={Position.Bottom} />
    </div>
  );
});

interface LayerFaceProps {
  name: string;
  kindName: string;
  inferred: NodeInference | undefined;
  block: ShownBlock | null;
  figure: ReactNode;
}

/** What a node says, on any canvas that it is drawn on. */
export function LayerFace({ name, kindName, inferred, block, figure }: LayerFaceProps) {
  const detail = block ? block.detail : detailOf(inferred);
  return (
    <>
      <span className="layer-title">
        <b>{kindName}</b> {block && block.repeat > 1 && <i className="layer-repeat">×{block.repeat}</i>}{' '}
        <span>{name}</span>
      </span>
      {detail !== '' && <span className="layer-detail truncate">{detail}</span>}
      <span className="layer-figure">{figure}</span>
    </>
  );
}

/** The parameters that matter, where they are valid; they need not fit the input to be shown. */
function detailOf(inferred: NodeInference | undefined): string {
  if (inferred && isBlockInput(inferred.node)) return '';
  const params = inferred?.kind?.schema.safeParse(inferred.node.params);
  return params?.success ? inferred!.kind!.detail(params.data) : 'invalid parameters';
}

/** How far up its scale a layer is: what its tint says. Null where it has none. */
function useHeat(figures: Figures | null | undefined, overlay: OverlayName, batch: number): number | null {
  const scale = useInference(inference => scaleOf(inference, overlay, batch));
  return figures && scale ? shareOf(overlays[overlay].figure(figures, batch), scale) : null;
}
