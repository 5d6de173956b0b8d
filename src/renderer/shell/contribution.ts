/** The window's own: what it does in every place, the palette, the sheet of shortcuts, and what the program is. */
import type { Contribution } from '../actions/contribution.ts';
import { About } from './about.tsx';
import { CommandPalette } from './commandPalette.tsx';
import { ShortcutSheet } from './shortcutSheet.tsx';
import { windowActions } from './windowActions.ts';

export const contribution: Contribution = {
  name: 'window',
  actions: windowActions,
  actionOrder: 20,
  dialogs: [
    { name: 'commands', Component: CommandPalette },
    { name: 'shortcuts', Component: ShortcutSheet },
    { name: 'about', Component: About },
  ],
};
