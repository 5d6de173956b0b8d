/**
 * Parallel coordinates: each run a line over the settings that differ and a metric. A stretch drawn on an axis keeps
 * the runs that go through it; which settings tell of the metric is said beside.
 */
import { Button, NativeSelect } from '@mantine/core';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useCallback, useMemo, useState } from 'react';
import type { RunSummary } from '../../bridge/contract.ts';
import { type Importance, importances } from '../../experiments/importance.ts';
import type { SettingValue, Survey } from '../../experiments/survey.ts';
import { EChart, type Paint } from '../ui/echart.tsx';
import { decimal, percent, plural } from '../ui/format.ts';
import { metricTitle } from './columns.ts';
import { compareOnly, hueOfRun, useComparison } from './selection.ts';
import { settingName, settingText } from './settings.ts';

/** More axes than these cannot be told apart. */
const MOST_AXES = 9;
/** Lines that can be drawn without the window stopping. */
const MOST_LINES = 2000;

interface CoordinatesProps {
  runs: readonly RunSummary[];
  survey: Survey;
}

export function Coordinates({ runs, survey }: CoordinatesProps) {
  const metrics = survey.metrics.filter(name => !name.startsWith('step.'));
  const [wanted, setWanted] = useState('val.accuracy');
  const [brushed, setBrushed] = useState<readonly RunSummary[] | null>(null);
  const metric = metrics.includes(wanted) ? wanted : (metrics[0] ?? wanted);
  const shown = useMemo(
    () => runs.filter(run => Number.isFinite(run.metrics[metric])).slice(0, MOST_LINES),
    [runs, metric],
  );
  const telling = useMemo(() => importances(shown, survey.differing, metric), [shown, survey, metric]);
  // The most telling settings first; those of which nothing can be said after them.
  const axes = useMemo(() => {
    const known = telling.map(({ setting }) => setting);
    // What differs only in that some runs lack it is no axis.
    const varies = (name: string) => new Set(shown.flatMap(run => run.settings[name] ?? [])).size > 1;
    const others = survey.differing.filter(name => !known.includes(name) && varies(name));
    return [...known, ...others].slice(0, MOST_AXES);
  }, [telling, survey, shown]);
  const hues = useComparison(state => state.hues);
  const option = useCallback(
    (paint: Paint) => parallelOption(shown, axes, metric, hues, paint),
    [shown, axes, metric, hues],
  );
  const listen = useCallback(
    (chart: EChartsType) => chart.on('axisareaselected', () => setBrushed(activeRuns(chart, shown))),
    [shown],
  );
  if (shown.length === 0)
    return <p className="runs-none dim">Runs that were validated appear here, once some settings differ.</p>;
  return (
    <>
      <section className="card coordinates" aria-label="Parallel coordinates">
        <div className="card-head">
          <h2>Parallel coordinates</h2>
          <span className="tiny">
            {plural(shown.length, 'run')}; drag along an axis to keep those that go through
          </span>
          <Button
            disabled={brushed === null || brushed.length === 0 || brushed.length === shown.length}
            onClick={() => compareOnly((brushed ?? []).map(({ id }) => id))}
          >
            {brushed && brushed.length < shown.length
              ? `Select ${plural(brushed.length, 'run')}`
              : 'Select the kept'}
          </Button>
          <MetricChoice metric={metric} metrics={metrics} onChange={setWanted} />
        </div>
        <EChart
          key={axes.join()}
          label={`Parallel coordinates of ${plural(shown.length, 'run')}: ${axes.map(settingName).join(', ')}, ${metricTitle(metric)}`}
          option={option}
          onReady={listen}
        />
      </section>
      <Importances telling={telling} metric={metric} />
    </>
  );
}

