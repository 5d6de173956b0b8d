/** The Runs place: every run in a table, and above it the selected ones seen in one of several ways. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconListDetails } from '@tabler/icons-react';
import { lazy, Suspense, useDeferredValue, useEffect, useMemo } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { differingIn } from '../../experiments/survey.ts';
import { runAction } from '../actions/registry.ts';
import { useStudio } from '../store/studioState.ts';
import { Boundary } from '../ui/boundary.tsx';
import { AnnotateDialog, ExtendDialog } from './annotateDialog.tsx';
import { showView, useView, type ViewName, views } from './comparisonView.ts';
import { Overlay } from './curvesOverlay.tsx';
import { ExportDialog } from './exportDialog.tsx';
import { FineTuneDialog } from './fineTuneDialog.tsx';
import { type History, useHistory } from './history.ts';
import { type Column, columnsOf, shownColumns } from './runColumns.ts';
import { Confusions } from './runConfusion.tsx';
import { Differences } from './runDifferences.tsx';
import { Queue } from './runQueue.tsx';
import { comparedRuns, compareOnly, useComparison } from './runSelection.ts';
import { RunsTable } from './runsTable.tsx';
import { Better } from './significanceTest.tsx';
import { SweepDialog } from './sweepDialog.tsx';
import { useTableView } from './tableView.ts';
import { Toolbar } from './toolbar.tsx';
import { TopLosses } from './topLosses.tsx';
import './runs.css';
import './views.css';

/** ECharts is large: it is fetched when one of its charts is first looked at. */
const Coordinates = lazy(async () => ({ default: (await import('./coordinates.tsx')).Coordinates }));
const Scatter = lazy(async () => ({ default: (await import('./scatter.tsx')).Scatter }));

export function Runs() {
  const history = useHistory();
  const runs = useStudio(state => state.runs);
  const hues = useComparison(state => state.hues);
  const { picked, settings } = useTableView();
  const { all, shown, survey } = history;
  const compared = comparedRuns(hues, runs);
  const columns = useMemo(() => columnsOf(survey), [survey]);
  // Of several selected runs one wants to see where those differ.
  const looked = compared.length > 1 ? compared : shown;
  const differing = settings === 'differing' ? differingIn(looked, survey).join('\n') : '';
  const visible = useMemo(
    () => shownColumns(columns, picked, settings, differing.split('\n')),
    [columns, picked, settings, differing],
  );
  // The table is drawn in slices after the bar, and the charts after it: opening the place holds nothing up.
  const hasTable = useDeferredValue(true, false);
  const hasCharts = useDeferredValue(hasTable, false);
  useEffect(() => {
    // Before anybody chose, the two latest are what one wants to see.
    if (hues === null && all.length > 0) compareOnly(all.slice(0, 2).map(({ id }) => id));
  }, [hues, all]);
  if (Object.keys(runs).length === 0) return <NoRuns />;
  return (
    <main className="runs">
      <h1 className="visually-hidden">Runs</h1>
      <Toolbar history={history} columns={columns} />
      <View history={history} compared={compared} columns={columns} isDrawn={hasCharts} />
      {hasTable && <RunsTable columns={visible} all={columns} runs={history.kept} />}
      <SweepDialog />
      <ExtendDialog />
      <FineTuneDialog />
      <AnnotateDialog runs={compared} />
      <ExportDialog shown={shown} compared={compared} />
    </main>
  );
}

interface ViewProps {
  history: History;
  compared: readonly RunSummary[];
  columns: readonly Column[];
}

function View({ isDrawn, ...props }: ViewProps & { isDrawn: boolean }) {
  const view = useView(state => state.view);
  return (
    <section className="runs-view" aria-label={views[view]}>
      <SegmentedControl
        aria-label="View"
        value={view}
        data={Object.entries(views).map(([value, label]) => ({ value, label }))}
        onChange={value => showView(value as ViewName)}
      />
      <div className="runs-charts" data-view={view}>
        {isDrawn && (
          <Boundary key={view}>
            <Suspense fallback={<p className="dim runs-none">One moment…</p>}>
              <Shown view={view} {...props} />
            </Suspense>
          </Boundary>
        )}
      </div>
    </section>
  );
}

function Shown({ view, history, compared, columns }: ViewProps & { view: ViewName }) {
  if (view === 'queue') return <Queue />;
  if (view === 'coordinates') return <Coordinates runs={history.shown} survey={history.survey} />;
  if (view === 'scatter') return <Scatter runs={history.shown} columns={columns} />;
  if (compared.length === 0)
    return <p className="runs-none dim">Select runs in the table to lay their curves over each other.</p>;
  if (view === 'confusion') return <Confusions runs={compared} />;
  if (view === 'losses') return <TopLosses runs={compared} />;
  if (view === 'better') return <Better runs={compared} />;
  return (
    <>
      <Overlay runs={compared} />
      <Differences runs={compared} />
    </>
  );
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
        <Button variant="filled" onClick={() => runAction('train')}>
          Train the open project
        </Button>
      </div>
    </main>
  );
}
