/** `receptive datasets`: what is there. */
import { type Command, print, table } from './command.ts';
import { openToRead } from './openWorkspace.ts';

export const datasets: Command = {
  name: 'datasets',
  usage: '',
  summary: 'Lists the datasets of the workspace.',
  options: {},
  positionals: [0, 0],
  async run(invocation) {
    const workspace = openToRead(invocation);
    try {
      const list = workspace.datasets.list();
      print(invocation, list, () =>
        table(
          ['name', 'images', 'shape', 'classes', 'not used'],
          list.map(({ name, count, imageShape, classes, rejectCount }) => [
            name,
            count,
            imageShape.join('×'),
            classes.length,
            rejectCount,
          ]),
        ),
      );
      return 0;
    } finally {
      workspace.close();
    }
  },
};
