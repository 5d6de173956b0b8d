/** What a node says, on any canvas that it is drawn on: kind, name, what matters of its parameters, and one figure. */
import type { ReactNode } from 'react';
import { isBlockInput } from '../../engine/graph/blocks.ts';
import type { NodeInference } from '../../engine/graph/inference.ts';
import type { ShownBlock } from './flow.ts';
import '@xyflow/react/dist/base.css';
import './graph.css';

interface LayerFaceProps {
  name: string;
  kindName: string;
  inferred: NodeInference | undefined;
  bypassed?: boolean;
  block: ShownBlock | null;
  /** Stands in the place of kind and name. */
  title?: ReactNode;
  figure: ReactNode;
}

export function LayerFace({ name, kindName, inferred, bypassed, block, title, figure }: LayerFaceProps) {
  const detail = bypassed ? 'bypassed: data flows past it' : block ? block.detail : detailOf(inferred);
  return (
    <>
      {title || (
        <span className="layer-title">
          <b>{kindName}</b> {block && block.repeat > 1 && <i className="layer-repeat">×{block.repeat}</i>}{' '}
          <span>{name}</span>
        </span>
      )}
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
