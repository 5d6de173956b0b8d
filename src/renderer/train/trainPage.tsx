/** The Train place: the settings on the left, the run on the right. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconPlayerPlayFilled, IconPlaylistAdd } from '@tabler/icons-react';
import { useForecast } from '../store/memoryForecast.ts';
import { useActiveRun, useObstacles, useShownRun, useTraining } from '../store/trainingRun.ts';
import { bytes, groupDigits } from '../ui/numberFormat.ts';
import { Prepare } from './beforeRun.tsx';
import { LiveRun } from './liveRun.tsx';
import { Settings } from './settingsForm.tsx';
import { train, trainLater } from './trainActions.ts';
import './train.css';

export function Train() {
  const run = useShownRun();
  const view = useTraining(state => state.view);
  const views = run && <Views view={view ?? 'run'} />;
  return (
    <main className="train">
      <aside className="train-settings" aria-label="Settings">
        <Settings />
        <Start />
      </aside>
      {run && view !== 'prepare' ? (
        <LiveRun key={run.id} run={run} views={views} />
      ) : (
        <section className="train-run" aria-label="Prepare">
          <header className="train-run-head">
            <div className="train-run-title">
              {views}
              <h1>Before the start</h1>
            </div>
          </header>
          {!run && <NoRun />}
          <Prepare />
        </section>
      )}
    </main>
  );
}

function Views({ view }: { view: 'prepare' | 'run' }) {
  return (
    <SegmentedControl
      aria-label="What is shown"
      value={view}
      data={[
        { value: 'prepare', label: 'Prepare' },
        { value: 'run', label: 'Run' },
      ]}
      onChange={value => useTraining.setState({ view: value as typeof view })}
    />
  );
}

/** What the run will take, and the button that starts it; where something is in the way, the way to what helps. */
function Start() {
  const obstacles = useObstacles();
  const starting = useTraining(state => state.starting);
  const drafts = useTraining(state => Object.keys(state.drafts).length);
  const forecast = useForecast(state => state.forecast);
  const active = useActiveRun();
  const blocked = obstacles.length > 0 || drafts > 0;
  return (
    <section className="section train-start" aria-label="Before the start">
      {drafts > 0 && <p>A setting above is not valid yet.</p>}
      {obstacles.length > 0 && (
        <button
          type="button"
          className="train-obstacles"
          onClick={() => useTraining.setState({ view: 'prepare' })}
        >
          <b>In the way:</b> {groupDigits(obstacles[0]!.message)}
        </button>
      )}
      {!blocked && (
        <p className="dim">
          {active ? (
            <>{active.name} is under way; settings hold for the next.</>
          ) : (
            <>
              Takes <b>{forecast ? bytes(forecast.bytes) : '…'}</b> of memory.
            </>
          )}
        </p>
      )}
      <Button
        fullWidth
        size="sm"
        variant={active ? 'default' : 'filled'}
        disabled={blocked}
        loading={starting}
        leftSection={active ? <IconPlaylistAdd size={16} /> : <IconPlayerPlayFilled size={14} />}
        onClick={active ? trainLater : train}
      >
        {active ? 'Add to the queue' : 'Start training'}
      </Button>
    </section>
  );
}

/** What Train shows before anything was trained. */
function NoRun() {
  return (
    <p className="dim train-welcome">
      Nothing has been trained yet. Choose a dataset and press Start: the loss falls while the network learns;
      the validation, after each epoch, tells whether it learns more than the images by heart.
    </p>
  );
}
