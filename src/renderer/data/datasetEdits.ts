/**
 * Changes to a dataset by hand, and taking them back. The studio gives with each change what takes it back; the
 * window remembers these, in order.
 */
import { create } from 'zustand';
import type { ImageEdit, SplitRule } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { studio } from '../store/connection.ts';
import { attempt, showMessage } from '../ui/toast.tsx';

interface Step {
  dataset: Id;
  /** What was done, as a sentence says it: `2 images left out`. */
  what: string;
  /** What takes it back, or does it again. */
  edits: ImageEdit[];
}

interface History {
  done: readonly Step[];
  undone: readonly Step[];
}

export const useEdits = create<History>(() => ({ done: [], undone: [] }));

/** Changes images of a dataset. */
export function editImages(dataset: Id, what: string, edits: ImageEdit[]): Promise<void> {
  return record(dataset, what, () => studio().editImages(dataset, edits));
}

export function splitDataset(dataset: Id, rule: SplitRule): Promise<void> {
  return record(dataset, 'Divided anew', () => studio().splitDataset(dataset, rule));
}

export function restoreVersion(dataset: Id, version: number): Promise<void> {
  return record(dataset, `Version ${version} restored`, () => studio().restoreVersion(dataset, version));
}

async function record(dataset: Id, what: string, change: () => Promise<ImageEdit[]>): Promise<void> {
  const edits = await attempt(change, 'The dataset was not changed');
  if (!edits) return;
  if (edits.length === 0) {
    showMessage('Nothing had to be changed.');
    return;
  }
  useEdits.setState(({ done }) => ({ done: [...done, { dataset, what, edits }], undone: [] }));
}

/** Takes back the last change of a dataset, or of any; false where there is none. */
export function undoEdit(dataset: Id | null): boolean {
  return step(dataset, 'done', 'undone', 'Taken back');
}

export function redoEdit(dataset: Id | null): boolean {
  return step(dataset, 'undone', 'done', 'Done again');
}

function step(dataset: Id | null, from: keyof History, to: keyof History, word: string): boolean {
  const last = useEdits.getState()[from].findLast(each => dataset === null || each.dataset === dataset);
  if (!last) return false;
  // Taken away at once, so that a second press means the one before.
  useEdits.setState(state => ({ ...state, [from]: state[from].filter(each => each !== last) }));
  void attempt(() => studio().editImages(last.dataset, last.edits), 'That was not possible').then(edits => {
    if (!edits) return;
    useEdits.setState(state => ({ ...state, [to]: [...state[to], { ...last, edits }] }));
    showMessage(`${word}: ${last.what}.`);
  });
  return true;
}
