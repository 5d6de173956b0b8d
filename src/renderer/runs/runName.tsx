/** A run's name in the table, with its state and tags; a double click writes another. */
import { useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { studio } from '../store/connection.ts';
import { RunState } from '../ui/runState.tsx';
import { attempt } from '../ui/toast.tsx';
import { useComparison } from './runSelection.ts';
import { useTableView } from './tableView.ts';

export function RunName({ run }: { run: RunSummary }) {
  const isRenaming = useComparison(state => state.renaming === run.id);
  const isPinned = useTableView(state => state.baseline === run.id);
  if (isRenaming) return <NameField run={run} />;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the menu's Rename does the same
    <span
      className="run-name"
      title={run.notes === '' ? run.name : `${run.name}\n${run.notes}`}
      onDoubleClick={event => {
        event.stopPropagation();
        useComparison.setState({ renaming: run.id });
      }}
    >
      <b className="truncate">{run.name}</b>
      <RunState state={run.state} />
      {isPinned && <span className="state">baseline</span>}
      {run.tags.map(tag => (
        <span key={tag} className="state run-tag">
          {tag}
        </span>
      ))}
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
