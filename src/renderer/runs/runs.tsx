/** The Runs place: every run in a table, the chosen ones laid over each other above it. */
import { Button } from '@mantine/core';
import {
  IconArrowsDiff,
  IconListDetails,
  IconPencil,
  IconPlayerPlay,
  IconRestore,
  IconTrash,
} from '@tabler/icons-react';
import { useEffect, useMemo } from 'react';
import type { RunSummary } from '../../bridge/contract.ts';
import { compareRuns } from '../compare/comparison.ts';
import { studio } from '../store/connection.ts';
import { goTo } from '../store/place.ts';
import { newProject } from '../store/project.ts';
import { byRecency, isActive, useStudio } from '../store/studio.ts';
import { resumeRun, train, useTraining } from '../store/training.ts';
import { count, plural } from '../ui/format.ts';
import { attempt } from '../ui/toast.tsx';
import { Differences } from './differences.tsx';
import { Overlay } from './overlay.tsx';
import { RunsTable } from './runsTable.tsx';
import { comparedRuns, compareOnly, useComparison } from './selection.ts';
import { matchesRun } from './settings.ts';
import './runs.css';

export function Runs() {
  const runs = useStudio(state => state.runs);
  const { hues, filter } = useComparison();
  const all = useMemo(() => byRecency(runs), [runs]);
  const shown = useMemo(() => all.filter(run => matchesRun(run, filter)), [all, filter]);
  const compared = comparedRuns(hues, runs);
  useEffect(() => {
    // Before anybody chose, the two latest are what one wants to see.
    if (hues === null && all.length > 0) compareOnly(all.slice(0, 2).map(({ id }) => id));
  }, [hues, all]);
  if (all.length === 0) return <NoRuns />;
  return (
    <main className="runs">
      <h1 className="visually-hidden">Runs</h1>
      <div className="runs-bar">
        <input
          className="input"
          type="search"
          aria-label="Filter runs"
          placeholder="Filter by name, dataset, state or setting"
          value={filter}
          onChange={event => useComparison.setState({ filter: event.target.value })}
        />
        <span className="dim runs-count">
          {count(shown.length)} of {plural(all.length, 'run')} · {count(compared.length)} selected
        </span>
        <Actions runs={compared} />
      </div>
      {compared.length > 0 ? (
        <div className="runs-charts">
          <Overlay runs={compared} />
          <Differences runs={compared} />
        </div>
      ) : (
        <p className="runs-none dim">Select runs in the table to lay their curves over each other.</p>
      )}
      <RunsTable all={all} shown={shown} />
    </main>
  );
}

/** What can be done with the selected runs. */
function Actions({ runs }: { runs: readonly RunSummary[] }) {
  const [only] = runs.length === 1 ? runs : [];
  return (
    <>
      {only && canResume(only) && (
        <Button
          leftSection={<IconPlayerPlay size={14} />}
          title="Goes on from the last checkpoint"
          onClick={() => resume(only)}
        >
          Resume
        </Button>
      )}
      {runs.length > 1 && (
        <Button
          leftSection={<IconArrowsDiff size={14} />}
          title="What was added, removed and changed between the networks of the selected runs"
          onClick={() => compareRuns(runs)}
        >
          Compare networks
        </Button>
      )}
      <Button
        leftSection={<IconRestore size={14} />}
        disabled={!only}
        title="Opens the network and the settings of the selected run as a project"
        onClick={() => only && restore(only)}
      >
        Restore to canvas
      </Button>
      <Button
        leftSection={<IconPencil size={14} />}
        disabled={!only}
        onClick={() => only && useComparison.setState({ renaming: only.id })}
      >
        Rename
      </Button>
      <Button
        color="red"
        leftSection={<IconTrash size={14} />}
        disabled={runs.length === 0 || runs.some(isActive)}
        onClick={() => deleteRuns(runs)}
      >
        Delete
      </Button>
    </>
  );
}

function canResume(run: RunSummary): boolean {
  return run.state === 'stopped' || run.state === 'failed' || run.state === 'crashed';
}

async function resume(run: RunSummary): Promise<void> {
  useTraining.setState({ shown: run.id });
  goTo('train');
  await resumeRun(run.id);
}

/** A project of its own, so that what is on the canvas now is not lost. */
async function restore(run: RunSummary): Promise<void> {
  const detail = await attempt(() => studio().run(run.id), 'The run could not be read');
  if (!detail) return;
  await newProject({ ...detail.document, name: run.name });
  goTo('design');
}

async function deleteRuns(runs: readonly RunSummary[]): Promise<void> {
  const names = runs.map(run => run.name).join(', ');
  await attempt(() => studio().deleteRuns(runs.map(({ id }) => id)), `${names} was not deleted`);
}

function NoRuns() {
  return (
    <main className="empty">
      <IconListDetails size={36} stroke={1.2} />
      <h1>No runs yet</h1>
      <p>
        Each training becomes a run, with its network, its settings and its curves. Train two with one thing
        changed between them, and compare them here.
      </p>
      <div className="actions">
        <Button variant="filled" onClick={train}>
          Train the open project
        </Button>
      </div>
    </main>
  );
}
