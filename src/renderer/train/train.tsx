/** The Train place: the settings on the left, the run on the right. */
import { Button } from '@mantine/core';
import { IconChartLine, IconPlayerPlayFilled } from '@tabler/icons-react';
import { ProblemList } from '../design/problems.tsx';
import { useForecast } from '../store/forecast.ts';
import { train, useActiveRun, useObstacles, useShownRun, useTraining } from '../store/training.ts';
import { bytes } from '../ui/format.ts';
import { LiveRun } from './liveRun.tsx';
import { Settings } from './settings.tsx';
import './train.css';

export function Train() {
  const run = useShownRun();
  return (
    <main className="train">
      <aside className="train-settings" aria-label="Settings">
        <Settings />
        <Start />
      </aside>
      {run ? <LiveRun key={run.id} run={run} /> : <NoRun />}
    </main>
  );
}

/** What is in the way, with what helps; else what the run will take, and the button that starts it. */
function Start() {
  const obstacles = useObstacles();
  const starting = useTraining(state => state.starting);
  const drafts = useTraining(state => Object.keys(state.drafts).length);
  const forecast = useForecast(state => state.forecast);
  const active = useActiveRun();
  const blocked = obstacles.length > 0 || drafts > 0;
  return (
    <section className="section train-start" aria-label="Before the start">
      <h2 className={blocked ? 'bad' : undefined}>{blocked ? 'In the way' : 'Ready'}</h2>
      {drafts > 0 && <p>A setting above is not valid yet.</p>}
      {obstacles.length > 0 && <ProblemList diagnoses={obstacles} linked />}
      {!blocked && (
        <p className="dim">
          Training takes <b>{forecast ? bytes(forecast.bytes) : '…'}</b> of memory. Settings can be changed
          while it runs: they hold for the next run.
        </p>
      )}
      {active && !blocked && <p className="dim">{active.name} is under way; one run trains at a time.</p>}
      <Button
        fullWidth
        size="sm"
        variant="filled"
        disabled={blocked || active !== undefined}
        loading={starting}
        leftSection={<IconPlayerPlayFilled size={14} />}
        onClick={train}
      >
        Start training
      </Button>
    </section>
  );
}

function NoRun() {
  return (
    <section className="empty">
      <IconChartLine size={36} stroke={1.2} />
      <h1>Nothing has been trained yet</h1>
      <p>
        Choose a dataset and press Start. The loss falls while the network learns; the validation, after each
        epoch, tells whether it learns more than the images by heart.
      </p>
    </section>
  );
}
