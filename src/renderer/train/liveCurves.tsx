/** The curves of one run: loss and accuracy of every step, lightly smoothed, with the validation of each epoch. */
import { useMemo } from 'react';
import type { Id, RunMetrics } from '../../bridge/contract.ts';
import { useRunMetrics } from '../store/metrics.ts';
import { Chart } from '../ui/chart.tsx';
import type { Curve } from '../ui/plot.ts';
import { smooth } from '../ui/smoothing.ts';

/** Of the step's own value, this much gives way to the ones before. */
const LIGHT = 0.85;

export function LiveCurves({ id }: { id: Id }) {
  const metrics = useRunMetrics([id])[id];
  const [steps, epochs] = [metrics?.steps.step.length ?? 0, metrics?.epochs.epoch.length ?? 0];
  // The columns grow in place: how long they are tells whether they did.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const loss = useMemo(() => curvesOf(metrics, 'loss'), [metrics, steps, epochs]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const accuracy = useMemo(() => curvesOf(metrics, 'accuracy'), [metrics, steps, epochs]);
  const empty = 'The first steps are on their way.';
  return (
    <div className="train-charts">
      <Chart title="Loss" curves={loss} unit="step" empty={empty} />
      <Chart title="Accuracy" curves={accuracy} unit="step" limits={[0, 1]} empty={empty} />
    </div>
  );
}

function curvesOf(metrics: RunMetrics | undefined, which: 'loss' | 'accuracy'): Curve[] {
  if (!metrics) return [];
  const { steps, epochs } = metrics;
  const validation = which === 'loss' ? epochs.valLoss : epochs.valAccuracy;
  const training = { label: 'training', hue: 'var(--f-conv)', x: steps.step };
  return [
    { ...training, y: steps[which], style: 'faint' },
    { ...training, y: smooth(steps[which], LIGHT) },
    { label: 'validation', hue: 'var(--f-merge)', x: epochs.step, y: validation, marks: true },
  ];
}
