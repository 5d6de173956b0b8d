/** `receptive runs`: the history, the newest first. It reads only, so it works beside an open studio. */
import { openWorkspace } from '../database/workspace.ts';
import { type Command, print, table } from './command.ts';

export const runs: Command = {
  name: 'runs',
  usage: '',
  summary: 'Lists the runs of the workspace, the newest first.',
  options: {},
  positionals: [0, 0],
  async run(invocation) {
    const workspace = openWorkspace(invocation.workspace, { mode: 'read' });
    try {
      const list = workspace.runs.listRuns();
      const figure = (value: number | undefined) => value?.toFixed(4) ?? '';
      print(invocation, list, () =>
        table(
          [
            'name',
            'state',
            'dataset',
            'epochs',
            'test accuracy',
            'val accuracy',
            'parameters',
            'seconds',
            'id',
          ],
          list.map(({ name, state, dataset, epoch, epochs, metrics, parameters, seconds, id }) => [
            name,
            state,
            dataset,
            `${epoch}/${epochs}`,
            figure(metrics['test.accuracy']),
            figure(metrics['val.accuracy']),
            parameters,
            Math.round(seconds),
            id,
          ]),
        ),
      );
      return 0;
    } finally {
      workspace.close();
    }
  },
};
