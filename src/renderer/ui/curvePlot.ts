/** uPlot dressed in the tokens: what a chart's curves, axes and cursor look like. Knows no data of the app. */
import uPlot from 'uplot';
import { decimal, duration, fraction, short } from './numberFormat.ts';
import { thin, thinByColumn } from './smoothing.ts';

/** One curve, with x of its own. */
export interface Curve {
  /** What the legend calls it. */
  label: string;
  /** A colour, or a token: `var(--f-conv)`. */
  hue: string;
  x: readonly number[];
  y: readonly (number | null)[];
  /**
   * `faint`: behind the others, without a place in the legend. `dashed`: told apart by more than its hue. `edge`: the
   * upper edge of a band, whose lower edge is the curve after it; only what lies between is drawn.
   */
  style?: 'faint' | 'dashed' | 'plain' | 'edge';
  /** Whether its points are few enough to be marked. */
  marks?: boolean;
}

/** `rate`: learning rates, which go by powers of ten. */
export type XUnit = 'step' | 'epoch' | 'time' | 'rate';

/** More points than a screen is wide tell nothing more. */
const MOST_POINTS = 1500;
/**
 * Of all curves together: the union of their places is what the browser draws each of them by. Where there would be
 * more, curves share columns narrower than a pixel.
 */
const MOST_DRAWN_POINTS = 6000;
const DRAWN_COLUMNS = 1024;
/** From so many curves on, the one under the cursor is brought out. */
const CROWDED_CURVES = 8;

/** What makes two plots differ in more than their data. */
export function styleKey(curves: readonly Curve[], unit: XUnit): string {
  return JSON.stringify([unit, curves.map(({ label, hue, style, marks }) => [label, hue, style, marks])]);
}

/** All curves over the union of their x, as uPlot wants them. */
export function alignedData(curves: readonly Curve[]): uPlot.AlignedData {
  if (curves.length === 0) return [[]];
  const most = Math.max(100, Math.min(MOST_POINTS, Math.floor(MOST_DRAWN_POINTS / curves.length)));
  const places = curves.reduce((sum, { y }) => sum + Math.min(y.length, most), 0);
  const column = places > MOST_DRAWN_POINTS ? columnWidth(curves) : null;
  return uPlot.join(curves.map(curve => tableOf(curve, most, column)));
}

/** A power of two, so that another run beside changes it seldom, and whole steps and epochs mostly stay. */
function columnWidth(curves: readonly Curve[]): number {
  const ends = curves.flatMap(({ x }) => (x.length > 0 ? [x[0]!, x.at(-1)!] : []));
  const range = Math.max(...ends) - Math.min(...ends);
  return range > 0 ? 2 ** Math.ceil(Math.log2(range / DRAWN_COLUMNS)) : 1;
}

/** Thinned curves: of a hundred of them, mostly one has changed. A curve may grow in place. */
const thinned = new WeakMap<Curve, { key: string; table: uPlot.AlignedData }>();

function tableOf(curve: Curve, most: number, column: number | null): uPlot.AlignedData {
  const { x, y } = curve;
  const key = `${y.length} ${most} ${column}`;
  const known = thinned.get(curve);
  if (known?.key === key) return known.table;
  const finite = (value: number | null | undefined) =>
    value != null && Number.isFinite(value) ? value : null;
  const kept = column === null ? thin(y, most) : thinByColumn(x, y, column);
  const places = kept.map((i, k) => {
    if (column === null) return x[i]!;
    const start = Math.floor(x[i]! / column) * column;
    const isSecond = k > 0 && Math.floor(x[kept[k - 1]!]! / column) * column === start;
    return isSecond ? start + column / 2 : start;
  });
  const table: uPlot.AlignedData = [places, kept.map(i => finite(y[i]))];
  thinned.set(curve, { key, table });
  return table;
}

interface PlotOptions {
  curves: readonly Curve[];
  unit: XUnit;
  width: number;
  height: number;
  /** What y can never be beyond. */
  limits?: readonly [number, number] | undefined;
  onHover: (index: number | null) => void;
  /** The curve that is brought out, by its place among all. */
  onFocus: (curve: number | null) => void;
}

export function plotOptions({
  curves,
  unit,
  width,
  height,
  limits,
  onHover,
  onFocus,
}: PlotOptions): uPlot.Options {
  const axis = {
    stroke: colour('var(--text-3)'),
    font: '11px "Inter Variable", sans-serif',
    grid: { stroke: colour('var(--line)'), width: 1 },
    ticks: { show: false },
  };
  return {
    width,
    height,
    padding: [10, 12, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 7 },
      drag: { x: true, y: false },
      ...(curves.length > CROWDED_CURVES && { focus: { prox: 24 } }),
    },
    // Whoever dims the others draws all of them anew: of a crowd, that takes longer than a hand.
    focus: { alpha: 1 },
    bands: bandsOf(curves),
    scales: {
      x: { time: false, distr: unit === 'rate' ? 3 : 1 },
      y: { range: (_plot, low, high) => fitted(low, high, limits) },
    },
    axes: [
      {
        ...axis,
        ...xGrid(axis.grid, unit),
        size: 26,
        space: 64,
        values: (_plot, ticks) => ticks.map(tick => (tick === null ? '' : xText(tick, unit))),
      },
      {
        ...axis,
        size: 46,
        space: 40,
        values: (_plot, ticks, _axis, _space, step) => ticks.map(tick => tickText(tick, step)),
      },
    ],
    series: [{}, ...curves.map(curve => seriesOf(curve, curves.length > CROWDED_CURVES))],
    hooks: {
      setCursor: [plot => onHover(plot.cursor.idx ?? null)],
      setSeries: [
        (plot, series) => {
          bringOut(plot, series || null);
          onFocus(series ? series - 1 : null);
        },
      ],
      draw: [plot => bringOut(plot, null)],
    },
  };
}

