/** Everything that the command palette offers, as it stands when it is opened: all actions, and what there is. */
import { layerKinds } from '../../engine/layers/registry.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import { keysOf } from '../actions/bindings.ts';
import { actions, isPossible } from '../actions/registry.ts';
import { addAfterSelection } from '../design/gestures.ts';
import { showLayer } from '../graphView/showNode.ts';
import { newFromZoo, openProject } from '../projects/projectActions.ts';
import { goTo } from '../store/activePage.ts';
import { compareWithProject } from '../store/comparison.ts';
import { wholeInferenceNow } from '../store/documentInference.ts';
import { useDocument } from '../store/openDocument.ts';
import { projectsByChange } from '../store/projectFile.ts';
import { byRecency, useStudio } from '../store/studioState.ts';
import { useTraining } from '../store/trainingRun.ts';
import { attempt } from '../ui/toast.tsx';

export interface PaletteEntry {
  id: string;
  group: string;
  title: string;
  shortcut?: string;
  /** What a person may type to find it, in small letters. */
  search: string;
  run: () => void;
}

export function commands(): PaletteEntry[] {
  const { projects, runs } = useStudio.getState();
  const open = useDocument.getState().project;
  return [
    ...actions.filter(isPossible).map(action => ({
      ...command(action.group, action.title, action.run, keysOf(action)[0]),
      search: `${action.group} ${action.title} ${keysOf(action).join(' ')}`.toLowerCase(),
    })),
    ...zooModels().map(model => command('Project', `New from ${model.title}`, () => newFromZoo(model))),
    ...layerKinds().map(kind =>
      command('Add', kind.kind, () => {
        goTo('design');
        addAfterSelection(kind, { x: 0, y: 0 });
      }),
    ),
    ...[...wholeInferenceNow().nodes].map(([id, { node }]) =>
      command('Layer', `${node.name} · ${node.kind}`, () => showLayer(id)),
    ),
    ...projectsByChange(projects).map(({ id, name }) => command('Open', name, () => openProject(id))),
    ...projectsByChange(projects)
      .filter(({ id }) => id !== open)
      .map(({ id, name }) =>
        command('Compare', `Compare with project ${name}`, () =>
          attempt(() => compareWithProject(id, name), 'The project could not be read'),
        ),
      ),
    ...byRecency(runs).map(({ id, name }) =>
      command('Run', name, () => {
        useTraining.setState({ shown: id });
        goTo('train');
      }),
    ),
  ].map((item, i) => ({ ...item, id: String(i) }));
}

function command(
  group: string,
  title: string,
  run: () => unknown,
  shortcut?: string,
): Omit<PaletteEntry, 'id'> {
  return {
    group,
    title,
    ...(shortcut === undefined ? {} : { shortcut }),
    search: `${group} ${title}`.toLowerCase(),
    run: () => void run(),
  };
}
