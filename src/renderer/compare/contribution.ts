/** What comparing networks brings to the window: a dialog over all places. */
import type { Contribution } from '../actions/contribution.ts';
import { compareWithProject } from '../store/comparison.ts';
import { useDocument } from '../store/openDocument.ts';
import { projectsByChange } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { attempt } from '../ui/toast.tsx';
import { CompareDialog } from './compareDialog.tsx';

export const contribution: Contribution = {
  name: 'compare',
  dialogs: [{ name: 'networks', Component: CompareDialog }],
  paletteSources: [
    {
      order: 50,
      entries: () => {
        const { project } = useDocument.getState();
        return projectsByChange(useStudio.getState().projects)
          .filter(({ id }) => id !== project)
          .map(({ id, name }) => ({
            group: 'Compare',
            title: `Compare with project ${name}`,
            run: () => attempt(() => compareWithProject(id, name), 'The project could not be read'),
          }));
      },
    },
  ],
};
