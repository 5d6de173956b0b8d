/** What projects bring to the window: a menu in its header, and dialogs over all places. */
import { zooModels } from '../../engine/zoo/registry.ts';
import type { Action } from '../actions/action.ts';
import type { Contribution } from '../actions/contribution.ts';
import { projectsByChange } from '../store/projectStore.ts';
import { useStudio } from '../store/studioState.ts';
import { NewProject } from './newProject.tsx';
import { OpenProjects } from './openProjects.tsx';
import {
  deleteProject,
  newFromZoo,
  openProject,
  openProjectFile,
  saveProject,
  saveProjectAs,
} from './projectActions.ts';
import { openNewProject, openProjects } from './projectDialogs.ts';
import { ProjectMenu } from './projectMenu.tsx';

const project = { group: 'Project', keys: [] } as const;

const actions: readonly Action[] = [
  { ...project, id: 'save', title: 'Save', keys: ['Ctrl+S'], whileTyping: true, run: saveProject },
  { ...project, id: 'save-as', title: 'Save a copy as a file', run: saveProjectAs },
  { ...project, id: 'new', title: 'New project', run: openNewProject },
  { ...project, id: 'open-project', title: 'Open a project', keys: ['Ctrl+O'], run: openProjects },
  { ...project, id: 'open', title: 'Open a project file', run: openProjectFile },
  { ...project, id: 'delete-project', title: 'Delete this project', run: () => deleteProject() },
];

export const contribution: Contribution = {
  name: 'projects',
  actions,
  actionOrder: 40,
  paletteSources: [
    {
      order: 10,
      entries: () =>
        zooModels().map(model => ({
          group: 'Project',
          title: `New from ${model.title}`,
          run: () => newFromZoo(model),
        })),
    },
    {
      order: 40,
      entries: () =>
        projectsByChange(useStudio.getState().projects).map(({ id, name }) => ({
          group: 'Open',
          title: name,
          run: () => openProject(id),
        })),
    },
  ],
  dialogs: [
    { name: 'new', Component: NewProject },
    { name: 'open', Component: OpenProjects },
  ],
  headerItems: [{ name: 'menu', Component: ProjectMenu }],
};
