/** The same on a layer of the project's network, its weights and an image of one's own. */
import { NativeSelect } from '@mantine/core';
import { useMemo } from 'react';
import type { ProbeQuestion, WeightsQuestion } from '../../../bridge/explainCalls.ts';
import type { NodeId } from '../../../engine/graph/document.ts';
import type { Inference } from '../../../engine/graph/inference.ts';
import { edgesInto } from '../../../engine/graph/wiring.ts';
import type { SlidingWindow } from '../../../engine/layers/window.ts';
import { useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import { useImage, useSubject } from '../explainSubject.ts';
import { volumeOf } from '../oneLayerNetwork.ts';
import { Answered } from '../questionAnswer.tsx';
import { SubjectBar } from '../subjectBar.tsx';
import { Stage } from './windowPosition.tsx';

/** The window of a layer that gathers with filters over all channels; undefined of any other. */
function windowIn(inference: Inference, id: NodeId): SlidingWindow | undefined {
  const { kind, figures } = inference.nodes.get(id)!;
  const weight = figures?.weights.find(({ name }) => name === 'weight');
  if (!kind || !figures || weight?.shape.length !== 4 || weight.shape[1] !== figures.inputs[0]?.[0])
    return undefined;
  const picture = kind.picture(figures.params);
  return picture.view === 'window' && picture.way === 'gather' ? picture : undefined;
}

export function LayerSweep() {
  const chosen = useSubject();
  const image = useImage();
  const node = useExplain(state => state.node);
  const layers = useMemo(
    () => chosen?.inference.order.filter(id => windowIn(chosen.inference, id)) ?? [],
    [chosen],
  );
  const id = node !== null && layers.includes(node) ? node : layers[0];
  const source = useMemo(
    () =>
      chosen && id !== undefined ? edgesInto(chosen.inference.graph.edges).get(id)?.[0]?.source : undefined,
    [chosen, id],
  );
  const question = useMemo(
    (): ProbeQuestion | null =>
      chosen && image && id !== undefined && source !== undefined
        ? { kind: 'probe', subject: chosen.subject, images: [image.source], outputs: [source, id] }
        : null,
    [chosen, image, id, source],
  );
  const weightsQuestion = useMemo(
    (): WeightsQuestion | null =>
      chosen && id !== undefined ? { kind: 'weights', subject: chosen.subject, node: id } : null,
    [chosen, id],
  );
  const asked = useAnswer(question);
  const weights = useAnswer(weightsQuestion);
  const name = (layer: NodeId) => chosen!.inference.nodes.get(layer)!.node.name;
  return (
    <div className="explain-main">
      <SubjectBar wants={['weights', 'image']} />
      {chosen && layers.length === 0 && (
        <p className="explain-note">This network has no Conv2d to look at.</p>
      )}
      {!image && <p className="explain-note">Open an image, or choose a dataset in Train.</p>}
      {chosen && id !== undefined && (
        <NativeSelect
          label="Layer"
          className="explain-narrow"
          data={layers.map(layer => ({ value: layer, label: name(layer) }))}
          value={id}
          onChange={event => useExplain.setState({ node: event.currentTarget.value })}
        />
      )}
      {question && (
        <Answered asked={asked}>
          {answer => {
            const outputs = answer.images[0]!.outputs;
            const [input, output] = [outputs[source!], outputs[id!]];
            const tensors = weights.answer?.tensors;
            if (!input || !output || !tensors?.weight || tensors.weight.shape[0] !== output.shape[0])
              return null;
            const [count, ...kernel] = tensors.weight.shape as [number, ...number[]];
            const size = kernel.reduce((a, b) => a * b, 1);
            const filters = Array.from({ length: count }, (_, k) =>
              volumeOf(tensors.weight!.values.subarray(k * size, (k + 1) * size), kernel),
            );
            return (
              <Stage
                input={volumeOf(input.values, input.shape)}
                filters={filters}
                biases={[...(tensors.bias?.values ?? [])]}
                output={volumeOf(output.values, output.shape)}
                window={windowIn(chosen!.inference, id!)!}
              />
            );
          }}
        </Answered>
      )}
    </div>
  );
}
