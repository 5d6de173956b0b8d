/** The canvas of a comparison: drawn like any other, but only looked at. */
import {
  Background,
  BackgroundVariant,
  BaseEdge,
  EdgeLabelRenderer,
  type EdgeProps,
  getBezierPath,
  Handle,
  type NodeProps,
  Position,
  ReactFlow,
  useReactFlow,
} from '@xyflow/react';
import { type CSSProperties, memo, useEffect } from 'react';
import { layerKind } from '../../engine/layers/registry.ts';
import { LayerFace } from '../graphView/layerFace.tsx';
import { BLOCK_HUE, hueOf } from '../ui/families.ts';
import { motion } from '../ui/motion.ts';
import { count, signed, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import type { DiffFlowEdge, DiffFlowNode, DiffNoteNode } from './diffPicture.ts';

interface DiffCanvasProps {
  nodes: (DiffFlowNode | DiffNoteNode)[];
  edges: DiffFlowEdge[];
  /** A node that somebody asked for; asked for anew with each object. */
  wanted: { id: string } | null;
}

const nodeTypes = { diff: memo(DiffNode), note: memo(DiffNote) };
const edgeTypes = { diff: memo(DiffEdge) };

export function DiffCanvas({ nodes, edges, wanted }: DiffCanvasProps) {
  return (
    <section className="diff-canvas" aria-label="Both networks">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        disableKeyboardA11y
        fitView
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
        minZoom={0.05}
        maxZoom={2}
        proOptions={{ hideAttribution: true }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
        <GoTo wanted={wanted} />
      </ReactFlow>
    </section>
  );
}

function GoTo({ wanted }: Pick<DiffCanvasProps, 'wanted'>) {
  const flow = useReactFlow();
  useEffect(() => {
    if (wanted) void flow.fitView({ nodes: [wanted], maxZoom: 1, duration: motion() });
  }, [wanted, flow]);
  return null;
}

function DiffNode({ data }: NodeProps<DiffFlowNode>) {
  const { kindName, bypassed, inferred, fate, change, block } = data;
  const kind = bypassed ? layerKind(kindName) : inferred?.kind;
  const parameters = inferred?.figures?.parameters ?? 0;
  const figure = change?.deltaParams
    ? signed(change.deltaParams)
    : parameters > 0
      ? count(parameters)
      : UNKNOWN_FIGURE;
  return (
    <div
      className="layer"
      data-fate={fate}
      data-bypassed={bypassed}
      data-block={block ? (block.repeat > 1 ? 'many' : 'one') : undefined}
      style={{ '--hue': block ? BLOCK_HUE : hueOf(kind?.family) } as CSSProperties}
    >
      {inferred?.kind?.inputs !== 0 && <Handle type="target" position={Position.Top} />}
      <LayerFace {...data} figure={figure} />
      <Handle type="source" position={Position.Bottom} />
    </div>
  );
}

function DiffNote({ data: { kind, text, fate } }: NodeProps<DiffNoteNode>) {
  if (kind === 'comment') {
    return (
      <div className="comment" data-fate={fate}>
        {text}
      </div>
    );
  }
  return (
    <div className="frame" data-fate={fate}>
      <div className="frame-title truncate">{text || 'Frame'}</div>
    </div>
  );
}

function DiffEdge(props: EdgeProps<DiffFlowEdge>) {
  const [path, x, y] = getBezierPath(props);
  const { fate, text } = props.data!;
  return (
    <>
      <BaseEdge id={props.id} path={path} className="shape-edge" data-fate={fate} />
      {fate !== 'removed' && (
        <EdgeLabelRenderer>
          <div
            className="shape-label diff-shape"
            style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
          >
            {text}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}
