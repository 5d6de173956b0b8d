/**
 * The table of runs: sorted and grouped by any column, drawn only where it is in sight, down and across. A row is
 * chosen by its click. Runs' metrics show how far they are from the pinned run's.
 */
import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { type RefObject, useMemo, useRef, useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { useStudio } from '../store/studioState.ts';
import { fraction, plural } from '../ui/numberFormat.ts';
import type { Column } from './runColumns.ts';
import { RunName } from './runName.tsx';
import { hueOfRun, setCompared, toggleRun, useComparison } from './runSelection.ts';
import { type GroupRow, groupedRows, meanOf, type RunTableRow, sorted } from './tableRows.ts';
import { sortBy, useTableView } from './tableView.ts';

const ROW_HEIGHT = 33;
const PICK_WIDTH = 40;
const NAME_WIDTH = 270;

interface RunsTableProps {
  columns: readonly Column[];
  all: readonly Column[];
  runs: readonly RunSummary[];
}

export function RunsTable({ columns, all, runs }: RunsTableProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useRows(runs, all, closed);
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const { sight, width } = useSight(columns, scroll);
  const items = down.getVirtualItems();
  const [above, below] = [items[0]?.start ?? 0, down.getTotalSize() - (items.at(-1)?.end ?? 0)];
  const toggle = (key: string) => setClosed(before => before.symmetricDifference(new Set([key])));
  return (
    <div className="runs-table" ref={scroll}>
      <table
        aria-label="Runs"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns.length + 2}
        style={{ minWidth: width }}
      >
        <Head runs={runs} sight={sight} />
        <tbody>
          {above > 0 && <tr style={{ height: above }} />}
          {items.map(item => (
            <TableRow
              key={keyOf(rows, item)}
              row={rows[item.index]!}
              sight={sight}
              closed={closed}
              onToggle={toggle}
            />
          ))}
          {below > 0 && <tr style={{ height: below }} />}
        </tbody>
      </table>
      {rows.length === 0 && (
        <p className="runs-none dim">No run is in sight: the filter lets none through.</p>
      )}
    </div>
  );
}

/** Sorted and grouped as the view says. */
function useRows(
  runs: readonly RunSummary[],
  all: readonly Column[],
  closed: ReadonlySet<string>,
): RunTableRow[] {
  const { sort, groupBy } = useTableView();
  return useMemo(() => {
    const by = (id: string | undefined) => [NAME_COLUMN, ...all].find(each => each.id === id);
    return groupedRows(sorted(runs, by(sort?.id), sort?.desc ?? false), by(groupBy ?? undefined), closed);
  }, [runs, all, sort, groupBy, closed]);
}

/** Which columns are in sight, and how wide all are together. */
function useSight(columns: readonly Column[], scroll: RefObject<HTMLDivElement | null>) {
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroll.current,
    estimateSize: i => columns[i]!.width,
    getItemKey: i => columns[i]!.id,
    paddingStart: PICK_WIDTH + NAME_WIDTH,
    overscan: 2,
  });
  const cells = across.getVirtualItems();
  const width = across.getTotalSize();
  const sight: Sight = {
    shown: cells.map(({ index }) => columns[index]!),
    before: (cells[0]?.start ?? PICK_WIDTH + NAME_WIDTH) - PICK_WIDTH - NAME_WIDTH,
    after: width - (cells.at(-1)?.end ?? PICK_WIDTH + NAME_WIDTH),
  };
  return { sight, width };
}

/** The columns in sight, and the room that those to both sides take. */
interface Sight {
  shown: readonly Column[];
  before: number;
  after: number;
}

function keyOf(rows: readonly RunTableRow[], { index }: VirtualItem): string {
  const row = rows[index]!;
  return row.kind === 'run' ? row.run.id : `group ${row.key}`;
}

const NAME_COLUMN: Column = {
  id: 'name',
  title: 'Run',
  of: 'run',
  width: NAME_WIDTH,
  align: 'left',
  value: run => run.name,
  text: String,
};

function Head({ runs, sight }: { runs: readonly RunSummary[]; sight: Sight }) {
  const hues = useComparison(state => state.hues) ?? {};
  const chosen = runs.filter(({ id }) => id in hues).length;
  return (
    <thead>
      <tr>
        <th className="runs-pick" style={{ width: PICK_WIDTH }}>
          <Checkbox
            aria-label="Compare all that are shown"
            checked={chosen > 0 && chosen === runs.length}
            indeterminate={chosen > 0 && chosen < runs.length}
            onChange={event =>
              setCompared(
                runs.map(({ id }) => id),
                event.currentTarget.checked,
              )
            }
          />
        </th>
        <HeadCell column={NAME_COLUMN} />
        {sight.before > 0 && <th style={{ width: sight.before }} />}
        {sight.shown.map(column => (
          <HeadCell key={column.id} column={column} />
        ))}
        <th className="runs-rest" style={sight.after > 0 ? { width: sight.after } : {}} />
      </tr>
    </thead>
  );
}

