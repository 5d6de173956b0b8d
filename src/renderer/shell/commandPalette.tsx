/** Ctrl+K: everything that can be done or gone to, by a few letters of its name. */
import { Kbd, Modal } from '@mantine/core';
import { useEffect, useId, useRef, useState } from 'react';
import { shortcutText } from '../ui/shortcut.ts';
import { type Command, commands } from './commands.ts';
import { closeDialog, useIsOpen } from './dialogs.ts';

export function CommandPalette() {
  const opened = useIsOpen('commands');
  return (
    <Modal
      opened={opened}
      onClose={closeDialog}
      withCloseButton={false}
      padding={8}
      size={520}
      yOffset={56}
      centered={false}
      attributes={{ content: { 'aria-label': 'Commands' } }}
    >
      <Search />
    </Modal>
  );
}

/** As many as can be read at a glance; letters narrow them down. */
const MOST = 60;

function Search() {
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const [all] = useState(commands);
  const list = useId();
  const option = useRef<HTMLDivElement>(null);
  const words = query.toLowerCase().split(/\s+/);
  const found = all.filter(command => words.every(word => command.search.includes(word))).slice(0, MOST);
  const chosen = found[Math.min(active, found.length - 1)];
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the choice that moves the list
  useEffect(() => {
    option.current?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const take = (command: Command | undefined) => {
    closeDialog();
    command?.run();
  };
  return (
    <>
      <input
        // At once, not in a later task as the dialog would: the first letters follow Ctrl+K closely.
        // biome-ignore lint/a11y/noAutofocus: a dialog's one field
        autoFocus
        className="input"
        role="combobox"
        aria-label="Search layers, commands, runs"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen && `${list}-${found.indexOf(chosen)}`}
        placeholder="Search layers, commands, runs"
        value={query}
        onChange={event => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={event => {
          if (event.key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
          else if (event.key === 'Enter') take(chosen);
          else return;
          event.preventDefault();
        }}
      />
      <div id={list} role="listbox" aria-label="Commands" className="command-list">
        {found.map((command, i) => (
          <div
            key={command.id}
            id={`${list}-${i}`}
            ref={command === chosen ? option : undefined}
            role="option"
            tabIndex={-1}
            aria-selected={command === chosen}
            className="command"
            onMouseMove={() => setActive(i)}
            onClick={() => take(command)}
            onKeyDown={undefined}
          >
            <span className="tiny">{command.group}</span>
            <span className="truncate">{command.title}</span>
            {command.shortcut && <Kbd size="xs">{shortcutText(command.shortcut)}</Kbd>}
          </div>
        ))}
        {found.length === 0 && <p className="dim command-none">Nothing is called “{query}”.</p>}
      </div>
    </>
  );
}
