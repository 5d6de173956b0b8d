/** `receptive models`: the zoo. */
import { infer } from '../../engine/graph/infer.ts';
import { zooModels } from '../../engine/zoo/registry.ts';
import { type Command, print, table } from './command.ts';

export const models: Command = {
  name: 'models',
  usage: '',
  summary: 'Lists the networks to start from.',
  options: {},
  positionals: [0, 0],
  async run(invocation) {
    const list = zooModels().map(({ name, title, input, classes, build }) => {
      const { parameters, macs } = infer(build(input, classes)).totals;
      return { name, title, input, classes, parameters, macs };
    });
    print(invocation, list, () =>
      table(
        ['name', 'input', 'classes', 'parameters', 'MACs', 'title'],
        list.map(({ name, input, classes, parameters, macs, title }) => [
          name,
          input.join('x'),
          classes,
          parameters,
          macs,
          title,
        ]),
      ),
    );
    return 0;
  },
};
