/** How the table of runs is looked at; remembered from one start of the window to the next. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { Id } from '../../bridge/ids.ts';
import type { SettingsShown } from './runColumns.ts';

interface TableView {
  /** Columns that a person picked, by their ids. */
  picked: readonly string[];
  settings: SettingsShown;
  sort: { id: string; desc: boolean } | null;
  /** The column whose equal values stand together; null: none. */
  groupBy: string | null;
  /** The run that the others are held against. */
  baseline: Id | null;
  /** Whether runs that were put away are shown, in place of the others. */
  archived: boolean;
}

export const useTableView = create<TableView>()(
  persist<TableView>(
    () => ({
      picked: ['settings', 'dataset', 'test.accuracy', 'val.accuracy', 'val.loss', 'parameters', 'seconds'],
      settings: 'picked',
      sort: null,
      groupBy: null,
      baseline: null,
      archived: false,
    }),
    { name: 'receptive.runs-table' },
  ),
);

export function togglePicked(id: string): void {
  useTableView.setState(({ picked }) => ({
    picked: picked.includes(id) ? picked.filter(other => other !== id) : [...picked, id],
  }));
}

/** Up, down, and as it was. */
export function sortBy(id: string, descFirst: boolean): void {
  useTableView.setState(({ sort }) => {
    if (sort?.id !== id) return { sort: { id, desc: descFirst } };
    return { sort: sort.desc === descFirst ? { id, desc: !descFirst } : null };
  });
}
