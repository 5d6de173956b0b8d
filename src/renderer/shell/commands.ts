/** Everything that the command palette offers, as it stands when it is opened. */
import { layerKinds } from '../../engine/layers/registry.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import { compareWithProject } from '../compare/comparison.ts';
import { addAfterSelection } from '../design/gestures.ts';
import { showNode } from '../design/showNode.ts';
import { openNewProject, openProjects } from '../projects/dialogs.ts';
import { graphNow, redo, undo, useDocument } from '../store/document.ts';
import { goTo } from '../store/place.ts';
import {
  deleteProject,
  newFromZoo,
  openProject,
  openProjectFile,
  projectsByChange,
  saveProject,
  saveProjectAs,
} from '../store/project.ts';
import { byRecency, useStudio } from '../store/studio.ts';
import { train, useTraining } from '../store/training.ts';
import { openAbout } from './about.tsx';
import { PLACES } from './rail.tsx';

export interface Command {
  id: string;
  group: string;
  title: string;
  shortcut?: string;
  /** What a person may type to find it, in small letters. */
  search: string;
  run: () => void;
}

export function commands(): Command[] {
  const { projects, runs } = useStudio.getState();
  const open = useDocument.getState().project;
  return [
    ...PLACES.map(({ name, title }) => command('Go to', title, () => goTo(name))),
    command('Do', 'Train', train, 'Ctrl+Enter'),
    command('Do', 'Undo', undo, 'Ctrl+Z'),
    command('Do', 'Redo', redo, 'Ctrl+Shift+Z'),
    command('Do', 'About Receptive', openAbout),
    command('Project', 'New project', openNewProject),
    command('Project', 'Open a project', openProjects, 'Ctrl+O'),
    command('Project', 'Save', saveProject, 'Ctrl+S'),
    command('Project', 'Save a copy as a file', saveProjectAs),
    command('Project', 'Open a project file', openProjectFile),
    ...zooModels().map(model => command('Project', `New from ${model.title}`, () => newFromZoo(model))),
    command('Project', 'Delete', () => deleteProject()),
    ...layerKinds().map(kind =>
      command('Add', kind.kind, () => {
        goTo('design');
        addAfterSelection(kind, { x: 0, y: 0 });
      }),
    ),
    ...Object.entries(graphNow().nodes).map(([id, node]) =>
      command('Layer', `${node.name} · ${node.kind}`, () => showNode(id)),
    ),
    ...projectsByChange(projects).map(({ id, name }) => command('Open', name, () => openProject(id))),
    ...projectsByChange(projects)
      .filter(({ id }) => id !== open)
      .map(({ id, name }) =>
        command('Compare', `Compare with project ${name}`, () => compareWithProject(id, name)),
      ),
    ...byRecency(runs).map(({ id, name }) =>
      command('Run', name, () => {
        useTraining.setState({ shown: id });
        goTo('train');
      }),
    ),
  ].map((item, i) => ({ ...item, id: String(i) }));
}

function command(group: string, title: string, run: () => unknown, shortcut?: string): Omit<Command, 'id'> {
  return {
    group,
    title,
    ...(shortcut === undefined ? {} : { shortcut }),
    search: `${group} ${title}`.toLowerCase(),
    run: () => void run(),
  };
}
