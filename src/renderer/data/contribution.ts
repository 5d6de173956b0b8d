/** What Data brings to the window. */
import { IconPhoto } from '@tabler/icons-react';
import type { Place } from '../actions/contribution.ts';
import { useOpenDataset } from '../store/openDataset.ts';
import { forgetParked } from './augmentPage.tsx';
import { DataPlace } from './dataPage.tsx';
import { redoEdit, undoEdit } from './datasetEdits.ts';
import { ImportDialog } from './importDialog.tsx';
import { startImports } from './importing.ts';

/** The changes to the dataset; its augmentations belong to the project, and are taken back with it. */
const isDatasetShown = () => useOpenDataset.getState().view !== 'augment';

export const contribution: Place = {
  name: 'data',
  title: 'Data',
  Icon: IconPhoto,
  Component: DataPlace,
  dialogs: [{ name: 'import', Component: ImportDialog }],
  start: startImports,
  projectChanged: forgetParked,
  history: {
    undo: () => isDatasetShown() && undoEdit(useOpenDataset.getState().id),
    redo: () => isDatasetShown() && redoEdit(useOpenDataset.getState().id),
  },
};
