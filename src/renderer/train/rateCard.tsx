/** The learning-rate finder: a rate that rises from far too small to far too large, and what the loss says to it. */
import { Button } from '@mantine/core';
import { IconWand } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { RateSearch } from '../../bridge/trialCalls.ts';
import { editTraining, useDocument } from '../store/openDocument.ts';
import { useStudio } from '../store/studioState.ts';
import { Chart } from '../ui/chart.tsx';
import type { Curve } from '../ui/curvePlot.ts';
import { decimal, percent } from '../ui/numberFormat.ts';
import { cancelTrial, findLearningRate } from './trainActions.ts';

/** @param held what keeps it from being looked for, as a sentence; null where nothing does */
export function RateCard({ held }: { held: string | null }) {
  const project = useDocument(state => state.project);
  const known = useStudio(state => state.rateSearch);
  const search = known?.project === project ? known : null;
  const isRunning = search?.state === 'running';
  const curves = useMemo(() => (search ? curvesOf(search) : []), [search]);
  return (
    <div className="rate-card">
      <Chart
        title="Learning-rate finder"
        curves={curves}
        unit="rate"
        empty="A short training in which the rate rises from far too small to far too large. Where the loss falls fastest is a good one. Nothing of it is kept."
      />
      <div className="rate-tools">
        {isRunning ? (
          <>
            <span className="dim" role="status">
              {percent(search.points.length / search.steps)} of the rates are tried
            </span>
            <Button onClick={cancelTrial}>Cancel</Button>
          </>
        ) : (
          <>
            <Outcome search={search} />
            <Button
              leftSection={<IconWand size={14} />}
              disabled={held !== null}
              title={held ?? 'Some hundred steps with the settings as they are'}
              onClick={findLearningRate}
            >
              {search ? 'Look again' : 'Find a learning rate'}
            </Button>
          </>
        )}
      </div>
    </div>
  );
}

function Outcome({ search }: { search: RateSearch | null }) {
  const current = useDocument(state => state.document.training.learningRate);
  if (search?.state === 'failed') return <span className="bad">{search.error}</span>;
  if (search?.state === 'cancelled') return <span className="dim">It was cancelled.</span>;
  if (search?.state !== 'done') return <span />;
  if (search.suggestion === null) {
    return <span className="dim">The loss never fell: look at the network or the data first.</span>;
  }
  const rate = Number(search.suggestion.toPrecision(2));
  if (rate === current) return <span className="dim">{decimal(rate)} is what the project has now.</span>;
  return (
    <span>
      The loss falls fastest at <b>{decimal(rate)}</b>.{' '}
      <Button variant="filled" onClick={() => editTraining({ learningRate: rate })}>
        Use {decimal(rate)}
      </Button>
    </span>
  );
}

/** What gets out of hand at the end would press everything else flat. */
const TALLEST_LOSS_RATIO = 1.5;

function curvesOf({ points, suggestion }: RateSearch): Curve[] {
  const first = points[0]?.smoothed ?? 0;
  const shown = points.filter(({ smoothed }) => smoothed <= TALLEST_LOSS_RATIO * first);
  const x = shown.map(({ learningRate }) => learningRate);
  const training = { hue: 'var(--f-conv)', x };
  const curves: Curve[] = [
    {
      ...training,
      label: 'loss of each step',
      y: shown.map(({ loss }) => (loss <= TALLEST_LOSS_RATIO * first ? loss : null)),
      style: 'faint',
    },
    { ...training, label: 'smoothed loss', y: shown.map(({ smoothed }) => smoothed) },
  ];
  const at = shown.find(({ learningRate }) => learningRate === suggestion);
  if (at)
    curves.push({
      label: `falls fastest at ${decimal(at.learningRate, 2)}`,
      hue: 'var(--f-merge)',
      x: [at.learningRate],
      y: [at.smoothed],
      marks: true,
    });
  return curves;
}
