/** What can be done in every place. */

import type { Action } from '../actions/action.ts';
import { redoEdit, undoEdit } from '../data/datasetEdits.ts';
import { deleteProject, openProjectFile, saveProject, saveProjectAs } from '../projects/projectActions.ts';
import { openNewProject, openProjects } from '../projects/projectDialogs.ts';
import { goTo, useActivePage } from '../store/activePage.ts';
import { useOpenDataset } from '../store/openDataset.ts';
import { redo, undo } from '../store/openDocument.ts';
import { train } from '../train/trainActions.ts';
import { openAbout } from './about.tsx';
import { PLACES } from './rail.tsx';
import { openCommands, openShortcuts } from './windowDialogs.ts';

/** In the Data place, the changes to the dataset come first; its augmentations belong to the project. */
function isDatasetEdited(): boolean {
  return useActivePage.getState().place === 'data' && useOpenDataset.getState().view !== 'augment';
}

function undoHere(): void {
  if (!isDatasetEdited() || !undoEdit(useOpenDataset.getState().id)) undo();
}

function redoHere(): void {
  if (!isDatasetEdited() || !redoEdit(useOpenDataset.getState().id)) redo();
}

const anywhere = { scope: 'window', keys: [] } as const;

export const windowActions: readonly Action[] = [
  { ...anywhere, id: 'train', group: 'Do', title: 'Train', keys: ['Ctrl+Enter'], run: train },
  { ...anywhere, id: 'undo', group: 'Do', title: 'Undo', keys: ['Ctrl+Z'], run: undoHere },
  { ...anywhere, id: 'redo', group: 'Do', title: 'Redo', keys: ['Ctrl+Shift+Z', 'Ctrl+Y'], run: redoHere },
  {
    ...anywhere,
    id: 'commands',
    group: 'Do',
    title: 'Command palette',
    keys: ['Ctrl+K'],
    whileTyping: true,
    run: openCommands,
  },
  { ...anywhere, id: 'shortcuts', group: 'Do', title: 'Shortcuts', keys: ['?'], run: openShortcuts },
  { ...anywhere, id: 'about', group: 'Do', title: 'About Receptive', run: openAbout },
  ...PLACES.map(
    ({ name, title }): Action => ({
      ...anywhere,
      id: `go-${name}`,
      group: 'Go to',
      title,
      run: () => goTo(name),
    }),
  ),
  {
    ...anywhere,
    id: 'save',
    group: 'Project',
    title: 'Save',
    keys: ['Ctrl+S'],
    whileTyping: true,
    run: saveProject,
  },
  { ...anywhere, id: 'save-as', group: 'Project', title: 'Save a copy as a file', run: saveProjectAs },
  { ...anywhere, id: 'new', group: 'Project', title: 'New project', run: openNewProject },
  {
    ...anywhere,
    id: 'open-project',
    group: 'Project',
    title: 'Open a project',
    keys: ['Ctrl+O'],
    run: openProjects,
  },
  { ...anywhere, id: 'open', group: 'Project', title: 'Open a project file', run: openProjectFile },
  {
    ...anywhere,
    id: 'delete-project',
    group: 'Project',
    title: 'Delete this project',
    run: () => deleteProject(),
  },
];
