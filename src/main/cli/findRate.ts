/** `receptive find-lr`: a short training with a rising learning rate, and where the loss falls fastest. */
import { cpus } from 'node:os';
import { findRate } from '../../engine/runtime/rateFinder.ts';
import { wholeFrom } from '../arguments.ts';
import { SAMPLE_NAME } from '../studio/datasets/import/importService.ts';
import { requireTrainable } from '../studio/runSettings.ts';
import { type Command, number, paragraphs, print, required, table, text } from './command.ts';
import { withServices } from './openWorkspace.ts';
import { readProject } from './projectFile.ts';
import { workerOptions } from './train.ts';
import { settingOptions, withSettings } from './trainingSettings.ts';

/** Rows of the table that a person reads. */
const TABLE_ROWS = 20;

export const findLearningRate: Command = {
  name: 'find-lr',
  usage: 'FILE --data NAME [options]',
  summary: 'Tries rising learning rates for a moment and suggests one. Nothing is kept.',
  options: {
    data: { type: 'string', value: 'NAME', help: 'the dataset; receptive datasets lists them' },
    steps: {
      type: 'string',
      value: 'N',
      help: 'steps to take (default: 100)',
      range: wholeFrom(20, 100_000),
    },
    ...settingOptions,
    ...workerOptions,
  },
  positionals: [1, 1],
  async run(invocation) {
    const document = withSettings(readProject(invocation.positionals[0]!), invocation);
    const dataset = text(invocation, 'data') ?? document.dataset ?? required(invocation, 'data');
    const workers = number(invocation, 'workers') ?? cpus().length;
    const steps = number(invocation, 'steps') ?? 100;
    const options = { what: 'receptive find-lr', workers, creates: dataset === SAMPLE_NAME };
    return withServices(invocation, options, async services => {
      if (dataset === SAMPLE_NAME) await services.datasets.ensureSample();
      const data = services.datasets.trainingData(dataset);
      requireTrainable(document, dataset, data);
      const { points, suggestion } = findRate(document, data, workers, steps);
      const every = Math.max(1, Math.floor(points.length / TABLE_ROWS));
      const rows = points
        .filter((_, i) => i % every === 0)
        .map(({ learningRate, smoothed }) => [learningRate.toExponential(2), smoothed.toFixed(4)]);
      print(invocation, { suggestion, points }, () =>
        paragraphs(table(['learning rate', 'loss'], rows), [
          suggestion === null
            ? 'The loss never fell: look at the network or the data first.'
            : `Suggested: ${suggestion.toPrecision(2)}`,
        ]),
      );
      return 0;
    });
  },
};
