/** The part of the image that one place of a layer sees: by its strides and kernels, and by its gradient. */
import { Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ProbeQuestion } from '../../../bridge/explainCalls.ts';
import type { NodeId } from '../../../engine/graph/document.ts';
import type { Sight } from '../../../engine/graph/receptiveField.ts';
import { pixelsAt } from '../../../engine/layers/pixelReach.ts';
import { count, percent } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { useExplain } from '../explainState.ts';
import { type ChosenImage, type ChosenSubject, layersOf, useImage, useSubject } from '../explainSubject.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { channelOf, type PaintedPixels, pictureOf } from '../figures/paint.ts';
import { LayerSelect } from '../layerSelect.tsx';
import { Answered } from '../questionAnswer.tsx';

export function ReceptiveFieldView() {
  const chosen = useSubject();
  const image = useImage();
  const node = useExplain(state => state.node);
  if (!chosen) return <p className="dim">Opening the network…</p>;
  if (!image) return <p className="explain-note">Open an image, or choose a dataset in Train.</p>;
  const layers = layersOf(chosen.inference).filter(({ shape }) => (shape[1] ?? 1) * (shape[2] ?? 1) > 1);
  const id = layers.find(layer => layer.id === node)?.id ?? layers.at(-1)?.id;
  if (id === undefined) return <p className="explain-note">No layer of this network gives an image.</p>;
  return (
    <>
      <div className="explain-tools">
        <LayerSelect inference={chosen.inference} value={id} images />
      </div>
      <Field key={id} chosen={chosen} id={id} image={image} />
    </>
  );
}

function Field({ chosen, id, image }: { chosen: ChosenSubject; id: NodeId; image: ChosenImage }) {
  const { figures, node } = chosen.inference.nodes.get(id)!;
  const [, height = 1, width = 1] = figures!.shape;
  const [at, setAt] = useState<readonly [number, number]>([Math.floor(height / 2), Math.floor(width / 2)]);
  const [shows, setShows] = useState(true);
  const question = useMemo(
    (): ProbeQuestion => ({
      kind: 'probe',
      subject: chosen.subject,
      images: [image.source],
      outputs: [id],
      gradient: { from: id, channel: null, at: [...at], of: [] },
    }),
    [chosen.subject, image.source, id, at],
  );
  const asked = useAnswer(question);
  return (
    <Answered asked={asked}>
      {answer => {
        const { picture, outputs, imageGradient } = answer.images[0]!;
        const output = outputs[id];
        if (!output || !imageGradient) return null;
        const frame = frameOf(figures!.sight, at, picture.shape);
        const effective = strengths(imageGradient.shape, imageGradient.values);
        const pictured = pictureOf(picture);
        return (
          <div className="stage-columns">
            <div className="stage-column">
              <h2>{node.name}, summed over its channels</h2>
              <HeatMap
                label={`Output of ${node.name}`}
                map={summed(output.shape, output.values)}
                size={300}
                at={at}
                onPick={(row, column) => setAt([row, column])}
              />
              <p className="tiny">Click a place, or walk with the arrow keys.</p>
            </div>
            <div className="stage-column">
              <h2>What it sees</h2>
              <span className="overlaid">
                <HeatMap
                  label={`The image; a frame from row ${frame[0] + 1}, column ${frame[1] + 1}, ${frame[2]}×${frame[3]}`}
                  {...pictured}
                  size={300}
                  frame={frame}
                />
                {shows && (
                  <HeatMap
                    label="How much each pixel counts"
                    map={effective}
                    colouring="heat"
                    size={300}
                    over
                  />
                )}
              </span>
              <Switch
                label="Show how much each pixel counts"
                checked={shows}
                onChange={event => setShows(event.currentTarget.checked)}
              />
            </div>
            <Words figures={figures!} frame={frame} effective={effective} />
          </div>
        );
      }}
    </Answered>
  );
}

/** Less than this share of the strongest gradient is none. */
const TRACE = 1e-5;

type Frame = readonly [number, number, number, number];

/** Top, left, height and width of what a place sees, beyond the image's edge, too. */
function frameOf(sight: Sight, at: readonly [number, number], shape: readonly number[]): Frame {
  const along = (axis: 0 | 1): [number, number] => {
    const reach = sight[axis];
    const pixels = reach ? pixelsAt(reach, at[axis]) : [];
    if (!reach || pixels.length === 0) return [0, reach ? 0 : shape[axis + 1]!];
    return [pixels[0]![0], pixels.at(-1)![1] - pixels[0]![0] + 1];
  };
  const [[top, height], [left, width]] = [along(0), along(1)];
  return [top, left, height, width];
}

/** The gradient's strength for each pixel, over all channels. */
function strengths(
  [channels = 1, height = 1, width = 1]: readonly number[],
  values: Float32Array,
): PaintedPixels {
  const size = height * width;
  const sums = new Float32Array(size);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < size; i++) sums[i]! += Math.abs(values[c * size + i]!);
  return { height, width, values: sums };
}

function summed(shape: readonly number[], values: Float32Array): PaintedPixels {
  const numbers = { shape: [...shape], values };
  const [channels = 1] = shape;
  const total = channelOf(numbers, 0).values.slice();
  for (let c = 1; c < channels; c++) {
    const { values: own } = channelOf(numbers, c);
    for (let i = 0; i < total.length; i++) total[i]! += own[i]!;
  }
  return { height: shape[1] ?? 1, width: shape[2] ?? 1, values: total };
}

interface WordsProps {
  figures: NonNullable<ReturnType<ChosenSubject['inference']['nodes']['get']>>['figures'] & {};
  frame: Frame;
  effective: PaintedPixels;
}

function Words({ figures, frame, effective }: WordsProps) {
  const field = figures.receptiveField;
  const total = effective.values.reduce((a, b) => a + b, 0);
  // Fast convolutions leave traces of rounding where nothing is.
  const most = effective.values.reduce((a, b) => Math.max(a, b), 0);
  const reached = effective.values.filter(value => value > TRACE * most).length;
  const half = fewest(effective.values, total / 2);
  return (
    <div className="stage-column stage-words">
      <h2>In numbers</h2>
      <dl>
        <Row term="Field" value={field ? `${field.size[0]}×${field.size[1]}` : 'all of the image'} />
        <Row term="Jump" value={field ? `${field.jump[0]}×${field.jump[1]} pixels` : '—'} />
        <Row term="Here, from" value={`row ${frame[0] + 1}, column ${frame[1] + 1}`} />
        <Row term="Pixels with a gradient" value={count(reached)} />
        <Row
          term="Half of it lies in"
          value={`${count(half)} pixels (${percent(half / effective.values.length)})`}
        />
      </dl>
      <p className="tiny">
        The frame is the theory: which pixels can count. The glow is what does count, the gradient of this
        place by each pixel: it is strongest in the middle, because more ways lead there.
      </p>
    </div>
  );
}

function Row({ term, value }: { term: string; value: string }) {
  return (
    <div className="figure">
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  );
}

/** How few of the numbers, the largest first, add up to a sum. */
function fewest(values: Float32Array, sum: number): number {
  let [rest, taken] = [sum, 0];
  for (const value of values.toSorted().toReversed()) {
    if (rest <= 0) break;
    rest -= value;
    taken++;
  }
  return taken;
}
