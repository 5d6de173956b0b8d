/** Above the runs: what is looked for, which columns, in which groups; and what can be done with the selected. */
import { Button, Checkbox, NativeSelect, Popover, SegmentedControl, TextInput } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import { useState } from 'react';
import { useStudio } from '../store/studioState.ts';
import { count, plural } from '../ui/numberFormat.ts';
import type { History } from './history.ts';
import type { Column, SettingsShown } from './runColumns.ts';
import { comparedRuns, useComparison } from './runSelection.ts';
import { Actions } from './selectedRunsBar.tsx';
import { togglePicked, useTableView } from './tableView.ts';

interface ToolbarProps {
  history: History;
  columns: readonly Column[];
}

export function Toolbar({ history, columns }: ToolbarProps) {
  const { hues, filter } = useComparison();
  const runs = useStudio(state => state.runs);
  const hasEarlier = useStudio(state => state.hasEarlier);
  const { settings, groupBy } = useTableView();
  const compared = comparedRuns(hues, runs);
  const { fault } = history;
  return (
    <div className="runs-bar">
      <TextInput
        className="runs-filter"
        type="search"
        aria-label="Filter runs"
        placeholder="accuracy > 0.9 and tag:baseline"
        value={filter}
        spellCheck={false}
        error={fault && <FilterFault text={filter} at={fault.at} message={fault.message} />}
        onChange={event => useComparison.setState({ filter: event.currentTarget.value })}
      />
      <ColumnPicker columns={columns} />
      <SegmentedControl
        aria-label="Columns of settings"
        value={settings}
        data={[
          { value: 'picked', label: 'Picked' },
          { value: 'differing', label: 'Differing' },
          { value: 'all', label: 'All' },
        ]}
        onChange={value => useTableView.setState({ settings: value as SettingsShown })}
      />
      <NativeSelect
        aria-label="Group by"
        value={groupBy ?? ''}
        data={[
          { value: '', label: 'No groups' },
          ...columns
            .filter(({ of, id }) => of !== 'metric' && id !== 'settings')
            .map(({ id, title }) => ({ value: id, label: `By ${title}` })),
        ]}
        onChange={event => useTableView.setState({ groupBy: event.currentTarget.value || null })}
      />
      <span className="dim runs-count">
        {count(history.kept.length)} of {plural(history.all.length, 'run')} · {count(compared.length)}{' '}
        selected
        {hasEarlier && ' · reading the earlier ones…'}
      </span>
      <Actions runs={compared} shown={history.shown} />
    </div>
  );
}

/** What is wrong, under a mark of where. */
function FilterFault({ text, at, message }: { text: string; at: number; message: string }) {
  const where = text.slice(at, at + 12).trim();
  return (
    <>
      {message}
      {where !== '' && <span className="mono"> {where}</span>}
    </>
  );
}

function ColumnPicker({ columns }: { columns: readonly Column[] }) {
  const [search, setSearch] = useState('');
  const { picked, archived } = useTableView();
  const words = search.toLowerCase().split(/\s+/);
  const found = columns.filter(({ id, title }) =>
    words.every(word => `${id} ${title}`.toLowerCase().includes(word)),
  );
  return (
    <Popover position="bottom-start" width={280}>
      <Popover.Target>
        <Button leftSection={<IconColumns3 size={14} />}>Columns</Button>
      </Popover.Target>
      <Popover.Dropdown className="column-picker">
        <TextInput
          aria-label="Find a column"
          placeholder="Find a column"
          value={search}
          onChange={event => setSearch(event.currentTarget.value)}
        />
        <div className="column-list">
          {found.slice(0, MOST_LISTED).map(({ id, title, of }) => (
            <Checkbox
              key={id}
              label={of === 'setting' ? `${title} · setting` : title}
              checked={picked.includes(id)}
              onChange={() => togglePicked(id)}
            />
          ))}
          {found.length > MOST_LISTED && (
            <p className="tiny">{plural(found.length - MOST_LISTED, 'more column')}: search for them.</p>
          )}
        </div>
        <Checkbox
          label="Show the archive"
          checked={archived}
          onChange={event => useTableView.setState({ archived: event.currentTarget.checked })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

const MOST_LISTED = 60;
