/** The header: the project, what is being trained, how the studio computes, and the button that trains. */
import { ActionIcon, Button, Kbd } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconPlayerPlayFilled, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { contributions, runAction } from '../actions/registry.ts';
import { useShortcut, useTitle } from '../actions/shortcuts.ts';
import { goTo } from '../store/activePage.ts';
import { useAutosave } from '../store/autosave.ts';
import { endGesture, redo, undo, useDocument, useHistory } from '../store/openDocument.ts';
import { renameProject } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { showRun, useActiveRun, useTraining } from '../store/trainingRun.ts';
import { percent, plural } from '../ui/numberFormat.ts';
import { openCommands } from './windowDialogs.ts';

export function Header() {
  const active = useActiveRun();
  const starting = useTraining(state => state.starting);
  const isReady = useStudio(state => state.connection === 'ready');
  const commandKeys = useShortcut('commands');
  return (
    <header className="header">
      <div className="header-side">
        <div className="logo" aria-hidden />
        <ProjectName />
        <HeaderItems />
        <History />
        <EditedMark />
      </div>
      <button type="button" className="command-box" onClick={openCommands}>
        <IconSearch size={14} />
        <span className="truncate">Search layers, commands, runs</span>
        {commandKeys && <Kbd size="xs">{commandKeys}</Kbd>}
      </button>
      <div className="header-side header-end">
        {active && <ActiveRunChip run={active} />}
        <StudioChip />
        <Button
          variant="filled"
          leftSection={<IconPlayerPlayFilled size={13} />}
          loading={starting}
          disabled={!isReady}
          onClick={() => runAction('train')}
        >
          Train
        </Button>
      </div>
    </header>
  );
}

function HeaderItems() {
  return contributions().flatMap(({ name, headerItems = [] }) =>
    headerItems.map(item => <item.Component key={`${name} ${item.name}`} />),
  );
}

function ProjectName() {
  const name = useDocument(state => state.document.name);
  const [draft, setDraft] = useState<string | null>(null);
  const close = () => {
    if (draft !== null && draft !== name) renameProject(draft);
    setDraft(null);
    endGesture();
  };
  if (draft === null) {
    return (
      <button
        type="button"
        className="project-name truncate"
        title="Rename the project"
        aria-label={`Project ${name}: rename`}
        onClick={() => setDraft(name)}
      >
        {name}
      </button>
    );
  }
  return (
    <input
      // biome-ignore lint/a11y/noAutofocus: the click that opened it asked for it
      autoFocus
      className="input project-rename"
      aria-label="Project name"
      maxLength={200}
      value={draft}
      onChange={event => setDraft(event.target.value)}
      onFocus={event => event.target.select()}
      onBlur={close}
      onKeyDown={event => {
        if (event.key === 'Enter') close();
        if (event.key === 'Escape') setDraft(null);
      }}
    />
  );
}

function History() {
  const { undoable, redoable } = useHistory();
  const [undoTitle, redoTitle] = [useTitle('Undo', 'undo'), useTitle('Redo', 'redo')];
  return (
    <div className="header-history">
      <ActionIcon aria-label="Undo" title={undoTitle} disabled={undoable === 0} onClick={undo}>
        <IconArrowBackUp size={16} />
      </ActionIcon>
      <ActionIcon aria-label="Redo" title={redoTitle} disabled={redoable === 0} onClick={redo}>
        <IconArrowForwardUp size={16} />
      </ActionIcon>
    </div>
  );
}

function EditedMark() {
  const project = useDocument(state => state.project);
  const edited = useStudio(state => project !== null && state.projects[project]?.edited === true);
  const { pending, error } = useAutosave();
  const saveKeys = useShortcut('save');
  if (error !== null) {
    return (
      <span className="tiny bad" role="alert" title={error}>
        not kept: {error}
      </span>
    );
  }
  return (
    <span className="tiny" title={`Every change is kept; ${saveKeys ?? 'Save'} confirms this state.`}>
      {edited || pending ? 'edited' : ''}
    </span>
  );
}

function ActiveRunChip({ run }: { run: RunSummary }) {
  const share = run.steps > 0 ? run.step / run.steps : 0;
  return (
    <button
      type="button"
      className="chip chip-run"
      onClick={() => {
        showRun(run.id);
        goTo('train');
      }}
    >
      <i className="chip-progress" style={{ width: `${100 * share}%` }} />
      <span>
        {run.state === 'paused' ? 'Paused' : 'Training'} {percent(share)} · {run.name}
      </span>
    </button>
  );
}

function StudioChip() {
  const connection = useStudio(state => state.connection);
  const environment = useStudio(state => state.environment);
  const words = {
    connecting: 'connecting…',
    lost: 'starting again…',
    ready: environment ? `${environment.backend} · ${plural(environment.workers, 'worker')}` : '',
  };
  return (
    <span
      className="chip"
      data-state={connection}
      role="status"
      aria-label="Studio"
      title={environment?.workspace}
    >
      <i className="dot" />
      {words[connection]}
    </span>
  );
}
