/** `receptive runs`: the history. It reads only, so it works beside an open studio. */
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type Fact, factNamed } from '../../experiments/facts.ts';
import { parseFilter } from '../../experiments/filter.ts';
import { survey } from '../../experiments/survey.ts';
import { quoted } from '../arguments.ts';
import { type Command, type Invocation, print, table, text, UsageError } from './command.ts';
import { openToRead } from './openWorkspace.ts';

export const runs: Command = {
  name: 'runs',
  usage: '[--filter EXPR] [--sort KEY]',
  summary: 'Lists the runs of the workspace, the newest first.',
  options: {
    filter: {
      type: 'string',
      value: 'EXPR',
      help: "which ones: 'accuracy > 0.9 and optimizer = adam and not tag:old', or words of their names",
    },
    sort: {
      type: 'string',
      value: 'KEY',
      help: "by what: of a metric the best first, else the smallest; 'KEY asc' and 'KEY desc' say which: accuracy, 'seconds desc', lr",
    },
  },
  positionals: [0, 0],
  async run(invocation) {
    const workspace = openToRead(invocation);
    try {
      const list = chosen(workspace.runs.listRuns(), invocation);
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

/** Those that the filter lets through, in the order that is asked for. @throws UsageError with the place */
function chosen(runs: RunSummary[], invocation: Invocation): RunSummary[] {
  const known = survey(runs);
  const filter = parseFilter(text(invocation, 'filter') ?? '', known);
  if (!filter.ok) throw new UsageError(`--filter, at character ${filter.at + 1}: ${filter.message}`);
  const found = runs.filter(filter.matches);
  const key = text(invocation, 'sort');
  if (key === undefined) return found;
  const [name = '', way, ...rest] = key.trim().split(/\s+/);
  const fact = factNamed(name, known);
  if (!fact) throw new UsageError(`--sort: no run has ${quoted(name)}.`);
  if (rest.length > 0 || (way !== undefined && way !== 'asc' && way !== 'desc'))
    throw new UsageError(`--sort takes KEY, KEY asc or KEY desc; it got ${quoted(key)}.`);
  const isMetric = known.metrics.some(metric => metric === name || metric.endsWith(`.${name}`));
  const falls = way === undefined ? isMetric && !name.endsWith('loss') : way === 'desc';
  return found.sort((a, b) => order(fact(a), fact(b), falls));
}

/** What is missing comes last, whichever way. */
function order(a: Fact, b: Fact, falls: boolean): number {
  const [isMissing, isOtherMissing] = [isNothing(a), isNothing(b)];
  if (isMissing || isOtherMissing) return Number(isMissing) - Number(isOtherMissing);
  const rises = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));
  return falls ? -rises : rises;
}

const isNothing = (fact: Fact) => fact === undefined || Number.isNaN(fact);
