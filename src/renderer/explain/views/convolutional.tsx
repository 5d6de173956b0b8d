/** A classifier slid over an image larger than it was made for: a map of answers, against one crop at a time. */
import { Button, NativeSelect, NumberInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Numbers, SlideAnswer, SlideQuestion } from '../../../bridge/explainCalls.ts';
import { inputsOf } from '../../../engine/graph/headAnswers.ts';
import { decimal, fraction } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { type ChosenImage, type ChosenSubject, useImage, useSubject } from '../explainSubject.ts';
import { HeatMap } from '../figures/heatMap.tsx';
import { NumberGrid } from '../figures/numberGrid.tsx';
import { Overlaid } from '../figures/overlaid.tsx';
import { channelOf, pictureOf } from '../figures/paint.ts';
import { volumeOf } from '../oneLayerNetwork.ts';
import { Answered } from '../questionAnswer.tsx';
import { classNameOf, TopClasses } from '../topClasses.tsx';

/** Of a picture, where there are two and where there are three. */
const [LARGE, SMALL] = [300, 232];
/** As the notes do it: 384 for a network of 224. */
const LARGER_IMAGE_RATIO = 384 / 224;

export function ConvolutionalView() {
  const chosen = useSubject();
  const image = useImage();
  if (!chosen) return <p className="dim">Opening the network…</p>;
  if (!image) return <p className="explain-note">Open an image, or choose a dataset in Train.</p>;
  const input = inputsOf(chosen.inference)[0];
  const shape = input === undefined ? undefined : chosen.inference.nodes.get(input)?.figures?.shape;
  const [, height = 1, width = 1] = shape ?? [];
  // For images of another size another size is proposed.
  return <Sliding key={`${height}×${width}`} chosen={chosen} image={image} made={[height, width]} />;
}

interface SlidingProps {
  chosen: ChosenSubject;
  image: ChosenImage;
  /** Height and width that the network was made for. */
  made: readonly [number, number];
}

function Sliding({ chosen, image, made: [height, width] }: SlidingProps) {
  const crop = Math.max(height, width);
  const [size, setSize] = useState(Math.round(crop * LARGER_IMAGE_RATIO));
  const [question, setQuestion] = useState<SlideQuestion | null>(null);
  const isOld = question?.subject !== chosen.subject || question?.image !== image.source;
  const asked = useAnswer(isOld ? null : question);
  const run = () =>
    setQuestion({ kind: 'slide', subject: chosen.subject, image: image.source, size: [size, size] });
  return (
    <>
      <div className="explain-tools">
        <span className="dim">
          Made for {height}×{width}; the image is brought to
        </span>
        <NumberInput
          aria-label="Size of the image"
          size="xs"
          w={86}
          min={crop}
          max={4096}
          value={size}
          onChange={value => typeof value === 'number' && setSize(value)}
        />
        <Button variant="filled" onClick={run}>
          Slide over it
        </Button>
      </div>
      {question && !isOld ? (
        <Answered asked={asked}>{answer => <Slid answer={answer} />}</Answered>
      ) : (
        <p className="explain-note dim">
          The Linear layers become convolutions of the same weights, and an average over all of the image
          becomes one over windows, so the network takes the larger image whole and gives an answer for every
          place where it would fit. Then each of those places is cut out and asked about by itself: the
          answers should be the same, and take longer.
        </p>
      )}
    </>
  );
}

