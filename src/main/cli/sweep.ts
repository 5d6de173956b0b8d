/** `receptive sweep`: trains a project with every combination of some settings, one after the other. */
import type { SweepPlan } from '../../bridge/runCalls.ts';
import { combinationCount, MOST_RUNS, parseValues, runCount } from '../../experiments/sweepPlan.ts';
import { LONGEST_NAME, quoted, wholeFrom } from '../arguments.ts';
import { SAMPLE_NAME } from '../studio/datasets/import/importService.ts';
import { warn } from '../terminal.ts';
import {
  type Command,
  type Invocation,
  listOf,
  number,
  print,
  required,
  table,
  text,
  UsageError,
} from './command.ts';
import { withServices } from './openWorkspace.ts';
import { readProject } from './projectFile.ts';
import { workerOptions } from './train.ts';
import { EPOCH_RANGE, settingOptions, withSettings } from './trainingSettings.ts';

export const sweep: Command = {
  name: 'sweep',
  usage: "FILE --data NAME --over 'learningRate=1e-4…1e-1 log 4' [--over …]",
  summary:
    'Trains a project with every combination of settings, or some of them. Ctrl-C stops it; the runs that are left wait in the workspace for the studio.',
  options: {
    data: { type: 'string', value: 'NAME', help: 'the dataset; receptive datasets lists them' },
    over: {
      type: 'string',
      multiple: true,
      value: 'PATH=VALUES',
      help: 'a setting and its values: optimizer.kind=SGD,Adam, conv1.outChannels=16…64 4, learningRate=1e-4…1e-1 log 4',
    },
    name: { type: 'string', value: 'NAME', help: 'what the sweep is to be called', longest: LONGEST_NAME },
    random: {
      type: 'string',
      value: 'N',
      help: 'so many combinations, drawn by chance',
      range: wholeFrom(1, MOST_RUNS),
    },
    halving: {
      type: 'string',
      value: 'N',
      help: 'begins with N epochs each; the better half of each round goes on with twice as many',
      range: EPOCH_RANGE,
    },
    repeats: { type: 'string', value: 'N', help: 'seeds for each combination', range: wholeFrom(1, 100) },
    ...settingOptions,
    ...workerOptions,
  },
  positionals: [1, 1],
  async run(invocation) {
    const project = withSettings(readProject(invocation.positionals[0]!), invocation);
    const dataset = text(invocation, 'data') ?? project.dataset ?? required(invocation, 'data');
    const document = { ...project, dataset };
    const plan = planOf(invocation, document.training.epochs, document.training.seed);
    const drawsSample = dataset === SAMPLE_NAME;
    const workers = number(invocation, 'workers');
    const options = { what: 'receptive sweep', workers, creates: drawsSample };
    return withServices(invocation, options, async services => {
      if (drawsSample) await services.datasets.ensureSample();
      const ids = services.sweeps.start({
        document,
        project: null,
        name: text(invocation, 'name') ?? null,
        plan,
      });
      warn(`${runCount(plan)} runs of ${combinationCount(plan)} combinations`);
      const stop = () => void services.runs.close();
      process.once('SIGINT', stop);
      services.startQueue();
      await services.runs.drained();
      process.off('SIGINT', stop);
      const runs = ids.map(id => services.runs.summary(id));
      const paths = plan.fields.map(({ path }) => path);
      const figure = (value: number | undefined) => value?.toFixed(4) ?? '';
      print(invocation, runs, () =>
        table(
          ['name', 'state', ...paths, 'epochs', 'val accuracy', 'test accuracy'],
          runs.map(({ name, state, settings, epoch, metrics }) => [
            name,
            state,
            ...paths.map(path => String(settings[path] ?? settings[path.replace(/\.kind$/, '')] ?? '')),
            epoch,
            figure(metrics['val.accuracy']),
            figure(metrics['test.accuracy']),
          ]),
        ),
      );
      return runs.every(({ state }) => state === 'finished') ? 0 : 1;
    });
  },
};

function planOf(invocation: Invocation, full: number, seed: number): SweepPlan {
  const fields = listOf(invocation, 'over').map(item => {
    const match = /^([^=]+)=(.*)$/s.exec(item);
    if (!match) throw new UsageError(`--over wants PATH=VALUES; it got ${quoted(item)}.`);
    const values = parseValues(match[2]!);
    if (!values.ok) throw new UsageError(`--over ${match[1]}: ${values.message}`);
    return { path: match[1]!, values: values.values };
  });
  if (fields.length === 0) throw new UsageError("--over is missing: --over 'learningRate=0.001, 0.01'.");
  const samples = number(invocation, 'random') ?? null;
  const first = number(invocation, 'halving');
  const halving = first === undefined ? null : { epochs: first, full: Math.max(first, full), factor: 2 };
  const strategy = halving ? 'halving' : samples === null ? 'grid' : 'random';
  const repeats = halving ? 1 : (number(invocation, 'repeats') ?? 1);
  return { fields, strategy, samples, seed, repeats, halving };
}