/** Lays one curve over all others, on a canvas of its own; null lays none. */
function bringOut(plot: uPlot, series: number | null): void {
  const below = plot.ctx.canvas;
  const { width, height } = below;
  const known = below.nextElementSibling;
  if (series === null && !(known instanceof HTMLCanvasElement)) return;
  const isThere = known instanceof HTMLCanvasElement;
  const canvas = isThere
    ? known
    : Object.assign(document.createElement('canvas'), { className: 'chart-focus' });
  if (!isThere) below.after(canvas);
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  context.clearRect(0, 0, width, height);
  const ratio = width / plot.width;
  if (series === null) return;
  const { left, top, width: across, height: down } = plot.bbox;
  context.save();
  context.beginPath();
  context.rect(left, top, across, down);
  context.clip();
  context.beginPath();
  for (const [i, y] of plot.data[series]!.entries()) {
    if (y == null) continue;
    context.lineTo(plot.valToPos(plot.data[0][i]!, 'x', true), plot.valToPos(y, 'y', true));
  }
  for (const [stroke, wide] of [
    [colour('var(--surface)'), 6],
    [plot.series[series]!.stroke, 2.4],
  ] as const) {
    context.strokeStyle = typeof stroke === 'function' ? String(stroke(plot, series)) : String(stroke);
    context.lineWidth = wide * ratio;
    context.lineJoin = 'round';
    context.stroke();
  }
  context.restore();
}

/** Of powers of ten only the tens are ruled and named, of steps and epochs only whole ones. */
function xGrid(grid: uPlot.Axis.Grid, unit: XUnit): Pick<uPlot.Axis, 'grid' | 'filter'> {
  if (unit === 'time') return { grid };
  const isRuled = (split: number) =>
    Number.isInteger(unit === 'rate' ? Number(Math.log10(split).toFixed(6)) : split);
  const filter: uPlot.Axis.Filter = (_plot, splits) => splits.map(split => (isRuled(split) ? split : null));
  return { grid: { ...grid, filter }, filter };
}

/** As many places as tell two ticks apart. */
function tickText(tick: number, step: number): string {
  const first = Math.max(0, -Math.floor(Math.log10(step)));
  const isWhole = Math.abs(step * 10 ** first - Math.round(step * 10 ** first)) < 1e-6;
  const places = isWhole ? first : first + 1;
  return places > 6 || Math.abs(tick) >= 1e5 ? decimal(tick, 2) : fraction(tick, places);
}

export function xText(value: number, unit: XUnit): string {
  if (unit === 'time') return duration(value);
  if (unit === 'rate') return decimal(value, 2);
  return Number.isInteger(value) ? short(value) : '';
}

/** What lies between an edge and the one after it. */
function bandsOf(curves: readonly Curve[]): uPlot.Band[] {
  return curves.flatMap(({ style, hue }, i) => {
    const isUpper =
      style === 'edge' && curves.slice(0, i).filter(each => each.style === 'edge').length % 2 === 0;
    return isUpper ? [{ series: [i + 1, i + 2] as [number, number], fill: faded(colour(hue)) }] : [];
  });
}

const faded = (solid: string) => `color-mix(in srgb, ${solid} 16%, transparent)`;

/** Of a crowd every curve is a hairline: they stay apart, and where no GPU helps, wider ones take a hundred times as long. */
function seriesOf({ label, hue, style = 'plain', marks = false }: Curve, crowded: boolean): uPlot.Series {
  const stroke = colour(hue);
  const thin = crowded ? 1 / devicePixelRatio : 1;
  return {
    label,
    stroke,
    width: style === 'edge' ? 0 : style === 'faint' || crowded ? thin : 1.8,
    alpha: style === 'faint' ? 0.28 : 1,
    dash: style === 'dashed' ? [5, 4] : [],
    spanGaps: true,
    points: { show: marks, size: 5, fill: stroke },
  };
}

/** A little air above and below, and never a range of nothing. */
function fitted(
  low: number | null,
  high: number | null,
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): [number, number] {
  if (low === null || high === null) return [0, 1];
  const air = (high - low || Math.abs(high) || 1) * 0.06;
  const floor = low - air;
  return [Math.max(low >= 0 && floor < 0 ? 0 : floor, least), Math.min(high + air, most)];
}

/** A canvas knows no tokens: what this one means now. */
export function colour(hue: string): string {
  const token = /^var\((--[\w-]+)\)$/.exec(hue)?.[1];
  return token ? getComputedStyle(document.documentElement).getPropertyValue(token).trim() : hue;
}
