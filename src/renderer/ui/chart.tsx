/** A chart of curves with a legend that reads the values under the cursor, else the last ones. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { alignedData, type Curve, plotOptions, styleKey, type XUnit, xText } from './curvePlot.ts';
import { decimal, UNKNOWN_FIGURE } from './numberFormat.ts';
import 'uplot/dist/uPlot.min.css';
import './chart.css';

interface ChartProps {
  title: string;
  curves: readonly Curve[];
  unit: XUnit;
  /** What y can never be beyond: 0 and 1 for a share. */
  limits?: readonly [number, number];
  /** What stands where there is nothing to draw yet. */
  empty: string;
}

/** More names than these leave no room for the curves. */
const MOST_LEGEND_NAMES = 12;

export function Chart({ title, curves, unit, limits, empty }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [hover, setHover] = useState<number | null>(null);
  const [focus, setFocus] = useState<number | null>(null);
  const scheme = useComputedColorScheme();
  const data = useMemo(() => alignedData(curves), [curves]);
  const style = styleKey(curves, unit);
  const plotIn = useEffectEvent((element: HTMLElement, size: { width: number; height: number }) => {
    const options = plotOptions({ ...size, unit, limits, curves, onHover: setHover, onFocus: setFocus });
    return new uPlot(options, data, element);
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: style and scheme are what makes a new plot
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const size = () => ({ width: element.clientWidth, height: element.clientHeight });
    const made = plotIn(element, size());
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [style, scheme]);

  useEffect(() => plot.current?.setData(data), [data]);

  const points = Math.max(0, ...curves.map(({ y }) => y.length));
  const named = curves.flatMap((curve, i) =>
    curve.style === 'faint' || curve.style === 'edge' ? [] : [{ curve, place: i, values: data[i + 1]! }],
  );
  // Of a crowd the one under the cursor is told, else as many as there is room for.
  const told =
    named.length <= MOST_LEGEND_NAMES
      ? named
      : named.filter(({ place }, i) => (focus === null ? i < MOST_LEGEND_NAMES : place === focus));
  const readings = told.map(({ curve, place, values }) => ({
    place,
    label: curve.label,
    hue: curve.hue,
    value: hover === null ? lastOf(curve.y) : nearestTo(values, hover),
  }));
  const summary = readings.map(({ label, value }) => `${label} ${text(value)}`).join(', ');
  return (
    <section className="card chart" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {hover !== null && <span className="tiny">{`${unit} ${xText(data[0][hover] ?? 0, unit)}`}</span>}
      </div>
      <ul className="chart-legend">
        {readings.map(({ label, hue, value, place }) => (
          <li key={place}>
            <i className="swatch" style={{ background: hue }} />
            <span className="dim truncate">{label}</span> <b>{text(value)}</b>
          </li>
        ))}
        {focus === null && told.length < named.length && (
          <li className="tiny">and {named.length - told.length} more</li>
        )}
      </ul>
      <div
        ref={frame}
        className="chart-frame"
        role="img"
        aria-label={`${title}: ${points === 0 ? empty : summary}`}
        data-points={points}
        data-curves={curves.filter(({ y }) => y.length > 0).length}
        data-empty={points === 0 || undefined}
      >
        {points === 0 && <p className="chart-empty dim">{empty}</p>}
      </div>
    </section>
  );
}

function text(value: number | null): string {
  return value === null ? UNKNOWN_FIGURE : decimal(value);
}

function lastOf(values: readonly (number | null)[]): number | null {
  return values.findLast(value => value !== null) ?? null;
}

/** The value at an index, else the last one before it: curves have points of their own. */
function nearestTo(values: ArrayLike<number | null | undefined>, index: number): number | null {
  for (let i = index; i >= 0; i--) {
    const value = values[i];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
