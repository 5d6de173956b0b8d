/**
 * Parallel coordinates: each run a line over the settings that differ and a metric. A stretch drawn on an axis keeps
 * the runs that go through it; which settings tell of the metric is said beside.
 */
import { Button, NativeSelect } from '@mantine/core';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type Importance, importances } from '../../experiments/importance.ts';
import type { SettingValue, Survey } from '../../experiments/survey.ts';
import { EChart, type Paint } from '../ui/echart.tsx';
import { decimal, percent, plural } from '../ui/numberFormat.ts';
import { settingName, settingText } from './differingSettings.ts';
import { metricTitle } from './runColumns.ts';
import { compareOnly, hueOfRun, useComparison } from './runSelection.ts';

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
  const brushed = useComparison(state => state.brushed);
  const metric = metrics.includes(wanted) ? wanted : (metrics[0] ?? wanted);
  const lines = runs.filter(run => Number.isFinite(run.metrics[metric])).slice(0, MOST_LINES);
  // A run that trains tells of itself all the time; what is drawn of it changes with its epochs.
  const drawn = lines.map(({ id, metrics: { [metric]: value } }) => `${id} ${value}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const shown = useMemo(() => lines, [drawn, metric]);
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
  const latest = useRef(shown);
  useEffect(() => {
    latest.current = shown;
  });
  const listen = useCallback((chart: EChartsType) => {
    chart.on('axisareaselected', () =>
      useComparison.setState({ brushed: brushedRuns(chart, latest.current) }),
    );
  }, []);
  const key = axes.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: with its axes the chart and what is drawn on them goes
  useEffect(() => () => useComparison.setState({ brushed: null }), [key]);
  if (shown.length === 0)
    return <p className="runs-none dim">Runs that were validated appear here, once some settings differ.</p>;
  return (
    <>
      <section className="card coordinates" aria-label="Parallel coordinates">
        <div className="card-head">
          <h2>Parallel coordinates</h2>
          <span className="tiny">
            {plural(shown.length, 'run')}; drag along an axis to keep those that go through, click it to keep
            all
          </span>
          <Button disabled={!brushed || brushed.size === 0} onClick={() => compareOnly([...(brushed ?? [])])}>
            {brushed ? `Select ${plural(brushed.size, 'run')}` : 'Select the kept'}
          </Button>
          <MetricChoice metric={metric} metrics={metrics} onChange={setWanted} />
        </div>
        <EChart
          key={key}
          keeps
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

/** Those that go through every stretch that is drawn; null where none is. */
function brushedRuns(chart: EChartsType, runs: readonly RunSummary[]): ReadonlySet<Id> | null {
  // ECharts tells which lines are kept only by its model.
  const model = chart as unknown as {
    getModel(): { getSeriesByIndex(i: number): { getRawIndicesByActiveState(state: string): number[] } };
  };
  const lines = model.getModel().getSeriesByIndex(0);
  if (lines.getRawIndicesByActiveState('normal').length > 0) return null;
  return new Set(lines.getRawIndicesByActiveState('active').flatMap(i => runs[i]?.id ?? []));
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
  const scales = axes.map(name => scaleOf(runs, name));
  const settings = axes.map((name, dim) => ({
    dim,
    name: settingName(name),
    ...common,
    ...scales[dim]!.axis,
    axisLabel: { ...common.axisLabel, ...scales[dim]!.label },
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
            value: [...axes.map((name, i) => scales[i]!.placeOf(run.settings[name])), run.metrics[metric]],
            lineStyle: hue
              ? { color: paint(hue), width: 2, opacity: 1 }
              : { color: paint('var(--accent)'), opacity: selected ? 0.25 : 0.55 },
          };
        }),
      },
    ],
  };
}

/** An axis, and where on it a value lies. */
interface Scale {
  axis: object;
  label?: { formatter: (place: number) => string };
  placeOf: (value: SettingValue | undefined) => number | string;
}

/** What ECharts takes for no value. */
const NO_VALUE = '-';

/**
 * Numbers over several powers of ten lie by their logarithm; words on an axis of their own. The logarithm is ours: on
 * ECharts' own logarithmic axis a stretch that is drawn keeps no line.
 */
function scaleOf(runs: readonly RunSummary[], name: string): Scale {
  const values = runs.map(run => run.settings[name]).filter(value => value !== undefined);
  const numbers = values.filter(value => typeof value === 'number');
  if (numbers.length < values.length || numbers.length === 0) {
    const data = [...new Set(values.map(value => settingText(value)))];
    const placeOf = (value: SettingValue | undefined) =>
      value === undefined ? NO_VALUE : settingText(value);
    return { axis: { type: 'category', data }, placeOf };
  }
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const isWide = low > 0 && high / low >= 50;
  const [to, from] = isWide
    ? [Math.log10, (place: number) => 10 ** place]
    : [(value: number) => value, (place: number) => place];
  const axis = {
    type: 'value',
    min: to(low),
    max: high === low ? to(low) + 1 : to(high),
    ...((isWide || numbers.every(Number.isInteger)) && { minInterval: 1 }),
  };
  return {
    axis,
    label: { formatter: place => decimal(from(place), 3) },
    placeOf: value => (typeof value === 'number' ? to(value) : NO_VALUE),
  };
}