function Slid({ answer }: { answer: SlideAnswer }) {
  const { picture, map, crops, activation, classes, stride, crop, difference, milliseconds, pads } = answer;
  const [count, rows, columns] = map.shape as [number, number, number];
  const size = activation ? SMALL : LARGE;
  const average = useMemo(() => averageOf(map), [map]);
  const alike = useMemo(() => agreement(map, crops), [map, crops]);
  const [chosen, setChosen] = useState<number | null>(null);
  const [at, setAt] = useState<readonly [number, number]>([0, 0]);
  const shown = chosen ?? average.indexOf(Math.max(...average));
  const scores = channelOf(map, shown);
  const frame = [at[0] * stride[0], at[1] * stride[1], crop[0], crop[1]] as const;
  const name = classNameOf(classes, shown);
  return (
    <>
      <div className="explain-tools">
        <NativeSelect
          aria-label="Class"
          data={Array.from({ length: count }, (_, i) => ({
            value: String(i),
            label: classNameOf(classes, i),
          }))}
          value={String(shown)}
          onChange={event => setChosen(Number(event.currentTarget.value))}
        />
        <span className="dim">
          {rows}×{columns} answers, {stride[0]} pixels apart
        </span>
      </div>
      <div className="stage-columns">
        <div className="stage-column">
          <h2>Scores of {name}</h2>
          <HeatMap
            label={`Map of ${name}`}
            map={scores}
            colouring="signed"
            size={size}
            at={at}
            onPick={(row, column) => setAt([row, column])}
          />
        </div>
        <div className="stage-column">
          <h2>The crop of one answer</h2>
          <HeatMap
            label={`The image; the crop begins at row ${frame[0] + 1}, column ${frame[1] + 1}`}
            {...pictureOf(picture)}
            size={size}
            frame={frame}
          />
        </div>
        {activation && (
          <div className="stage-column">
            <h2>Before the average</h2>
            <Overlaid
              label={`Class activation map of ${name}`}
              picture={picture}
              heat={channelOf(activation, shown)}
              size={size}
            />
            <p className="tiny stage-words">
              The class activation map: the Linear layer as a 1×1 convolution scores each of{' '}
              {activation.shape[1]}×{activation.shape[2]} places. The network averages such scores over its
              image; here, over windows.
            </p>
          </div>
        )}
        <div className="stage-column">
          <h2>The averaged score</h2>
          <TopClasses label="By the averaged score" probabilities={softmax(average)} classes={classes} />
          <dl>
            <Row term="One pass over the whole" value={`${decimal(milliseconds.map, 3)} ms`} />
            <Row
              term={`${rows * columns} crops, one by one`}
              value={`${decimal(milliseconds.crops, 3)} ms`}
            />
            <Row term="Faster by" value={`${decimal(milliseconds.crops / milliseconds.map, 3)} times`} />
            <Row term="Largest difference" value={decimal(difference, 3)} />
            <Row term="Same class" value={`${alike} of ${rows * columns}`} />
          </dl>
          {pads && difference > 1e-3 && (
            <p className="tiny stage-words">
              Some layers pad: a crop has zeros beyond its border where the whole image has pixels. Without
              padding the answers are the same.
            </p>
          )}
        </div>
      </div>
      {rows * columns <= 64 && (
        <div className="stage-columns">
          <Grid title={`Scores of ${name} in one pass`} numbers={map} channel={shown} at={at} />
          <Grid title={`Scores of ${name} by crops`} numbers={crops} channel={shown} at={at} />
        </div>
      )}
    </>
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

function Grid({
  title,
  numbers,
  channel,
  at,
}: {
  title: string;
  numbers: Numbers;
  channel: number;
  at: readonly [number, number];
}) {
  const { values, height, width } = channelOf(numbers, channel);
  const rows = volumeOf(values, [1, height, width])[0]!.map(row =>
    row.map(value => Number(fraction(value, 2).replace('−', '-'))),
  );
  return (
    <NumberGrid
      title={title}
      rows={rows}
      hue="var(--f-conv)"
      mark={(y, x) => (y === at[0] && x === at[1] ? 'current' : undefined)}
    />
  );
}

/** At how many places both maps have the same likeliest class. */
function agreement(map: Numbers, crops: Numbers): number {
  const [classes, ...extents] = map.shape as [number, number, number];
  const places = extents.reduce((a, b) => a * b);
  const likeliest = ({ values }: Numbers, place: number) =>
    Array.from({ length: classes }, (_, c) => c).reduce((best, c) =>
      values[c * places + place]! > values[best * places + place]! ? c : best,
    );
  return Array.from({ length: places }, (_, place) => place).filter(
    place => likeliest(map, place) === likeliest(crops, place),
  ).length;
}

/** The mean score of each class over all places. */
function averageOf(map: Numbers): number[] {
  return Array.from({ length: map.shape[0]! }, (_, c) => {
    const { values } = channelOf(map, c);
    return values.reduce((a, b) => a + b, 0) / values.length;
  });
}

function softmax(scores: readonly number[]): number[] {
  const best = Math.max(...scores);
  const powers = scores.map(score => Math.exp(score - best));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(power => power / sum);
}
