/** Whether one is really better than another: means over seeds with intervals, and the same images answered by both. */

import { NativeSelect } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { Id } from '../../bridge/ids.ts';
import type { PairedAnswers, RunSummary } from '../../bridge/runCalls.ts';
import { type Repeats, repeatsOf } from '../../experiments/repeats.ts';
import { mcnemar, meanInterval, welch } from '../../experiments/statistics.ts';
import { survey } from '../../experiments/survey.ts';
import { studio } from '../store/connection.ts';
import { usePulled } from '../store/pulled.ts';
import { count, decimal, fraction, plural, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { distinctNames, settingsText } from './differingSettings.ts';
import { useLooking } from './evaluations.ts';
import { metricTitle } from './runColumns.ts';
import { SplitChoice } from './runConfusion.tsx';

/** Below this a difference counts as more than chance. */
const SIGNIFICANT = 0.05;

export function Better({ runs }: { runs: readonly RunSummary[] }) {
  if (runs.length < 2)
    return (
      <p className="runs-none dim">
        Select two runs to ask which is better; several seeds of each tell more.
      </p>
    );
  return (
    <>
      <SameImages runs={runs} />
      <OverSeeds runs={runs} />
    </>
  );
}

/** Two runs on the images of a split. */
function SameImages({ runs }: { runs: readonly RunSummary[] }) {
  const split = useLooking(state => state.split);
  const [chosen, setChosen] = useState<[Id, Id] | null>(null);
  const ids = runs.map(({ id }) => id);
  const [first, second] = chosen?.every(id => ids.includes(id)) ? chosen : [ids[1]!, ids[0]!];
  const pairs = usePairs(runs, [first, second], split);
  const nameOf = (id: Id) => runs.find(run => run.id === id)?.name ?? '';
  const data = runs.map(({ id, name }) => ({ value: id, label: name }));
  return (
    <section className="card better" aria-label="On the same images">
      <div className="card-head">
        <h2>On the same images</h2>
        <SplitChoice />
      </div>
      <div className="better-choice">
        <NativeSelect
          label="Is"
          data={data}
          value={second}
          onChange={event => setChosen([first, event.currentTarget.value as Id])}
        />
        <NativeSelect
          label="better than"
          data={data}
          value={first}
          onChange={event => setChosen([event.currentTarget.value as Id, second])}
        />
      </div>
      {typeof pairs === 'string' && <p className="dim">{pairs}</p>}
      {pairs && typeof pairs === 'object' && first !== second && (
        <PairedTable pairs={pairs} first={nameOf(first)} second={nameOf(second)} />
      )}
    </section>
  );
}

/** A sentence where the two cannot be compared. */
function usePairs(
  runs: readonly RunSummary[],
  ids: readonly [Id, Id],
  split: 'val' | 'test',
): PairedAnswers | string | undefined {
  return usePulled({
    key: ['pairedAnswers', ...ids, split],
    version: ids.map(id => runs.find(run => run.id === id)?.epoch).join(' '),
    ask: async (): Promise<PairedAnswers | string> =>
      studio()
        .pairedAnswers(...ids, split)
        .catch((error: Error) => error.message),
  });
}

interface PairedTableProps {
  pairs: PairedAnswers;
  first: string;
  second: string;
}

function PairedTable({ pairs, first, second }: PairedTableProps) {
  const { images, bothRight, onlyFirst, onlySecond, bothWrong } = pairs;
  const p = mcnemar(onlyFirst, onlySecond);
  const rows: [string, number][] = [
    ['Both right', bothRight],
    [`Only ${second} right`, onlySecond],
    [`Only ${first} right`, onlyFirst],
    ['Both wrong', bothWrong],
  ];
  return (
    <>
      <dl>
        {rows.map(([label, value]) => (
          <div key={label} className="figure">
            <dt className="truncate">{label}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
        <div className="figure">
          <dt>p of McNemar’s exact test</dt>
          <dd>{pText(p)}</dd>
        </div>
      </dl>
      <p role="status">
        <b>{verdict(pairs, p, first, second)}</b>{' '}
        <span className="dim">
          Of {plural(images, 'image')}, {count(onlyFirst + onlySecond)} were told apart by the two. Were both
          equally good, a split at least as uneven would come up in {percentText(p)} of such trials.
        </span>
      </p>
    </>
  );
}

function verdict({ onlyFirst, onlySecond }: PairedAnswers, p: number, first: string, second: string): string {
  if (onlyFirst === onlySecond) return 'No: they are right equally often.';
  const better = onlySecond > onlyFirst ? second : first;
  if (p >= SIGNIFICANT) return `Not certain: ${better} was right more often, but chance does as much.`;
  return onlySecond > onlyFirst ? `Yes: ${second} is better.` : `No: ${first} is better.`;
}

const pText = (p: number) => (p < 0.0001 ? '< 0.0001' : fraction(p));
const percentText = (p: number) => `${p < 0.0001 ? 'under 0.01' : decimal(100 * p, 2)} %`;

/** Runs that differ in their seed alone, as groups with intervals. */
function OverSeeds({ runs }: { runs: readonly RunSummary[] }) {
  const known = useMemo(() => survey(runs), [runs]);
  const metrics = known.metrics.filter(name => !name.startsWith('step.'));
  const [wanted, setWanted] = useState('test.accuracy');
  const metric = metrics.includes(wanted) ? wanted : (metrics[0] ?? wanted);
  const groups = repeatsOf(runs).map(group => ({ ...group, values: valuesOf(group, metric) }));
  const names = titlesOf(groups, known.differing);
  return (
    <section className="card better" aria-label="Over several seeds">
      <div className="card-head">
        <h2>Over several seeds</h2>
        <NativeSelect
          aria-label="Metric"
          value={metric}
          data={metrics.map(value => ({ value, label: metricTitle(value) }))}
          onChange={event => setWanted(event.currentTarget.value)}
        />
      </div>
      <table className="per-class">
        <thead>
          <tr>
            <th scope="col">Alike but for the seed</th>
            <th scope="col">Runs</th>
            <th scope="col">Mean</th>
            <th scope="col">95 % interval</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ recipe, values }, i) => {
            const { n, mean, half } = meanInterval(values);
            return (
              <tr key={recipe}>
                <th scope="row" className="truncate" title={names[i]}>
                  {names[i]}
                </th>
                <td>{count(n)}</td>
                <td>{n > 0 ? fraction(mean) : UNKNOWN_FIGURE}</td>
                <td>{Number.isNaN(half) ? UNKNOWN_FIGURE : `± ${fraction(half)}`}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p>{seedsText(groups, names, metric.endsWith('loss'))}</p>
    </section>
  );
}

type Valued = Repeats & { values: number[] };

const valuesOf = ({ runs }: Repeats, metric: string) =>
  runs
    .map(run => run.metrics[metric])
    .filter(value => value !== undefined && Number.isFinite(value)) as number[];

/** What tells the groups apart, else the names of their runs. */
function titlesOf(groups: readonly Repeats[], differing: readonly string[]): string[] {
  const settings = differing.filter(name => name !== 'seed');
  const names = distinctNames(groups.map(({ runs }) => runs[0]!.name));
  return groups.map(({ runs }, i) => settingsText(runs[0]!, settings) || names[i]!);
}

/** The first two groups, in a sentence. */
function seedsText([first, second]: readonly Valued[], names: readonly string[], isLoss: boolean): string {
  if (!first || !second) return 'All of them are repeats of one: select runs of two settings.';
  if (first.values.length < 2 || second.values.length < 2)
    return 'One run of a setting does not tell how much is chance: train each with several seeds, in the queue.';
  const { difference, half, p } = welch(second.values, first.values);
  if (Number.isNaN(p)) return 'The repeats do not differ at all.';
  const isBetter = isLoss ? difference < 0 : difference > 0;
  const [better, worse] = isBetter ? names : [names[1], names[0]];
  const by = `by ${fraction(Math.abs(difference))} ± ${fraction(half)} (Welch’s t test, p ${pText(p)})`;
  return p < SIGNIFICANT
    ? `${better} is better than ${worse}, ${by}.`
    : `Not certain: ${better} was better than ${worse} ${by}, but chance does as much.`;
}
