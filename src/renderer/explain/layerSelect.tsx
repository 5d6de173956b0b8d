/** Chooses the layer that views look at: one choice for all of them. */
import { NativeSelect } from '@mantine/core';
import type { NodeId } from '../../engine/graph/document.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { useExplain } from './explainState.ts';
import { layersOf } from './explainSubject.ts';

interface LayerSelectProps {
  inference: Inference;
  value: NodeId;
  /** Only layers that give an image of more than one pixel. */
  images?: boolean;
}

export function LayerSelect({ inference, value, images = false }: LayerSelectProps) {
  const layers = layersOf(inference).filter(({ shape }) => !images || (shape[1] ?? 1) * (shape[2] ?? 1) > 1);
  return (
    <NativeSelect
      aria-label="Layer"
      data={layers.map(({ id, name, shape }) => ({ value: id, label: `${name} · ${shapeText(shape)}` }))}
      value={value}
      onChange={event => useExplain.setState({ node: event.currentTarget.value })}
    />
  );
}