function Importances({ telling, metric }: { telling: readonly Importance[]; metric: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1 asks for it where content scrolls
    <section className="card importance" aria-label="Which settings matter" tabIndex={0}>
      <h2>Which settings matter</h2>
      <p className="tiny">
        How much of the order of {metricTitle(metric).toLowerCase()} each setting by itself explains (η² of
        Kruskal and Wallis).
      </p>
      <dl>
        {telling.map(({ setting, share, runs: n }) => (
          <div key={setting} className="figure" title={`${setting}, of ${plural(n, 'run')}`}>
            <dt className="truncate">{settingName(setting)}</dt>
            <dd>
              <i style={{ width: `${100 * share}%` }} />
              {percent(share)}
            </dd>
          </div>
        ))}
      </dl>
      {telling.length === 0 && <p className="dim">Too few runs differ in too few settings to tell.</p>}
    </section>
  );
}

interface MetricChoiceProps {
  metric: string;
  metrics: readonly string[];
  onChange: (metric: string) => void;
}

export function MetricChoice({ metric, metrics, onChange }: MetricChoiceProps) {
  return (
    <NativeSelect
      aria-label="Metric"
      value={metric}
      data={metrics.map(value => ({ value, label: metricTitle(value) }))}
      onChange={event => onChange(event.currentTarget.value)}
    />
  );
}

function activeRuns(chart: EChartsType, runs: readonly RunSummary[]): RunSummary[] {
  // ECharts tells which lines are kept only by its model.
  const model = chart as unknown as {
    getModel(): { getSeriesByIndex(i: number): { getRawIndicesByActiveState(state: string): number[] } };
  };
  const kept = model.getModel().getSeriesByIndex(0).getRawIndicesByActiveState('active');
  return kept.flatMap(i => runs[i] ?? []);
}

function parallelOption(
  runs: readonly RunSummary[],
  axes: readonly string[],
  metric: string,
  hues: Parameters<typeof hueOfRun>[0],
  paint: Paint,
): EChartsCoreOption {
  const line = paint('var(--line-strong)');
  const nameTextStyle = { color: paint('var(--text-2)'), fontSize: 11 };
  const common = {
    nameTextStyle,
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    axisLabel: { color: paint('var(--text-3)'), fontSize: 10 },
  };
  const settings = axes.map((name, dim) => ({
    dim,
    name: settingName(name),
    ...common,
    ...scaleOf(runs, name),
  }));
  const last = { dim: axes.length, name: metricTitle(metric), type: 'value', scale: true, ...common };
  const selected = hues && Object.keys(hues).length > 0;
  return {
    animation: false,
    parallel: { left: 40, right: 60, top: 34, bottom: 22, axisExpandable: false },
    parallelAxis: [...settings, last],
    series: [
      {
        type: 'parallel',
        lineStyle: { width: 1.2, opacity: 0.55 },
        inactiveOpacity: 0.05,
        activeOpacity: 0.9,
        data: runs.map(run => {
          const hue = hueOfRun(hues, run.id);
          return {
            name: run.name,
            value: [...axes.map(name => placeOf(run.settings[name])), run.metrics[metric]],
            lineStyle: hue
              ? { color: paint(hue), width: 2, opacity: 1 }
              : { color: paint('var(--accent)'), opacity: selected ? 0.25 : 0.55 },
          };
        }),
      },
    ],
  };
}

const placeOf = (value: SettingValue | undefined) =>
  value === undefined ? '-' : typeof value === 'number' ? value : settingText(value);

/** Numbers over several powers of ten lie on a logarithmic axis; words on one of their own. */
function scaleOf(runs: readonly RunSummary[], name: string): object {
  const values = runs.map(run => run.settings[name]).filter(value => value !== undefined);
  const numbers = values.filter(value => typeof value === 'number');
  if (numbers.length < values.length || numbers.length === 0)
    return { type: 'category', data: [...new Set(values.map(value => settingText(value)))] };
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const axisLabel = { formatter: (value: number) => decimal(value, 3), fontSize: 10 };
  if (low > 0 && high / low >= 50) return { type: 'log', min: low, max: high, axisLabel };
  return { type: 'value', min: low, max: high === low ? low + 1 : high, axisLabel };
}
