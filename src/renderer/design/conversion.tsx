/** Linear layers as the convolutions that compute the same, and back: what would change, and the button that does. */
import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { type Conversion, convert } from '../../engine/graph/convert.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { useInference } from '../store/documentInference.ts';
import { endGesture } from '../store/openDocument.ts';
import { editGraph, useGraph } from '../store/openDrawing.ts';
import { plural, signed, signedShort } from '../ui/numberFormat.ts';

export function ConversionSection({ id }: { id: NodeId }) {
  const graph = useGraph();
  const inference = useInference();
  const preview = useMemo(() => {
    const conversion = convert(graph, inference, id);
    return conversion && { conversion, after: infer(conversion.graph) };
  }, [graph, inference, id]);
  if (!preview) return null;
  const { conversion, after } = preview;
  const target = conversion.graph.nodes[id]!.kind;
  return (
    <section className="section" aria-label={`As ${target}`}>
      <h2>As {target}</h2>
      <p className="dim">
        {target === 'Linear'
          ? 'Every kernel here sees its whole image: Flatten and Linear compute the same.'
          : 'As convolutions these layers compute the same, and take larger images too: a map of answers comes out.'}
      </p>
      <ul className="conversion">
        {changesOf(conversion, inference).map(({ name, before, after: shape }) => (
          <li key={name} className="mono">
            {name}: {before} → {shape}
          </li>
        ))}
      </ul>
      <p className="tiny">{costsOf(inference, after)}</p>
      <div className="inspector-actions">
        <Button
          onClick={() => {
            endGesture();
            editGraph(() => conversion.graph);
          }}
        >
          Convert {plural(conversion.weightShapes.size, 'layer')}
        </Button>
      </div>
    </section>
  );
}

/** The shapes of the weights before and after: the numbers in them stay as they are. */
function changesOf({ weightShapes }: Conversion, inference: Inference) {
  const byName = new Map([...inference.nodes.values()].map(inferred => [inferred.node.name, inferred]));
  return [...weightShapes].map(([name, shape]) => ({
    name,
    before: shapeText(byName.get(name)?.figures?.weights[0]?.shape ?? []),
    after: shapeText(shape),
  }));
}

function costsOf({ totals: before }: Inference, { totals: after }: Inference): string {
  const parameters = signed(after.parameters - before.parameters);
  return `${parameters} parameters · ${signedShort(after.macs - before.macs)} MACs · one step of undo`;
}
