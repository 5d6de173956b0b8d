/** What the selected runs were trained with, where they differ, and how they ended. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { survey } from '../../experiments/survey.ts';
import { count, duration, plural } from '../ui/numberFormat.ts';
import { ScrollRegion } from '../ui/scrollRegion.tsx';
import { distinctNames, settingName, settingText } from './differingSettings.ts';
import { metricText } from './runColumns.ts';
import { hueOfRun, useComparison } from './runSelection.ts';

/** More columns than these are for the table below. */
const MOST_RUNS = 12;
const ROW_HEIGHT = 24;

export function Differences({ runs: compared }: { runs: readonly RunSummary[] }) {
  const hues = useComparison(state => state.hues);
  const scroll = useRef<HTMLElement>(null);
  const runs = compared.slice(0, MOST_RUNS);
  // biome-ignore lint/correctness/useExhaustiveDependencies: settings stay the same objects while runs tell of themselves
  const names = useMemo(() => survey(compared).differing, [compared.map(({ id }) => id).join()]);
  const rows = rowsOf(names);
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
  });
  const items = down.getVirtualItems();
  const [above, below] = [items[0]?.start ?? 0, down.getTotalSize() - (items.at(-1)?.end ?? 0)];
  const short = distinctNames(runs.map(run => run.name));
  return (
    <section className="card differences" aria-label="Differences">
      <div className="card-head">
        <h2>Differences</h2>
        {names.length === 0 && runs.length > 1 && <span className="tiny">the settings are the same</span>}
        {runs.length < compared.length && (
          <span className="tiny">
            the first {runs.length} of {plural(compared.length, 'run')}
          </span>
        )}
      </div>
      <ScrollRegion label="Settings that differ" ref={scroll}>
        <table>
          <thead>
            <tr>
              <td />
              {runs.map((run, i) => (
                <th key={run.id} scope="col" className="truncate" title={run.name}>
                  <i className="swatch" style={{ background: hueOfRun(hues, run.id) }} /> {short[i]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {above > 0 && <tr style={{ height: above }} />}
            {items.map(({ index }) => {
              const [label, value] = rows[index]!;
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {runs.map(run => (
                    <td key={run.id}>{value(run)}</td>
                  ))}
                </tr>
              );
            })}
            {below > 0 && <tr style={{ height: below }} />}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}

type DifferenceRow = [label: string, value: (run: RunSummary) => string];

function rowsOf(names: readonly string[]): DifferenceRow[] {
  return [
    ...names.map((name): DifferenceRow => [settingName(name), run => settingText(run.settings[name])]),
    ['parameters', run => count(run.parameters)],
    ['test accuracy', run => metricText(run.metrics['test.accuracy'])],
    ['val accuracy', run => metricText(run.metrics['val.accuracy'])],
    ['val loss', run => metricText(run.metrics['val.loss'])],
    ['time', run => duration(run.seconds)],
  ];
}