function HeadCell({ column }: { column: Column }) {
  const sort = useTableView(state => state.sort);
  const isSorted = sort?.id === column.id;
  const Icon = sort?.desc ? IconArrowDown : IconArrowUp;
  return (
    <th
      data-column={column.id}
      data-align={column.align}
      style={{ width: column.width }}
      title={column.id.replace('setting:', '')}
      aria-sort={isSorted ? (sort.desc ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" onClick={() => sortBy(column.id, column.better === 'high')}>
        <span className="truncate">{column.title}</span>
        {isSorted && <Icon size={12} />}
      </button>
    </th>
  );
}

interface TableRowProps {
  row: RunTableRow;
  sight: Sight;
  closed: ReadonlySet<string>;
  onToggle: (key: string) => void;
}

function TableRow({ row, sight, closed, onToggle }: TableRowProps) {
  if (row.kind === 'group')
    return (
      <GroupLine row={row} sight={sight} isClosed={closed.has(row.key)} onToggle={() => onToggle(row.key)} />
    );
  return <RunLine run={row.run} sight={sight} />;
}

function RunLine({ run, sight }: { run: RunSummary; sight: Sight }) {
  const hue = useComparison(state => hueOfRun(state.hues, run.id));
  const baseline = useTableView(state => state.baseline);
  const pinned = useStudio(state => (baseline === null ? undefined : state.runs[baseline]));
  return (
    // The checkbox in the row is what a keyboard reaches.
    <tr aria-selected={hue !== undefined} onClick={() => toggleRun(run.id)}>
      <td className="runs-pick">
        <Checkbox
          aria-label={`Compare ${run.name}`}
          checked={hue !== undefined}
          color={hue ?? 'var(--accent)'}
          onChange={() => toggleRun(run.id)}
          onClick={event => event.stopPropagation()}
        />
      </td>
      <td data-column="name" data-align="left">
        <RunName run={run} />
      </td>
      {sight.before > 0 && <td />}
      {sight.shown.map(column => {
        const text = column.text(column.value(run), run);
        return (
          <td
            key={column.id}
            data-column={column.id}
            data-align={column.align}
            title={column.align === 'left' ? text : undefined}
          >
            {text}
            {pinned && pinned.id !== run.id && <Delta column={column} run={run} pinned={pinned} />}
          </td>
        );
      })}
      <td />
    </tr>
  );
}

/** How far a metric is from the pinned run's. */
function Delta({ column, run, pinned }: { column: Column; run: RunSummary; pinned: RunSummary }) {
  const [value, other] = [column.value(run), column.value(pinned)];
  if (!column.better || typeof value !== 'number' || typeof other !== 'number') return null;
  const delta = value - other;
  const isBetter = column.better === 'high' ? delta > 0 : delta < 0;
  const tone = delta === 0 ? undefined : isBetter ? 'better' : 'worse';
  return (
    <span className="runs-delta" data-tone={tone}>
      {delta === 0 ? '±0' : `${delta > 0 ? '+' : ''}${fraction(delta)}`}
    </span>
  );
}

interface GroupLineProps {
  row: GroupRow;
  sight: Sight;
  isClosed: boolean;
  onToggle: () => void;
}

function GroupLine({ row, sight, isClosed, onToggle }: GroupLineProps) {
  const Icon = isClosed ? IconChevronRight : IconChevronDown;
  return (
    <tr className="runs-group">
      <td className="runs-pick" />
      <td data-column="name" data-align="left">
        <button type="button" className="runs-group-toggle" aria-expanded={!isClosed} onClick={onToggle}>
          <Icon size={14} />
          <b className="truncate">{row.title}</b>{' '}
          <span className="tiny">{plural(row.runs.length, 'run')}</span>
        </button>
      </td>
      {sight.before > 0 && <td />}
      {sight.shown.map(column => {
        const mean = column.of === 'metric' ? meanOf(row.runs, column) : undefined;
        return (
          <td key={column.id} data-align={column.align}>
            {mean !== undefined && <span title="The mean of the group">⌀ {fraction(mean)}</span>}
          </td>
        );
      })}
      <td />
    </tr>
  );
}
