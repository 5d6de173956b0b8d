/** The curves of several runs over each other: which metric, over what, and how smooth. */
import { NativeSelect, SegmentedControl, Slider, Switch } from '@mantine/core';
import { useMemo, useState } from 'react';
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import { noMetrics } from '../../bridge/noMetrics.ts';
import type { RunMetrics, RunSummary } from '../../bridge/runCalls.ts';
import { repeatsOf } from '../../experiments/repeats.ts';
import { sharingWithLast } from '../store/keepingLast.ts';
import { useRunMetrics } from '../store/runCurves.ts';
import { Chart } from '../ui/chart.tsx';
import type { Curve, XUnit } from '../ui/curvePlot.ts';
import { smooth } from '../ui/smoothing.ts';
import { curvesOfGroups } from './groupCurves.ts';
import { hueOfRun, useComparison } from './runSelection.ts';

interface Metric {
  title: string;
  of: 'steps' | 'epochs';
  values: (metrics: RunMetrics) => readonly (number | null)[];
  limits?: readonly [number, number];
}

const SHARE_RANGE = [0, 1] as const;

const metrics = {
  'val.accuracy': {
    title: 'Validation accuracy',
    of: 'epochs',
    values: ({ epochs }) => epochs.valAccuracy,
    limits: SHARE_RANGE,
  },
  'val.loss': { title: 'Validation loss', of: 'epochs', values: ({ epochs }) => epochs.valLoss },
  'step.loss': { title: 'Training loss', of: 'steps', values: ({ steps }) => steps.loss },
  'step.accuracy': {
    title: 'Training accuracy',
    of: 'steps',
    values: ({ steps }) => steps.accuracy,
    limits: SHARE_RANGE,
  },
  learningRate: { title: 'Learning rate', of: 'steps', values: ({ steps }) => steps.learningRate },
} satisfies Record<string, Metric>;

type MetricName = keyof typeof metrics;

interface View {
  /** Whether runs that differ in their seed alone are one curve. */
  grouped: boolean;
  metric: MetricName;
  unit: XUnit;
  smoothing: number;
}

/** How the curves are looked at; kept while other places are visited. */
const useCurveView = create<View>(() => ({
  grouped: false,
  metric: 'val.accuracy',
  unit: 'epoch',
  smoothing: 0,
}));

/** A run's curves, and what they were made of. */
interface Drawn {
  readonly key: string;
  readonly data: RunMetrics;
  readonly curves: Curve[];
}

type DrawnById = ReadonlyMap<Id, Drawn>;

interface OverlayInputs {
  runs: readonly RunSummary[];
  known: Readonly<Record<Id, RunMetrics>>;
  hues: Parameters<typeof hueOfRun>[0];
  view: View;
}

/** A run that was not read yet has a curve already, so that its arrival makes no new chart. */
const NOTHING = noMetrics();

/** Of a hundred runs mostly one has a point more: the others' curves stay the same objects. */
function drawRuns({ runs, known, hues, view }: OverlayInputs, last: DrawnById): DrawnById {
  const { metric, unit, smoothing } = view;
  return new Map(
    runs.map(run => {
      const data = known[run.id] ?? NOTHING;
      const hue = hueOfRun(hues, run.id) ?? '';
      // Columns grow in place: their lengths tell whether they did.
      const lengths = [data.steps.step.length, data.epochs.epoch.length];
      const key = JSON.stringify([...lengths, run.name, run.steps, hue, metric, unit, smoothing]);
      const before = last.get(run.id);
      if (before?.key === key && before.data === data) return [run.id, before];
      return [run.id, { key, data, curves: curvesOf(run, data, metrics[metric], unit, smoothing, hue) }];
    }),
  );
}

export function Overlay({ runs }: { runs: readonly RunSummary[] }) {
  const view = useCurveView();
  const { grouped, metric, unit, smoothing } = view;
  // What was drawn last goes with the overlay.
  const [drawnOf] = useState(() => sharingWithLast<OverlayInputs, DrawnById>(drawRuns, new Map()));
  const hues = useComparison(state => state.hues);
  const known = useRunMetrics(runs.map(({ id }) => id));
  const chosen: Metric = metrics[metric];
  const drawn = drawnOf({ runs, known, hues, view });
  const keys = [...drawn.values()].map(({ key }) => key).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the keys tell of all that is drawn
  const curves = useMemo(() => {
    const of = (run: RunSummary) => drawn.get(run.id)?.curves ?? [];
    return grouped ? curvesOfGroups(repeatsOf(runs), of) : runs.flatMap(of);
  }, [grouped, keys, runs.map(({ id }) => id).join()]);
  return (
    <div className="overlay">
      <Chart
        title={chosen.title}
        curves={curves}
        unit={unit}
        empty={
          chosen.of === 'epochs'
            ? 'The first point comes after the first epoch.'
            : 'No step has been made yet.'
        }
        {...(chosen.limits ? { limits: chosen.limits } : {})}
      />
      <div className="overlay-tools">
        <Switch
          label="Mean of seeds"
          checked={grouped}
          onChange={event => useCurveView.setState({ grouped: event.currentTarget.checked })}
        />
        <NativeSelect
          aria-label="Metric"
          value={metric}
          data={Object.entries(metrics).map(([value, { title }]) => ({ value, label: title }))}
          onChange={event => useCurveView.setState({ metric: event.currentTarget.value as MetricName })}
        />
        <SegmentedControl
          aria-label="Over"
          value={unit}
          data={['step', 'epoch', 'time']}
          onChange={value => useCurveView.setState({ unit: value as XUnit })}
        />
        <span className="tiny">Smoothing</span>
        <Slider
          className="overlay-smoothing"
          thumbLabel="Smoothing"
          min={0}
          max={0.99}
          step={0.01}
          label={value => value.toFixed(2)}
          value={smoothing}
          onChange={value => useCurveView.setState({ smoothing: value })}
        />
      </div>
    </div>
  );
}

function curvesOf(
  run: RunSummary,
  data: RunMetrics,
  metric: Metric,
  unit: XUnit,
  smoothing: number,
  hue: string,
): Curve[] {
  const y = metric.values(data);
  const x = metric.of === 'epochs' ? epochPlaces(data, unit) : stepPlaces(run, data, unit);
  const curve: Curve = { label: run.name, hue, x, y, marks: metric.of === 'epochs' && y.length < 60 };
  if (smoothing === 0) return [curve];
  return [
    { ...curve, style: 'faint', marks: false },
    { ...curve, y: smooth(y, smoothing) },
  ];
}

function stepPlaces(run: RunSummary, { steps }: RunMetrics, unit: XUnit): readonly number[] {
  if (unit === 'step') return steps.step;
  if (unit === 'time') return steps.seconds;
  const perEpoch = run.steps / run.epochs || 1;
  return steps.step.map(step => step / perEpoch);
}

function epochPlaces({ steps, epochs }: RunMetrics, unit: XUnit): readonly number[] {
  if (unit === 'epoch') return epochs.epoch;
  if (unit === 'step') return epochs.step;
  const first = steps.step[0] ?? 1;
  return epochs.step.map(step => steps.seconds[step - first] ?? 0);
}
