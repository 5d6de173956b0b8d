/** Runs that wait for their turn: in their order, moved, taken out; and the open project put behind them. */
import { ActionIcon, Button, NumberInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { flush } from '../store/autosave.ts';
import { studio } from '../store/connection.ts';
import { useDocument } from '../store/openDocument.ts';
import { count, duration, percent, plural } from '../ui/numberFormat.ts';
import { RunState } from '../ui/runState.tsx';
import { attempt } from '../ui/toast.tsx';
import { useQueue } from './queueState.ts';

export function Queue() {
  const { active, waiting, left } = useQueue();
  return (
    <section className="card queue" aria-label="Queue">
      <div className="card-head">
        <h2>Queue</h2>
        <span className="tiny">
          {waiting.length === 0 ? 'nothing waits' : `${plural(waiting.length, 'run')} wait`}
          {left !== null && `, ${duration(left)} left in all`}
        </span>
        <Enqueue />
        <Button color="red" disabled={waiting.length === 0} onClick={() => cancel(waiting)}>
          Cancel all
        </Button>
      </div>
      <ol className="queue-list">
        {active && (
          <li>
            <b className="truncate">{active.name}</b>
            <RunState state={active.state} />
            <span className="dim">{percent(active.steps > 0 ? active.step / active.steps : 0)}</span>
          </li>
        )}
        {waiting.map((run, i) => (
          <Waiting key={run.id} run={run} place={i} waiting={waiting} />
        ))}
      </ol>
      {!active && waiting.length === 0 && (
        <p className="dim queue-none">
          Runs train one after the other. Put the open project here, with several seeds to see how much of a
          difference is chance, or start a sweep.
        </p>
      )}
    </section>
  );
}

interface WaitingProps {
  run: RunSummary;
  place: number;
  waiting: readonly RunSummary[];
}

function Waiting({ run, place, waiting }: WaitingProps) {
  const move = (before: RunSummary | undefined) =>
    attempt(() => studio().moveQueued(run.id, before?.id ?? null), 'The run was not moved');
  return (
    <li>
      <b className="truncate">{run.name}</b>
      <span className="dim">
        {run.step > 0 ? `goes on to ${plural(run.epochs, 'epoch')}` : plural(run.epochs, 'epoch')}
      </span>
      <span className="queue-buttons">
        <ActionIcon
          aria-label={`Move ${run.name} up`}
          disabled={place === 0}
          onClick={() => move(waiting[place - 1])}
        >
          <IconArrowUp size={14} />
        </ActionIcon>
        <ActionIcon
          aria-label={`Move ${run.name} down`}
          disabled={place === waiting.length - 1}
          onClick={() => move(waiting[place + 2])}
        >
          <IconArrowDown size={14} />
        </ActionIcon>
        <ActionIcon aria-label={`Take ${run.name} out of the queue`} onClick={() => cancel([run])}>
          <IconX size={14} />
        </ActionIcon>
      </span>
    </li>
  );
}

function Enqueue() {
  const project = useDocument(state => state.project);
  const [seeds, setSeeds] = useState<number | string>(1);
  const add = async () => {
    if (project === null || typeof seeds !== 'number') return;
    await flush();
    await attempt(() => studio().queueRuns({ project, seeds }), 'The project was not put into the queue');
  };
  return (
    <div className="queue-add">
      <NumberInput
        size="xs"
        aria-label="Seeds"
        min={1}
        max={100}
        allowDecimal={false}
        value={seeds}
        onChange={setSeeds}
        suffix={seeds === 1 ? ' seed' : ' seeds'}
      />
      <Button leftSection={<IconPlus size={14} />} disabled={typeof seeds !== 'number'} onClick={add}>
        {typeof seeds === 'number' && seeds > 1
          ? `Put ${count(seeds)} runs of the open project here`
          : 'Put the open project here'}
      </Button>
    </div>
  );
}

function cancel(runs: readonly RunSummary[]): Promise<unknown> {
  return attempt(() => studio().cancelQueued(runs.map(({ id }) => id)), 'The runs still wait');
}
