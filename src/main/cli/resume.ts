/** `receptive resume`: takes up a run that was stopped or interrupted, from its last checkpoint. */
import { UserError } from '../userError.ts';
import { type Command, wholeNumber } from './command.ts';
import { withServices } from './services.ts';
import { follow, workerOptions } from './train.ts';

export const resume: Command = {
  name: 'resume',
  usage: 'RUN [--workers W]',
  summary: 'Goes on with a run where it stopped. RUN is its id or its name.',
  options: workerOptions,
  positionals: [1, 1],
  async run(invocation) {
    const wanted = invocation.positionals[0]!;
    const workers = wholeNumber(invocation, 'workers', 1);
    return withServices(invocation, { what: 'receptive resume', workers }, services => {
      const run = services.runs.list().find(({ id, name }) => id === wanted || name === wanted);
      if (!run) throw new UserError(`There is no run ${JSON.stringify(wanted)}; receptive runs lists them.`);
      return follow(invocation, services, onMessage => {
        services.runs.resume(run.id, onMessage);
        return run.id;
      });
    });
  },
};
