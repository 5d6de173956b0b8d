/** What can be done in every place, whatever places there are. */

import type { Action } from '../actions/action.ts';
import { placeNamed } from '../actions/registry.ts';
import { useActivePage } from '../store/activePage.ts';
import { redo, undo } from '../store/openDocument.ts';
import { openAbout } from './about.tsx';
import { openCommands, openShortcuts } from './windowDialogs.ts';

const historyHere = () => placeNamed(useActivePage.getState().place).history;

function undoHere(): void {
  if (!historyHere()?.undo()) undo();
}

function redoHere(): void {
  if (!historyHere()?.redo()) redo();
}

export const windowActions: readonly Action[] = [
  { id: 'undo', group: 'Do', title: 'Undo', keys: ['Ctrl+Z'], run: undoHere },
  { id: 'redo', group: 'Do', title: 'Redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], run: redoHere },
  {
    id: 'commands',
    group: 'Do',
    title: 'Command palette',
    keys: ['Ctrl+K'],
    whileTyping: true,
    run: openCommands,
  },
  { id: 'shortcuts', group: 'Do', title: 'Shortcuts', keys: ['?'], run: openShortcuts },
  { id: 'about', group: 'Do', title: 'About Receptive', keys: [], run: openAbout },
];
