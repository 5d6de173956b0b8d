/** What the network says of some validation images while it learns: the three likeliest classes, its box, its mask. */
import { useEffect, useRef } from 'react';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import type { RunSummary, SampleImage } from '../../bridge/runCalls.ts';
import { studio } from '../store/connection.ts';
import { imageUrl } from '../store/imageUrl.ts';
import { usePulled } from '../store/pulled.ts';
import { useStudio } from '../store/studioState.ts';
import { count, percent } from '../ui/numberFormat.ts';
import './predictions.css';

/** Classes of which the share is shown. */
const SHOWN_CLASSES = 3;

export function Predictions({ run }: { run: RunSummary }) {
  const samples = usePulled({
    key: ['samples', run.id],
    version: `${run.step} ${run.state}`,
    ask: async () => studio().runSamples(run.id),
  });
  const dataset = useStudio(state => samples && state.datasets[samples.dataset]);
  return (
    <section className="card predictions" aria-label="Predictions">
      <div className="card-head">
        <h2>Predictions</h2>
        {samples && (
          <span className="tiny">images it does not learn from, at step {count(samples.step)}</span>
        )}
      </div>
      {samples && dataset ? (
        <ul>
          {samples.images.map(image => (
            <Prediction key={image.index} image={image} dataset={dataset} />
          ))}
        </ul>
      ) : (
        <p className="dim">
          {samples === null && run.endedAt !== null
            ? 'The dataset of this run is not here any more as it was.'
            : 'What the network says of some images is shown here as it learns.'}
        </p>
      )}
    </section>
  );
}

function Prediction({ image, dataset }: { image: SampleImage; dataset: DatasetSummary }) {
  const answerOf = (wanted: string) => image.answers.find(({ answer }) => answer === wanted);
  const [scores, box, mask] = [answerOf('class'), answerOf('box'), answerOf('mask')];
  const truth = dataset.classes[image.label] ?? String(image.label);
  const ranked = (scores?.values ?? [])
    .map((share, index) => ({ share, index, name: dataset.classes[index] ?? String(index) }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, SHOWN_CLASSES);
  const right = ranked[0] && ranked[0].index === image.label;
  const said = ranked.map(({ name, share }) => `${name} ${percent(share)}`).join(', ');
  return (
    <li data-right={right} aria-label={`${truth}${said && `; the network says ${said}`}`}>
      <div className="prediction-image">
        <img src={imageUrl(dataset.id, image.index)} alt="" decoding="async" />
        {mask && <Mask image={image} values={mask.values} shape={mask.shape} />}
        {box && <Boxes truth={image.box} said={box.values} />}
      </div>
      <div className="prediction-text">
        <span className="truncate prediction-truth" title={`It is: ${truth}`}>
          {truth}
        </span>
        {ranked.map(({ index, name, share }) => (
          <div key={index} className="prediction-bar" data-true={index === image.label || undefined}>
            <i style={{ width: `${100 * share}%` }} />
            <span className="truncate">{name}</span>
            <b>{percent(share)}</b>
          </div>
        ))}
        {box && image.box && <Overlap label="box" share={overlapOf(image.box, box.values)} />}
        {mask && image.mask && <Overlap label="pixels" share={rightPixels(image.mask, mask.values)} />}
      </div>
    </li>
  );
}

function Overlap({ label, share }: { label: string; share: number }) {
  return (
    <div className="prediction-bar" data-true>
      <i style={{ width: `${100 * share}%` }} />
      <span className="truncate">{label}</span>
      <b>{percent(share)}</b>
    </div>
  );
}

/** The true box dashed, the network's drawn through. */
function Boxes({ truth, said }: { truth: readonly number[] | null; said: readonly number[] }) {
  const rect = ([left = 0, top = 0, right = 0, bottom = 0]: readonly number[], kind: string) => (
    <rect
      data-kind={kind}
      x={100 * left}
      y={100 * top}
      width={Math.max(0, 100 * (right - left))}
      height={Math.max(0, 100 * (bottom - top))}
    />
  );
  return (
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      {truth && rect(truth, 'true')}
      {rect(said, 'said')}
    </svg>
  );
}

/** Red, green, blue, opacity: pixels rightly found, and those taken for something else. */
const FOUND_COLOUR = [63, 174, 122, 150] as const;
const WRONG_COLOUR = [238, 96, 85, 170] as const;

function Mask({
  image,
  values,
  shape,
}: {
  image: SampleImage;
  values: readonly number[];
  shape: readonly number[];
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [height = 1, width = 1] = shape;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(width, height);
    for (const [i, value] of values.entries()) {
      const isRight = image.mask === null || image.mask[i] === value;
      // The ground, class 0, rightly found, stays clear.
      if (!isRight) picture.data.set(WRONG_COLOUR, 4 * i);
      else if (value > 0) picture.data.set(FOUND_COLOUR, 4 * i);
    }
    context.putImageData(picture, 0, 0);
  }, [values, image.mask, width, height]);
  return <canvas ref={canvas} width={width} height={height} />;
}

/** Intersection over union. */
function overlapOf(a: readonly number[], b: readonly number[]): number {
  const side = (from: number, to: number) =>
    Math.max(0, Math.min(a[to]!, b[to]!) - Math.max(a[from]!, b[from]!));
  const area = (box: readonly number[]) => Math.max(0, box[2]! - box[0]!) * Math.max(0, box[3]! - box[1]!);
  const both = side(0, 2) * side(1, 3);
  return both / (area(a) + area(b) - both || 1);
}

function rightPixels(truth: Uint8Array, said: readonly number[]): number {
  return said.filter((value, i) => truth[i] === value).length / (said.length || 1);
}
