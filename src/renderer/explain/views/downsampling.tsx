/** Ways to make an image smaller, side by side; what is lost; and what repeated pooling makes of a shift. */
import { NativeSelect, SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { ImageSource, Numbers, ProbeQuestion } from '../../../bridge/explainCalls.ts';
import { newDocument } from '../../../engine/graph/document.ts';
import { initialValues } from '../../../engine/layers/fields.ts';
import { type KernelName, kernelValues, knownKernels } from '../../../engine/layers/fixedKernels.ts';
import { shapeText } from '../../../engine/layers/shape.ts';
import { type ChainLink, chain } from '../../../engine/zoo/zoo.ts';
import { Chart } from '../../ui/chart.tsx';
import type { Curve } from '../../ui/curvePlot.ts';
import { percent } from '../../ui/numberFormat.ts';
import { useAnswer } from '../askStudio.ts';
import { useDataset, useImage } from '../explainSubject.ts';
import { SettingsForm, settingFields } from '../figureSettings.tsx';
import { HeatMap } from '../figures/heatMap.tsx';
import { channelOf } from '../figures/paint.ts';
import { Answered } from '../questionAnswer.tsx';
import { change as changeBetween, coverage, kept, shifted, twoDots } from './downsamplingFigures.ts';

const fields = settingFields({
  window: { initial: 2, max: 16 },
  stride: { initial: 2, max: 16, help: 'Pixels between two windows.' },
});

/** Where nothing else is there, or it is asked for: pixels a side. */
const DOTS_SIZE = 32;
const MOST_SIZE = 160;

interface Choice {
  readonly source: ImageSource;
  readonly shape: readonly [number, number, number];
}

export function DownsamplingView() {
  const image = useImage();
  const dataset = useDataset();
  const [what, setWhat] = useState<'image' | 'dots'>('image');
  const choice = useMemo((): Choice => {
    if (what === 'dots' || !image)
      return { source: { from: 'values', values: twoDots(DOTS_SIZE) }, shape: [1, DOTS_SIZE, DOTS_SIZE] };
    const [, height, width] =
      image.source.from === 'dataset' && dataset ? dataset.imageShape : [1, MOST_SIZE, MOST_SIZE];
    return { source: image.source, shape: [1, height, width] };
  }, [what, image, dataset]);
  return (
    <>
      <SegmentedControl
        aria-label="What is made smaller"
        className="explain-parts"
        data={[
          { value: 'image', label: 'The image, in grey' },
          { value: 'dots', label: 'Two dots' },
        ]}
        value={what}
        onChange={value => setWhat(value as typeof what)}
      />
      <Smaller choice={choice} />
      <Invariance choice={choice} />
    </>
  );
}

function probe(
  images: ImageSource[],
  shape: readonly number[],
  links: readonly ChainLink[],
  tensors = {},
): ProbeQuestion {
  return {
    kind: 'probe',
    subject: {
      document: newDocument('smaller', chain([['Input', 'input', { shape: [...shape] }], ...links])),
      weights: { from: 'given', tensors },
    },
    images,
    outputs: links.map(([, name]) => name),
  };
}

function Smaller({ choice: { source, shape } }: { choice: Choice }) {
  const [settings, setSettings] = useState(initialValues(fields));
  const [kernel, setKernel] = useState<KernelName>('left edge');
  const { window, stride } = settings;
  const fits = Math.min(shape[1], shape[2]) >= Math.max(window, 3);
  const questions = useMemo(() => {
    const pool = { kernelSize: [window, window], stride: [stride, stride], padding: [0, 0] };
    const weight = Float32Array.from(kernelValues(kernel));
    const conv = {
      outChannels: 1,
      kernelSize: [3, 3],
      stride: [stride, stride],
      padding: [1, 1, 1, 1],
      bias: false,
    };
    return {
      max: fits ? probe([source], shape, [['MaxPool2d', 'max', pool]]) : null,
      average: fits ? probe([source], shape, [['AvgPool2d', 'average', pool]]) : null,
      strided: fits
        ? probe([source], shape, [['Conv2d', 'strided', conv]], { 'strided.weight': weight })
        : null,
    };
  }, [source, shape, window, stride, kernel, fits]);
  const max = useAnswer(questions.max);
  const average = useAnswer(questions.average);
  const strided = useAnswer(questions.strided);
  const read = coverage(shape[1], window, stride) * coverage(shape[2], window, stride);
  const words =
    stride < window
      ? 'The windows overlap: each pixel counts in several.'
      : stride > window
        ? `The windows leave gaps: ${percent(1 - read)} of the pixels are never read.`
        : 'The windows lie side by side: each pixel counts once.';
  return (
    <div className="explain-split">
      <aside className="explain-controls" aria-label="Settings">
        <SettingsForm
          id="smaller"
          fields={fields}
          values={settings}
          onChange={change => setSettings({ ...settings, ...change })}
        />
        <NativeSelect
          label="Kernel of the convolution"
          data={[...knownKernels]}
          value={kernel}
          onChange={event => setKernel(event.currentTarget.value as KernelName)}
        />
        <p role="status">{words}</p>
        <p className="tiny">
          Pooling follows a fixed rule and learns nothing. A convolution with a stride makes the image
          smaller, too, and learns what to keep.
        </p>
      </aside>
      {fits ? (
        <ul className="channels smaller">
          <Way title="Max pooling" name="max" asked={max} measured />
          <Way title="Average pooling" name="average" asked={average} measured />
          <Way title={`Convolution, stride ${stride}`} name="strided" asked={strided} />
        </ul>
      ) : (
        <p className="explain-note">
          A window of {window} does not fit an image of {shape[1]}×{shape[2]}.
        </p>
      )}
    </div>
  );
}

interface WayProps {
  title: string;
  name: string;
  asked: ReturnType<typeof useAnswer<ProbeQuestion>>;
  /** Whether it can be held against the image: pooled values mean what the image's do. */
  measured?: boolean;
}

function Way({ title, name, asked, measured = false }: WayProps) {
  return (
    <li className="card">
      <h2>{title}</h2>
      <Answered asked={asked}>
        {answer => {
          const { outputs, picture } = answer.images[0]!;
          const found = outputs[name];
          if (!found) return null;
          return (
            <>
              <HeatMap
                label={title}
                map={channelOf(found, 0)}
                colouring={measured ? 'grey' : 'signed'}
                {...(measured && { range: [0, 1] as const })}
                size={196}
              />
              <p className="tiny">
                {shapeText(picture.shape.slice(1))} → {shapeText(found.shape.slice(1))}
                {measured && ` · ${percent(kept(picture, found))} of the variation kept`}
              </p>
            </>
          );
        }}
      </Answered>
    </li>
  );
}

const SHIFT_COUNT = 9;
const POOLING_LEVELS = 4;
const LEVEL_HUES = ['var(--text-3)', 'var(--f-conv)', 'var(--f-norm)', 'var(--f-act)', 'var(--f-merge)'];

/** How much a shift of the input changes what is left of it after pooling again and again. */
function Invariance({ choice: { source, shape } }: { choice: Choice }) {
  const [kind, setKind] = useState<'MaxPool2d' | 'AvgPool2d'>('MaxPool2d');
  const levels = Math.min(POOLING_LEVELS, Math.floor(Math.log2(Math.min(shape[1], shape[2]))));
  const pools = useMemo(
    () => Array.from({ length: levels }, (_, i): ChainLink => [kind, `pool${i + 1}`, {}]),
    [levels, kind],
  );
  // First what the picture is, in numbers; then those numbers, moved.
  const seen = useAnswer(useMemo(() => probe([source], shape, [['Identity', 'same']]), [source, shape]));
  const picture = seen.settled ? seen.answer?.images[0]?.picture : undefined;
  const question = useMemo(
    () =>
      picture
        ? probe(
            Array.from(
              { length: SHIFT_COUNT },
              (_, by): ImageSource => ({ from: 'values', values: shifted(picture, by) }),
            ),
            picture.shape,
            pools,
          )
        : null,
    [picture, pools],
  );
  const asked = useAnswer(question);
  return (
    <section className="card" aria-label="Translation invariance">
      <div className="card-head">
        <h2>What a shift changes</h2>
        <NativeSelect
          aria-label="Pooling"
          data={[
            { value: 'MaxPool2d', label: 'Max pooling 2×2' },
            { value: 'AvgPool2d', label: 'Average pooling 2×2' },
          ]}
          value={kind}
          onChange={event => setKind(event.currentTarget.value as typeof kind)}
        />
      </div>
      <p className="dim card-words">
        The image is moved to the right, pixel by pixel, and pooled again and again. A small shift changes
        less and less of what is left; a large one still does: pooling forgets where, but not all of it.
      </p>
      <Answered asked={asked}>
        {answer => {
          const [first] = answer.images as [(typeof answer.images)[number]];
          if (Object.keys(first.outputs).length !== levels) return null;
          return (
            <>
              <ul className="channels">
                <Level title="The image" numbers={first.picture} />
                {pools.map(([, name], i) => (
                  <Level key={name} title={`Pooled ${i + 1}×`} numbers={first.outputs[name]!} />
                ))}
              </ul>
              <div className="explain-chart">
                <Chart
                  title="Change by a shift"
                  curves={curvesOf(answer.images, pools)}
                  unit="step"
                  limits={[0, 2]}
                  empty="Nothing yet."
                />
              </div>
            </>
          );
        }}
      </Answered>
    </section>
  );
}

function Level({ title, numbers }: { title: string; numbers: Numbers }) {
  return (
    <li>
      <HeatMap label={title} map={channelOf(numbers, 0)} range={[0, 1]} size={104} />
      <span className="tiny">{title}</span>
    </li>
  );
}

function curvesOf(
  images: readonly { picture: Numbers; outputs: Record<string, Numbers> }[],
  pools: readonly ChainLink[],
): Curve[] {
  const levels = [
    { label: 'as it is', of: (i: number) => images[i]!.picture },
    ...pools.map(([, name], i) => ({
      label: `pooled ${i + 1}×`,
      of: (at: number) => images[at]!.outputs[name]!,
    })),
  ];
  const x = Array.from({ length: images.length }, (_, by) => by);
  return levels.map(({ label, of }, i) => ({
    label,
    hue: LEVEL_HUES[i]!,
    x,
    y: x.map(by => changeBetween(of(0).values, of(by).values)),
    marks: true,
  }));
}
