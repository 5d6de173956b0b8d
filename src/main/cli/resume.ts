/** `receptive resume`: takes up a run that was stopped or interrupted, from its last checkpoint. */
import { type Command, number } from './command.ts';
import { withServices } from './openWorkspace.ts';
import { follow, tellWaiting, workerOptions } from './train.ts';
import { findRun } from './trainedRun.ts';
import { EPOCH_RANGE } from './trainingSettings.ts';

export const resume: Command = {
  name: 'resume',
  usage: 'RUN [--epochs N] [--workers W]',
  summary: 'Goes on with a run where it stopped, or to more epochs. RUN is its id or its name.',
  options: {
    epochs: {
      type: 'string',
      value: 'N',
      help: 'epochs in all, more than it has: a finished run goes on too; patience is counted anew',
      range: EPOCH_RANGE,
    },
    ...workerOptions,
  },
  positionals: [1, 1],
  async run(invocation) {
    const wanted = invocation.positionals[0]!;
    const workers = number(invocation, 'workers');
    const options = { what: 'receptive resume', workers, emit: tellWaiting() };
    return withServices(invocation, options, async services => {
      const run = findRun(services, wanted);
      await services.datasets.ensureCache(run.dataset);
      const epochs = number(invocation, 'epochs');
      if (epochs !== undefined) services.runs.extend([run.id], epochs);
      return follow(invocation, services, onMessage => {
        services.runs.resume(run.id, onMessage);
        return run.id;
      });
    });
  },
};
