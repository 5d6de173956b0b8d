/** The learning rate over the whole run, drawn small: what warm-up and schedule make of it. */
import { useMemo } from 'react';
import type { Training } from '../../engine/graph/document.ts';
import { scheduleKind } from '../../engine/schedules/registry.ts';
import { scheduledRate } from '../../engine/schedules/scheduledRate.ts';
import { useDocument } from '../store/openDocument.ts';
import { decimal, plural } from '../ui/numberFormat.ts';
import { useTrainCounts } from './classImageCounts.ts';

const PREVIEW_WIDTH = 264;
const PREVIEW_HEIGHT = 56;
const PREVIEW_POINTS = 132;
/** Of images that nobody counted yet. */
const SOME_STEPS = 50;

export function SchedulePreview() {
  const training = useDocument(state => state.document.training);
  const images = useTrainCounts()?.reduce((sum, count) => sum + count, 0);
  const perEpoch = images ? Math.ceil(images / training.batchSize) : SOME_STEPS;
  const rates = useMemo(() => ratesOf(training, perEpoch), [training, perEpoch]);
  if (!rates) return null;
  const most = Math.max(...rates);
  const points = rates.map((rate, i) => {
    const x = (i / (rates.length - 1)) * PREVIEW_WIDTH;
    return `${x.toFixed(1)},${(PREVIEW_HEIGHT - 2 - (rate / (most || 1)) * (PREVIEW_HEIGHT - 6)).toFixed(1)}`;
  });
  const text = `from ${decimal(rates[0]!)} over ${decimal(most)} at the most to ${decimal(rates.at(-1)!)}`;
  return (
    <figure className="schedule-preview">
      <svg
        viewBox={`0 0 ${PREVIEW_WIDTH} ${PREVIEW_HEIGHT}`}
        role="img"
        aria-label={`The rate over the run: ${text}`}
      >
        <polygon points={`0,${PREVIEW_HEIGHT} ${points.join(' ')} ${PREVIEW_WIDTH},${PREVIEW_HEIGHT}`} />
        <polyline points={points.join(' ')} />
      </svg>
      <figcaption className="tiny">
        <span>{decimal(rates[0]!)}</span>
        <span>{plural(training.epochs, 'epoch')}</span>
        <span>{decimal(rates.at(-1)!)}</span>
      </figcaption>
    </figure>
  );
}

/** Undefined where the schedule is not valid. A loss that a schedule waits for is taken to fall in every epoch. */
function ratesOf(
  { schedule, learningRate, warmup, epochs }: Training,
  stepsPerEpoch: number,
): number[] | undefined {
  const kind = scheduleKind(schedule.kind);
  const params = kind?.schema.safeParse(schedule.params);
  if (!kind || !params?.success) return undefined;
  const whole = {
    kind,
    params: params.data,
    base: learningRate,
    warmupSteps: Math.round(warmup * stepsPerEpoch),
  };
  const steps = epochs * stepsPerEpoch;
  return Array.from({ length: PREVIEW_POINTS }, (_, i) => {
    const step = Math.round((i / (PREVIEW_POINTS - 1)) * (steps - 1));
    return scheduledRate(whole, { step, steps, stepsPerEpoch, losses: [] });
  });
}
