/** Ctrl+K: everything that can be done or gone to, by a few letters of its name. */
import { Kbd, Modal } from '@mantine/core';
import { useState } from 'react';
import { nearestFirst } from '../ui/nearestFirst.ts';
import { SearchList } from '../ui/searchList.tsx';
import { shortcutText } from '../ui/shortcut.ts';
import { commands, type PaletteCommand } from './commands.ts';
import { closeDialog, useIsOpen } from './windowDialogs.ts';

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
const MOST_COMMANDS = 60;

/** Thousands of layers and runs would take half a second at each letter to be brought into an order. */
const MOST_RANKED = 500;

function Search() {
  const [all] = useState(commands);
  const find = (query: string) => {
    const words = query.toLowerCase().split(/\s+/);
    const found = all.filter(command => words.every(word => command.search.includes(word)));
    const ordered = found.length > MOST_RANKED ? found : nearestFirst(found, query, ({ title }) => title);
    return ordered.slice(0, MOST_COMMANDS);
  };
  return (
    <SearchList<PaletteCommand>
      label="Search layers, commands, runs"
      placeholder="Search layers, commands, runs"
      listLabel="Commands"
      listClass="command-list"
      optionClass="command"
      find={find}
      keyOf={({ id }) => id}
      render={({ group, title, shortcut }) => (
        <>
          <span className="tiny">{group}</span>
          <span className="truncate">{title}</span>
          {shortcut && <Kbd size="xs">{shortcutText(shortcut)}</Kbd>}
        </>
      )}
      none={query => <p className="dim command-none">Nothing is called “{query}”.</p>}
      onTake={command => {
        closeDialog();
        command?.run();
      }}
    />
  );
}
