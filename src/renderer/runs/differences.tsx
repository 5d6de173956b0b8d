/** What the selected runs were trained with, where they differ, and how they ended. */
import type { RunSummary } from '../../bridge/contract.ts';
import { survey } from '../../experiments/survey.ts';
import { count, duration } from '../ui/format.ts';
import { metricText } from './columns.ts';
import { hueOfRun, useComparison } from './selection.ts';
import { distinctNames, settingName, settingText } from './settings.ts';

export function Differences({ runs }: { runs: readonly RunSummary[] }) {
  const hues = useComparison(state => state.hues);
  const names = survey(runs).differing;
  const short = distinctNames(runs.map(run => run.name));
  const rows: [label: string, value: (run: RunSummary) => string][] = [
    ...names.map((name): [string, (run: RunSummary) => string] => [
      settingName(name),
      run => settingText(run.settings[name]),
    ]),
    ['parameters', run => count(run.parameters)],
    ['test accuracy', run => metricText(run.metrics['test.accuracy'])],
    ['val accuracy', run => metricText(run.metrics['val.accuracy'])],
    ['val loss', run => metricText(run.metrics['val.loss'])],
    ['time', run => duration(run.seconds)],
  ];
  return (
    <section className="card differences" aria-label="Differences">
      <div className="card-head">
        <h2>Differences</h2>
        {names.length === 0 && runs.length > 1 && <span className="tiny">the settings are the same</span>}
      </div>
      <div className="differences-scroll">
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
            {rows.map(([label, value]) => (
              <tr key={label}>
                <th scope="row">{label}</th>
                {runs.map(run => (
                  <td key={run.id}>{value(run)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
