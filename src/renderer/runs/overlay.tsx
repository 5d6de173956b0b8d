/** The curves of several runs over each other: which metric, over what, and how smooth. */
import { NativeSelect, SegmentedControl, Slider } from '@mantine/core';
import { useMemo } from 'react';
import { create } from 'zustand';
import type { RunMetrics, RunSummary } from '../../bridge/contract.ts';
import { useRunMetrics } from '../store/metrics.ts';
import { Chart } from '../ui/chart.tsx';
import type { Curve, XUnit } from '../ui/plot.ts';
import { smooth } from '../ui/smoothing.ts';
import { hueOfRun, useComparison } from './selection.ts';

interface Metric {
  title: string;
  of: 'steps' | 'epochs';
  values: (metrics: RunMetrics) => readonly (number | null)[];
  limits?: readonly [number, number];
}

const SHARE = [0, 1] as const;

const metrics = {
  'val.accuracy': {
    title: 'Validation accuracy',
    of: 'epochs',
    values: ({ epochs }) => epochs.valAccuracy,
    limits: SHARE,
  },
  'val.loss': { title: 'Validation loss', of: 'epochs', values: ({ epochs }) => epochs.valLoss },
  'step.loss': { title: 'Training loss', of: 'steps', values: ({ steps }) => steps.loss },
  'step.accuracy': {
    title: 'Training accuracy',
    of: 'steps',
    values: ({ steps }) => steps.accuracy,
    limits: SHARE,
  },
  learningRate: { title: 'Learning rate', of: 'steps', values: ({ steps }) => steps.learningRate },
} satisfies Record<string, Metric>;

type MetricName = keyof typeof metrics;

interface View {
  metric: MetricName;
  unit: XUnit;
  smoothing: number;
}

/** How the curves are looked at; kept while other places are visited. */
const useView = create<View>(() => ({ metric: 'val.accuracy', unit: 'epoch', smoothing: 0 }));

export function Overlay({ runs }: { runs: readonly RunSummary[] }) {
  const { metric, unit, smoothing } = useView();
  const hues = useComparison(state => state.hues);
  const known = useRunMetrics(runs.map(({ id }) => id));
  const chosen: Metric = metrics[metric];
  // Columns grow in place: their lengths tell whether they did.
  const lengths = runs.map(({ id }) => [known[id]?.steps.step.length, known[id]?.epochs.epoch.length]).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above; names and hues are in the key too
  const curves = useMemo(
    () =>
      runs.flatMap(run => {
        const data = known[run.id];
        return data ? curvesOf(run, data, chosen, unit, smoothing, hueOfRun(hues, run.id) ?? '') : [];
      }),
    [lengths, runs.map(({ name, id }) => `${id} ${name}`).join(), hues, metric, unit, smoothing],
  );
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
        <NativeSelect
          aria-label="Metric"
          value={metric}
          data={Object.entries(metrics).map(([value, { title }]) => ({ value, label: title }))}
          onChange={event => useView.setState({ metric: event.currentTarget.value as MetricName })}
        />
        <SegmentedControl
          aria-label="Over"
          value={unit}
          data={['step', 'epoch', 'time']}
          onChange={value => useView.setState({ unit: value as XUnit })}
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
          onChange={value => useView.setState({ smoothing: value })}
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
