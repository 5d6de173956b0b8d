/** The same network trained on few images, with one regularisation after the other: curves side by side. */
import { Button, Checkbox, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { LabPoint, LabQuestion, LabVariant } from '../../../bridge/explainCalls.ts';
import { type Id, newId } from '../../../bridge/ids.ts';
import { studio } from '../../store/connection.ts';
import { useDocument } from '../../store/openDocument.ts';
import { useStudio } from '../../store/studioState.ts';
import { Chart } from '../../ui/chart.tsx';
import type { Curve } from '../../ui/curvePlot.ts';
import { decimal, fraction, signed } from '../../ui/numberFormat.ts';
import { attempt } from '../../ui/toast.tsx';

const variants: Readonly<Record<LabVariant, { label: string; what: string; hue: string }>> = {
  plain: {
    label: 'Nothing added',
    what: 'The network as it is, without augmentation or decay.',
    hue: 'var(--text-3)',
  },
  batchNorm: { label: 'BatchNorm', what: 'BatchNorm2d behind every convolution.', hue: 'var(--f-norm)' },
  dropout: {
    label: 'Dropout',
    what: 'Half of what the last Linear reads is zero, by chance.',
    hue: 'var(--f-reg)',
  },
  l1: {
    label: 'L1',
    what: '0.0001 times the size of every weight is added to the loss.',
    hue: 'var(--f-act)',
  },
  l2: { label: 'L2', what: 'Weight decay of 0.005.', hue: 'var(--f-pool)' },
  noise: { label: 'Noise', what: 'Gaussian noise of 0.3 on the image.', hue: 'var(--f-linear)' },
  augmentation: { label: 'Augmentation', what: 'Flips and translations, by chance.', hue: 'var(--f-conv)' },
  earlyStopping: {
    label: 'Early stopping',
    what: 'Ends when the validation loss was no better for 3 epochs, and goes back to the best.',
    hue: 'var(--f-merge)',
  },
};

const ALL_VARIANTS = Object.keys(variants) as LabVariant[];

const CHARTS: readonly {
  readonly title: string;
  readonly of: 'valAccuracy' | 'trainAccuracy' | 'valLoss' | 'trainLoss';
  readonly limits?: [number, number];
}[] = [
  { title: 'Validation accuracy', of: 'valAccuracy', limits: [0, 1] },
  { title: 'Training accuracy', of: 'trainAccuracy', limits: [0, 1] },
  { title: 'Validation loss', of: 'valLoss' },
  { title: 'Training loss', of: 'trainLoss' },
];

export function RegularisationView() {
  const document = useDocument(state => state.document);
  const found = useStudio(state => state.lab);
  const [chosen, setChosen] = useState<readonly LabVariant[]>(['plain', 'dropout', 'augmentation']);
  const [epochs, setEpochs] = useState(12);
  const [images, setImages] = useState(200);
  const [task, setTask] = useState<Id | null>(null);
  const run = async () => {
    const own = newId();
    setTask(own);
    const question: LabQuestion = { document, variants: [...chosen], epochs, images };
    await attempt(() => studio().runLab(own, question), 'The lab did not run to its end');
    setTask(null);
  };
  const points = found.points;
  const shown = ALL_VARIANTS.filter(variant => (points[variant]?.length ?? 0) > 0);
  const done = Object.values(points).reduce((sum, each) => sum + each.length, 0);
  return (
    <div className="explain-split">
      <aside className="explain-controls" aria-label="Settings">
        <Checkbox.Group
          value={[...chosen]}
          onChange={value => setChosen(ALL_VARIANTS.filter(each => value.includes(each)))}
          label="Trained"
        >
          {ALL_VARIANTS.map(variant => (
            <Checkbox
              key={variant}
              my={6}
              value={variant}
              label={variants[variant].label}
              title={variants[variant].what}
            />
          ))}
        </Checkbox.Group>
        <NumberInput
          label="Epochs"
          size="xs"
          min={1}
          max={200}
          value={epochs}
          onChange={value => typeof value === 'number' && setEpochs(value)}
        />
        <NumberInput
          label="Training images"
          size="xs"
          min={8}
          max={10_000}
          value={images}
          onChange={value => typeof value === 'number' && setImages(value)}
        />
        {document.dataset === null && <p role="status">Choose a dataset in Train first.</p>}
        {task === null ? (
          <Button variant="filled" disabled={chosen.length === 0 || document.dataset === null} onClick={run}>
            Train each of them
          </Button>
        ) : (
          <Button onClick={() => void studio().cancelExplain(task)}>Cancel</Button>
        )}
        {task !== null && (
          <progress
            className="lab-progress"
            aria-label="Progress"
            max={epochs * chosen.length}
            value={found.task === task ? done : 0}
          />
        )}
        <p className="tiny">
          The network of the canvas learns a few images, each time from the same random weights. What it says
          of them rises; what it says of others, the validation, tells whether it learned more than them by
          heart. These runs are not kept.
        </p>
      </aside>
      <div className="explain-main">
        {shown.length === 0 ? (
          <p className="explain-note dim">Choose what to compare, and press Train: a few seconds for each.</p>
        ) : (
          <>
            <div className="lab-charts">
              {CHARTS.map(({ title, of, limits }) => (
                <Chart
                  key={of}
                  title={title}
                  curves={curves(points, shown, of)}
                  unit="epoch"
                  {...(limits && { limits })}
                  empty="Nothing yet."
                />
              ))}
            </div>
            <Outcome points={points} shown={shown} />
          </>
        )}
      </div>
    </div>
  );
}

type Points = Readonly<Record<string, readonly LabPoint[]>>;

function curves(points: Points, shown: readonly LabVariant[], of: Exclude<keyof LabPoint, 'epoch'>): Curve[] {
  return shown.map(variant => ({
    label: variants[variant].label,
    hue: variants[variant].hue,
    x: points[variant]!.map(({ epoch }) => epoch),
    y: points[variant]!.map(point => point[of]),
    marks: true,
  }));
}

/** How each ended, and how far training and validation are apart: the gap is what it learned by heart. */
function Outcome({ points, shown }: { points: Points; shown: readonly LabVariant[] }) {
  return (
    <table className="facts">
      <caption>How each ended</caption>
      <thead>
        <tr>
          <th scope="col">Added</th>
          <th scope="col">Epochs</th>
          <th scope="col">Training accuracy</th>
          <th scope="col">Validation accuracy</th>
          <th scope="col">Apart by</th>
          <th scope="col">Best validation loss</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(variant => {
          const own = points[variant]!;
          const last = own.at(-1)!;
          const best = Math.min(...own.map(({ valLoss }) => valLoss ?? Number.POSITIVE_INFINITY));
          return (
            <tr key={variant}>
              <th scope="row">
                <i className="swatch" style={{ background: variants[variant].hue }} />{' '}
                {variants[variant].label}
              </th>
              <td>{own.length}</td>
              <td>{fraction(last.trainAccuracy, 3)}</td>
              <td>{fraction(last.valAccuracy ?? Number.NaN, 3)}</td>
              <td>{signed(Math.round(100 * (last.trainAccuracy - (last.valAccuracy ?? 0))))} points</td>
              <td>{decimal(best, 3)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
