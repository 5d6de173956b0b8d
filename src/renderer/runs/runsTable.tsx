/** The table of runs: sorted by any column, drawn only where it is in sight. A row is chosen by its click. */
import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import {
  createColumnHelper,
  createSortedRowModel,
  rowSortingFeature,
  sortFn_alphanumeric,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import type { RunSummary } from '../../bridge/contract.ts';
import { studio } from '../store/connection.ts';
import { count, duration } from '../ui/format.ts';
import { RunState } from '../ui/runState.tsx';
import { attempt } from '../ui/toast.tsx';
import { metricText } from './differences.tsx';
import { hueOfRun, toggleRun, useComparison } from './selection.ts';
import { differing, settingsText } from './settings.ts';

interface Row {
  run: RunSummary;
  /** The settings in which the runs of the workspace differ. */
  settings: string;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns: { alphanumeric: sortFn_alphanumeric },
});
const helper = createColumnHelper<typeof features, Row>();

const metric = (id: string, header: string) =>
  helper.accessor(({ run }) => run.metrics[id], {
    id,
    header,
    cell: ({ row }) => metricText(row.original.run, id),
    sortUndefined: 'last',
    sortDescFirst: id.endsWith('accuracy'),
  });

const columns = helper.columns([
  helper.accessor(({ run }) => run.name, {
    id: 'name',
    header: 'Run',
    cell: ({ row }) => <RunName run={row.original.run} />,
    sortFn: 'alphanumeric',
  }),
  helper.accessor(({ settings }) => settings, {
    id: 'settings',
    header: 'Settings that differ',
    cell: ({ row }) => <span className="dim">{row.original.settings}</span>,
    sortFn: 'alphanumeric',
  }),
  helper.accessor(({ run }) => run.dataset, { id: 'dataset', header: 'Dataset', sortFn: 'alphanumeric' }),
  metric('test.accuracy', 'Test accuracy'),
  metric('val.accuracy', 'Val accuracy'),
  metric('val.loss', 'Val loss'),
  helper.accessor(({ run }) => run.parameters, {
    id: 'parameters',
    header: 'Parameters',
    cell: ({ row }) => count(row.original.run.parameters),
  }),
  helper.accessor(({ run }) => run.seconds, {
    id: 'seconds',
    header: 'Time',
    cell: ({ row }) => duration(row.original.run.seconds),
  }),
]);

const ROW = 33;

interface RunsTableProps {
  all: readonly RunSummary[];
  shown: readonly RunSummary[];
}

export function RunsTable({ all, shown }: RunsTableProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const hues = useComparison(state => state.hues);
  const data = useMemo(() => {
    const names = differing(all);
    return shown.map((run): Row => ({ run, settings: settingsText(run, names) }));
  }, [all, shown]);
  const table = useTable({ features, columns, data, getRowId: ({ run }) => run.id });
  const { rows } = table.getRowModel();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const [above, below] = [items[0]?.start ?? 0, virtual.getTotalSize() - (items.at(-1)?.end ?? 0)];
  return (
    <div className="runs-table" ref={scroll}>
      <table aria-label="Runs" aria-rowcount={rows.length + 1}>
        <thead>
          {table.getHeaderGroups().map(group => (
            <tr key={group.id}>
              <th className="runs-pick">
                <span className="visually-hidden">Compared</span>
              </th>
              {group.headers.map(header => {
                const sorted = header.column.getIsSorted();
                return (
                  <th
                    key={header.id}
                    data-column={header.id}
                    aria-sort={sorted ? (sorted === 'asc' ? 'ascending' : 'descending') : 'none'}
                  >
                    <button type="button" onClick={header.column.getToggleSortingHandler()}>
                      <table.FlexRender header={header} />
                      {sorted === 'asc' && <IconArrowUp size={12} />}
                      {sorted === 'desc' && <IconArrowDown size={12} />}
                    </button>
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody>
          {above > 0 && <tr style={{ height: above }} />}
          {items.map(({ index }) => {
            const row = rows[index]!;
            const { run } = row.original;
            const hue = hueOfRun(hues, run.id);
            return (
              // The checkbox in the row is what a keyboard reaches.
              <tr key={row.id} aria-selected={hue !== undefined} onClick={() => toggleRun(run.id)}>
                <td className="runs-pick">
                  <Checkbox
                    aria-label={`Compare ${run.name}`}
                    checked={hue !== undefined}
                    color={hue ?? 'var(--accent)'}
                    onChange={() => toggleRun(run.id)}
                    onClick={event => event.stopPropagation()}
                  />
                </td>
                {row.getAllCells().map(cell => (
                  <td key={cell.id} data-column={cell.column.id}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            );
          })}
          {below > 0 && <tr style={{ height: below }} />}
        </tbody>
      </table>
      {rows.length === 0 && <p className="runs-none dim">No run matches the filter.</p>}
    </div>
  );
}

function RunName({ run }: { run: RunSummary }) {
  const isRenaming = useComparison(state => state.renaming === run.id);
  if (isRenaming) return <NameField run={run} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button Rename does the same
    <span
      className="run-name"
      onDoubleClick={event => {
        event.stopPropagation();
        useComparison.setState({ renaming: run.id });
      }}
    >
      <b className="truncate">{run.name}</b>
      <RunState state={run.state} />
    </span>
  );
}

function NameField({ run }: { run: RunSummary }) {
  const [name, setName] = useState(run.name);
  const close = () => useComparison.setState({ renaming: null });
  const keep = () => {
    close();
    const wanted = name.trim();
    if (wanted === '' || wanted === run.name) return;
    void attempt(() => studio().renameRun(run.id, wanted), 'The run was not renamed');
  };
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: what opened it asked for it
      autoFocus
      className="input"
      aria-label="Name of the run"
      maxLength={200}
      value={name}
      onChange={event => setName(event.target.value)}
      onFocus={event => event.target.select()}
      onClick={event => event.stopPropagation()}
      onBlur={keep}
      onKeyDown={event => {
        if (event.key === 'Enter') keep();
        if (event.key === 'Escape') close();
      }}
    />
  );
}
