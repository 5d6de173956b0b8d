/** `receptive evaluate`: how well a run's best weights answer a split. */
import { cpus } from 'node:os';
import type { EvaluationReport } from '../../engine/runtime/trainerMessages.ts';
import { UserError } from '../userError.ts';
import { type Command, print, table, text, UsageError, wholeNumber } from './command.ts';
import { withServices } from './services.ts';
import { chosenBackend, settingOptions } from './settings.ts';
import { workerOptions } from './train.ts';
import { openTrained } from './trainedRun.ts';

type Split = EvaluationReport['split'];

const splits: readonly Split[] = ['train', 'val', 'test'];

export const evaluate: Command = {
  name: 'evaluate',
  usage: 'RUN [--split test]',
  summary: 'Measures the best weights of a run on a split of its dataset. RUN is its id or its name.',
  options: {
    split: { type: 'string', value: 'train|val|test', help: 'which images (default: test)' },
    backend: settingOptions.backend,
    ...workerOptions,
  },
  positionals: [1, 1],
  async run(invocation) {
    const wanted = text(invocation, 'split') ?? 'test';
    const split = splits.find(each => each === wanted);
    if (!split) throw new UsageError(`--split takes train, val or test; it got ${JSON.stringify(wanted)}.`);
    const workers = wholeNumber(invocation, 'workers', 1) ?? cpus().length;
    return withServices(invocation, { what: 'receptive evaluate', workers }, async services => {
      const { name: backend } = chosenBackend(invocation, 'auto');
      const { run, data, network } = openTrained(services, invocation.positionals[0]!, workers, { backend });
      try {
        const evaluation = network.evaluate(data, split);
        if (!evaluation) throw new UserError(`${run.dataset} has no ${split} images.`);
        const { figures, report } = evaluation;
        const heads = report.heads.map(({ scores: _, ...head }) => head);
        const document = { run: run.id, name: run.name, split, images: report.losses.length, figures, heads };
        print(invocation, document, () => readable(figures, heads));
        return 0;
      } finally {
        network.close();
      }
    });
  },
};

function readable(
  figures: Readonly<Record<string, number>>,
  heads: readonly Omit<EvaluationReport['heads'][number], 'scores'>[],
): string {
  const lines = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  const tables = heads
    .filter(({ perClass }) => perClass.length > 0)
    .map(({ classes, perClass }) =>
      table(
        ['class', 'precision', 'recall', 'F1', 'support'],
        perClass.map(({ precision, recall, f1, support }, i) => [
          classes[i]!,
          precision.toFixed(4),
          recall.toFixed(4),
          f1.toFixed(4),
          support,
        ]),
      ),
    );
  return [lines.join('\n'), ...tables].join('\n\n');
}
