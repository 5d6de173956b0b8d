/** Two figures of each run against each other, and the runs that none beats in both: the Pareto front. */

import { NativeSelect } from '@mantine/core';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { useCallback, useMemo, useState } from 'react';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { type Aim, paretoFront } from '../../experiments/pareto.ts';
import { EChart, type Paint } from '../ui/echart.tsx';
import { decimal, plural, short } from '../ui/numberFormat.ts';
import type { Column } from './runColumns.ts';
import { hueOfRun, toggleRun, useComparison } from './runSelection.ts';

interface ScatterProps {
  runs: readonly RunSummary[];
  columns: readonly Column[];
}

interface Point {
  run: RunSummary;
  x: number;
  y: number;
}

/** Less of what costs something is better, whatever else is on the other axis. */
const COST_FACTS = ['parameters', 'seconds'];

const aimOf = ({ id, better }: Column): Aim | null => (COST_FACTS.includes(id) ? 'low' : (better ?? null));

export function Scatter({ runs, columns }: ScatterProps) {
  const numeric = columns.filter(column => runs.some(run => typeof column.value(run) === 'number'));
  const [wanted, setWanted] = useState({ x: 'parameters', y: 'test.accuracy' });
  const columnOf = (id: string) => numeric.find(column => column.id === id) ?? numeric[0];
  const [x, y] = [columnOf(wanted.x), columnOf(wanted.y)];
  const points = useMemo(() => (x && y ? pointsOf(runs, x, y) : []), [runs, x, y]);
  const aims = x && y ? ([aimOf(x), aimOf(y)] as const) : ([null, null] as const);
  const front = useMemo(
    () => (aims[0] && aims[1] ? paretoFront(points, [aims[0], aims[1]]) : []),
    [points, aims[0], aims[1]],
  );
  const hues = useComparison(state => state.hues);
  const option = useCallback(
    (paint: Paint) => scatterOption(points, front, [x?.title ?? '', y?.title ?? ''], hues, paint),
    [points, front, x, y, hues],
  );
  const listen = useCallback(
    (chart: EChartsType) =>
      chart.on('click', event => {
        const { id } = event.data as { id?: Id };
        if (id) toggleRun(id);
      }),
    [],
  );
  if (!x || !y) return <p className="runs-none dim">Runs with figures appear here.</p>;
  const choice = (axis: 'x' | 'y', label: string) => (
    <NativeSelect
      aria-label={label}
      value={axis === 'x' ? x.id : y.id}
      data={numeric.map(({ id, title }) => ({ value: id, label: title }))}
      onChange={event => setWanted({ ...wanted, [axis]: event.currentTarget.value })}
    />
  );
  return (
    <section className="card coordinates" aria-label="Scatter">
      <div className="card-head">
        <h2>Scatter</h2>
        <span className="tiny">
          {front.length > 0
            ? `${plural(front.length, 'run')} on the front: none is better in both`
            : 'A front is drawn where both axes have a better side.'}
        </span>
        {choice('y', 'Upwards')} <span className="tiny">against</span> {choice('x', 'Across')}
      </div>
      <EChart
        label={`${y.title} against ${x.title} of ${plural(points.length, 'run')}; on the front: ${front.map(({ run }) => run.name).join(', ') || 'none'}`}
        option={option}
        onReady={listen}
      />
    </section>
  );
}

/** Large figures with a letter, small ones to four places. */
const figure = (value: number) => (Math.abs(value) >= 1000 ? short(value) : decimal(value));

function pointsOf(runs: readonly RunSummary[], x: Column, y: Column): Point[] {
  return runs.flatMap(run => {
    const [across, up] = [x.value(run), y.value(run)];
    return typeof across === 'number' && typeof up === 'number' ? [{ run, x: across, y: up }] : [];
  });
}

function scatterOption(
  points: readonly Point[],
  front: readonly Point[],
  [x, y]: readonly [string, string],
  hues: Parameters<typeof hueOfRun>[0],
  paint: Paint,
): EChartsCoreOption {
  const axis = (name: string) => ({
    name,
    type: 'value',
    scale: true,
    nameTextStyle: { color: paint('var(--text-2)') },
    axisLabel: {
      color: paint('var(--text-3)'),
      fontSize: 10,
      formatter: (value: number) => figure(value),
    },
    splitLine: { lineStyle: { color: paint('var(--line)') } },
    axisLine: { lineStyle: { color: paint('var(--line-strong)') } },
  });
  const onFront = new Set(front.map(({ run }) => run.id));
  return {
    animation: false,
    grid: { left: 56, right: 24, top: 28, bottom: 34 },
    xAxis: { ...axis(x), nameLocation: 'middle', nameGap: 22 },
    yAxis: axis(y),
    tooltip: {
      confine: true,
      backgroundColor: paint('var(--raised)'),
      borderColor: paint('var(--line)'),
      textStyle: { color: paint('var(--text)'), fontSize: 12 },
      // Names are a person's own: text, never markup.
      renderMode: 'richText',
      formatter: ({ data }: { data: { name: string; value: [number, number] } }) =>
        `${data.name}\n${x} ${figure(data.value[0])}\n${y} ${figure(data.value[1])}`,
    },
    series: [
      {
        type: 'scatter',
        data: points.map(point => ({
          id: point.run.id,
          name: point.run.name,
          value: [point.x, point.y],
          symbolSize: hueOfRun(hues, point.run.id) ? 13 : 8,
          itemStyle: {
            color: paint(hueOfRun(hues, point.run.id) ?? 'var(--line-strong)'),
            borderColor: paint('var(--text)'),
            borderWidth: onFront.has(point.run.id) ? 1.5 : 0,
          },
        })),
      },
    ],
  };
}
