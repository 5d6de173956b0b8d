/** What a person does with runs. Each complains by itself where it fails. */
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { NodeId } from '../../engine/graph/document.ts';
import { goTo } from '../store/activePage.ts';
import { flush } from '../store/autosave.ts';
import { compareRuns } from '../store/comparison.ts';
import { studio } from '../store/connection.ts';
import { useDocument } from '../store/openDocument.ts';
import { show } from '../store/projectStore.ts';
import { fineTuneFrom, showRun } from '../store/trainingRun.ts';
import { plural } from '../ui/numberFormat.ts';
import { attempt, offer, showMessage } from '../ui/toast.tsx';
import { useTableView } from './tableView.ts';

const idsOf = (runs: readonly RunSummary[]): Id[] => runs.map(({ id }) => id);

export function canResume({ state }: RunSummary): boolean {
  return state === 'stopped' || state === 'failed' || state === 'crashed';
}

export async function resume(run: RunSummary): Promise<void> {
  showRun(run.id);
  goTo('train');
  await attempt(() => studio().resumeRun(run.id), 'The run did not go on');
}

/** A project of its own, so that what is on the canvas now is not lost. */
export async function restore(run: RunSummary): Promise<void> {
  await flush();
  const restored = await attempt(() => studio().restoreRun(run.id), 'The run was not restored');
  if (!restored) return;
  show(restored.project);
  goTo('design');
  if (restored.warning !== null) showMessage(restored.warning);
}

/** From where it ended, to more epochs. */
export async function extend(run: RunSummary, epochs: number): Promise<void> {
  await attempt(() => studio().extendRun(run.id, epochs), 'The run does not go on');
}

/** Trains the open project from the weights of a run, and shows it. */
export async function fineTune(
  origin: RunSummary,
  manner: { frozen: NodeId[]; learningRate: number },
): Promise<void> {
  const { document } = useDocument.getState();
  await attempt(() => fineTuneFrom(origin.id, manner), `${document.name} is not trained`);
}

export async function remove(runs: readonly RunSummary[]): Promise<void> {
  const ids = idsOf(runs);
  const gone = await attempt(async () => {
    await studio().deleteRuns(ids);
    return true;
  }, 'The runs were not deleted');
  if (!gone) return;
  offer(`${plural(runs.length, 'run')} deleted.`, 'Undo', () =>
    attempt(() => studio().bringBackRuns(ids), 'The runs were not brought back'),
  );
}

export async function archive(runs: readonly RunSummary[], archived: boolean): Promise<void> {
  const ids = idsOf(runs);
  await attempt(() => studio().annotateRuns(ids, { archived }), 'The runs were not put away');
  const what = archived ? 'put into the archive' : 'taken out of the archive';
  offer(`${plural(runs.length, 'run')} ${what}.`, 'Undo', () =>
    attempt(() => studio().annotateRuns(ids, { archived: !archived })),
  );
}

/** Lays the networks of runs side by side. */
export async function compareNetworks(runs: readonly RunSummary[]): Promise<void> {
  await attempt(() => compareRuns(runs), 'The runs could not be read');
}

/** Pins a run, that the others are held against it; or takes the pin out. */
export function pin(run: RunSummary): void {
  useTableView.setState(({ baseline }) => ({ baseline: baseline === run.id ? null : run.id }));
}
