/** `receptive evaluate`: how well a run's best weights answer a split. */
import { cpus } from 'node:os';
import type { EvaluationReport } from '../../engine/runtime/trainerMessages.ts';
import { quoted } from '../arguments.ts';
import { UserError } from '../userError.ts';
import { type Command, number, paragraphs, print, table, text, UsageError } from './command.ts';
import { withServices } from './openWorkspace.ts';
import { workerOptions } from './train.ts';
import { openTrained } from './trainedRun.ts';
import { chosenBackend, settingOptions } from './trainingSettings.ts';

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
    if (!split) throw new UsageError(`--split takes train, val or test; it got ${quoted(wanted)}.`);
    const workers = number(invocation, 'workers') ?? cpus().length;
    return withServices(invocation, { what: 'receptive evaluate', workers }, async services => {
      const { name: backend } = chosenBackend(text(invocation, 'backend') ?? 'auto');
      const { run, data, network } = openTrained(services, invocation.positionals[0]!, workers, { backend });
      try {
        const evaluation = await services.datasets.reading(
          run.dataset,
          whole => network.evaluate(whole, split),
          run.dataFingerprint,
        );
        if (!evaluation) throw new UserError(`${run.dataset} has no ${split} images.`);
        const { figures, report } = evaluation;
        const heads = report.heads.map(({ scores: _, ...head }) => head);
        const pathOf = (index: number) =>
          (run.datasetId && services.workspace.datasets.image(run.datasetId, index)?.path) ??
          `image ${index}`;
        const losses = [...data.splits[split]]
          .map((index, i) => ({ image: pathOf(index), loss: report.losses[i]! }))
          .sort((a, b) => b.loss - a.loss);
        const document = {
          run: run.id,
          name: run.name,
          split,
          images: losses.length,
          figures,
          heads,
          losses,
        };
        print(invocation, document, () => readable(document));
        return 0;
      } finally {
        network.close();
      }
    });
  },
};

type Head = Omit<EvaluationReport['heads'][number], 'scores'>;

interface Evaluated {
  readonly figures: Readonly<Record<string, number>>;
  readonly heads: readonly Head[];
  /** The largest first. */
  readonly losses: readonly { image: string; loss: number }[];
}

/** Images shown of those that were answered worst. */
const WORST_IMAGES = 5;
/** A confusion matrix of more classes fits on no screen; --json has it. */
const MOST_CLASSES = 20;

function readable({ figures, heads, losses }: Evaluated): string[] {
  const lines = Object.entries(figures).map(([name, value]) => `${name} ${value.toFixed(4)}`);
  const tables = heads.filter(({ perClass }) => perClass.length > 0).flatMap(tablesOf);
  const worst = losses.slice(0, WORST_IMAGES).map(({ image, loss }) => [image, loss.toFixed(4)]);
  return paragraphs(lines, ...tables, table(['largest losses', 'loss'], worst));
}

/** Metrics of each class, then the confusion matrix. */
function tablesOf({ classes, perClass, confusion }: Head): string[][] {
  const figures = table(
    ['class', 'precision', 'recall', 'F1', 'support'],
    perClass.map(({ precision, recall, f1, support }, i) => [
      classes[i]!,
      precision.toFixed(4),
      recall.toFixed(4),
      f1.toFixed(4),
      support,
    ]),
  );
  if (classes.length > MOST_CLASSES) return [figures];
  const rows = confusion.map((row, i) => [classes[i]!, ...row]);
  return [figures, table(['true \\ answered', ...classes], rows)];
}
