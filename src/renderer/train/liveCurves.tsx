/** The curves of one run: by step, smoothed as one likes, with the validation of each epoch; or by epoch. */
import { SegmentedControl, Slider } from '@mantine/core';
import { useMemo } from 'react';
import { create } from 'zustand';
import type { Id } from '../../bridge/ids.ts';
import type { RunMetrics } from '../../bridge/runCalls.ts';
import { useRunMetrics } from '../store/runCurves.ts';
import { Chart } from '../ui/chart.tsx';
import type { Curve } from '../ui/curvePlot.ts';
import { smooth } from '../ui/smoothing.ts';

interface View {
  unit: 'step' | 'epoch';
  /** How much of a step's own value gives way to the ones before. */
  smoothing: number;
}

/** How curves are looked at; kept while other places are visited. */
const useView = create<View>(() => ({ unit: 'step', smoothing: 0.85 }));

export function CurveTools() {
  const { unit, smoothing } = useView();
  return (
    <div className="curve-tools">
      <SegmentedControl
        aria-label="Curves by"
        size="xs"
        value={unit}
        data={['step', 'epoch']}
        onChange={value => useView.setState({ unit: value as View['unit'] })}
      />
      <span className="tiny">Smoothing</span>
      <Slider
        className="curve-smoothing"
        thumbLabel="Smoothing of the steps"
        disabled={unit === 'epoch'}
        min={0}
        max={0.99}
        step={0.01}
        label={value => value.toFixed(2)}
        value={smoothing}
        onChange={value => useView.setState({ smoothing: value })}
      />
    </div>
  );
}

export function LiveCurves({ id, isOver }: { id: Id; isOver: boolean }) {
  const { unit, smoothing } = useView();
  const metrics = useRunMetrics([id])[id];
  // The columns grow in place: how long they are tells whether they did.
  const lengths = `${metrics?.steps.step.length} ${metrics?.epochs.epoch.length}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const curves = useMemo(
    () => ({
      loss: curvesOf(metrics, 'loss', unit, smoothing),
      accuracy: curvesOf(metrics, 'accuracy', unit, smoothing),
      rate: rateOf(metrics, unit),
    }),
    [metrics, lengths, unit, smoothing],
  );
  const coming =
    unit === 'step' ? 'The first steps are on their way.' : 'The first point comes after the first epoch.';
  const empty = isOver ? `It ended before its first ${unit} did.` : coming;
  return (
    <>
      <Chart title="Loss" curves={curves.loss} unit={unit} empty={empty} />
      <Chart title="Accuracy" curves={curves.accuracy} unit={unit} limits={[0, 1]} empty={empty} />
      <Chart title="Learning rate over time" curves={curves.rate} unit={unit} empty={empty} />
    </>
  );
}

const TRAINING = { label: 'training', hue: 'var(--f-conv)' };
const VALIDATION = { label: 'validation', hue: 'var(--f-merge)', marks: true };
/** More epochs than these are a line without marks. */
const MOST_MARKS = 60;

function curvesOf(
  metrics: RunMetrics | undefined,
  which: 'loss' | 'accuracy',
  unit: View['unit'],
  smoothing: number,
): Curve[] {
  if (!metrics) return [];
  const { steps, epochs } = metrics;
  const validation = which === 'loss' ? epochs.valLoss : epochs.valAccuracy;
  const marks = epochs.epoch.length <= MOST_MARKS;
  if (unit === 'epoch') {
    const training = which === 'loss' ? epochs.trainLoss : epochs.trainAccuracy;
    return [
      { ...TRAINING, x: epochs.epoch, y: training, marks },
      { ...VALIDATION, x: epochs.epoch, y: validation, marks },
    ];
  }
  return [
    { ...TRAINING, x: steps.step, y: steps[which], style: 'faint' },
    { ...TRAINING, x: steps.step, y: smooth(steps[which], smoothing) },
    { ...VALIDATION, x: epochs.step, y: validation, marks },
  ];
}

/** By epoch, the rate that each ended with. */
function rateOf(metrics: RunMetrics | undefined, unit: View['unit']): Curve[] {
  if (!metrics) return [];
  const { steps, epochs } = metrics;
  const rate = { label: 'learning rate', hue: 'var(--f-act)' };
  if (unit === 'step') return [{ ...rate, x: steps.step, y: steps.learningRate }];
  const first = steps.step[0] ?? 1;
  const y = epochs.step.map(step => steps.learningRate[step - first] ?? null);
  return [{ ...rate, x: epochs.epoch, y, marks: epochs.epoch.length <= MOST_MARKS }];
}
