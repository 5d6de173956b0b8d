/**
 * What can be laid over the canvas: a figure of every layer, as a number and as heat. The heat is a place on the
 * scale between the network's smallest and largest figure; where those lie orders apart, the scale is logarithmic.
 */
import type { Figures, Inference } from '../../engine/graph/inference.ts';
import { shapeText } from '../../engine/layers/shape.ts';
import { bytes, count, short, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';

export const OVERLAYS = ['shape', 'parameters', 'macs', 'memory', 'field', 'health'] as const;

export type OverlayName = (typeof OVERLAYS)[number];

interface Overlay {
  /** In the status bar. */
  readonly title: string;
  /** Over the scale; null where it is not shown as heat. */
  readonly legend: ((batch: number) => string) | null;
  /** Of one layer; `whole`: it sees all of the image. */
  readonly figure: (figures: Figures, batch: number) => number | 'whole';
  readonly text: (value: number, figures: Figures | null) => string;
  /** Whether the figure belongs to what flows along an edge, and stands there instead of the shape. */
  readonly onEdges: boolean;
}

export const overlays: Readonly<Record<OverlayName, Overlay>> = {
  shape: {
    title: 'Shape',
    legend: null,
    figure: ({ parameters }) => parameters,
    text: value => (value > 0 ? count(value) : UNKNOWN_FIGURE),
    onEdges: false,
  },
  parameters: {
    title: 'Params',
    legend: () => 'Parameters',
    figure: ({ parameters }) => parameters,
    text: value => (value > 0 ? count(value) : UNKNOWN_FIGURE),
    onEdges: false,
  },
  macs: {
    title: 'MACs',
    legend: () => 'MACs for one image',
    figure: ({ macs }) => macs,
    text: value => (value > 0 ? short(value) : UNKNOWN_FIGURE),
    onEdges: false,
  },
  memory: {
    title: 'Memory',
    legend: batch => `Activations, batch ${count(batch)}`,
    figure: ({ activationBytes }, batch) => activationBytes * batch,
    text: value => bytes(value),
    onEdges: true,
  },
  field: {
    title: 'Field',
    legend: () => 'Receptive field, pixels across',
    figure: ({ receptiveField }) => (receptiveField ? Math.max(...receptiveField.size) : 'whole'),
    text: (value, figures) => figures?.receptiveField?.size.join('×') ?? count(value),
    onEdges: true,
  },
  // What a run tells, which no figure of the network does: healthOverlay.tsx draws it.
  health: {
    title: 'Health',
    legend: null,
    figure: () => 0,
    text: () => UNKNOWN_FIGURE,
    onEdges: false,
  },
};

export interface Scale {
  readonly low: number;
  readonly high: number;
  readonly logarithmic: boolean;
}

/** From here on, small figures could not be told apart on a plain scale. */
const ORDERS_APART = 50;

const scales = new WeakMap<Inference['nodes'], Map<string, Scale | null>>();

/** The scale of an overlay over a network; null where it shows no heat, or nothing has a figure above zero. */
export function scaleOf({ nodes }: Pick<Inference, 'nodes'>, name: OverlayName, batch: number): Scale | null {
  const known = scales.get(nodes) ?? new Map<string, Scale | null>();
  scales.set(nodes, known);
  const key = `${name} ${batch}`;
  const former = known.get(key);
  if (former !== undefined) return former;
  const scale = overlays[name].legend === null ? null : measure(nodes, name, batch);
  known.set(key, scale);
  return scale;
}

function measure(nodes: Inference['nodes'], name: OverlayName, batch: number): Scale | null {
  let [low, high] = [Number.POSITIVE_INFINITY, 0];
  for (const { figures } of nodes.values()) {
    const value = figures && overlays[name].figure(figures, batch);
    // Layers that cost nothing are not heated, and would make every scale begin at nothing.
    if (typeof value !== 'number' || value <= 0) continue;
    [low, high] = [Math.min(low, value), Math.max(high, value)];
  }
  return high === 0 ? null : { low, high, logarithmic: high / low >= ORDERS_APART };
}

/** Where a figure lies on a scale, from 0 to 1; null where it has no heat. */
export function shareOf(value: number | 'whole', { low, high, logarithmic }: Scale): number | null {
  if (value === 'whole') return 1;
  if (value <= 0) return null;
  if (high === low) return 1;
  return logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

/** The tint that says so on the minimap, as canvas.css mixes it on nodes. */
export function heatColor(share: number): string {
  return `color-mix(in oklab, var(--heat-high) ${Math.round(100 * share)}%, var(--heat-low))`;
}

/** The figure of a layer as its node writes it. */
export function figureText(figures: Figures, name: OverlayName, batch: number): string {
  const value = overlays[name].figure(figures, batch);
  return value === 'whole' ? 'all' : overlays[name].text(value, figures);
}

/** What stands on the edge that leaves a layer. */
export function edgeText(figures: Figures | null | undefined, name: OverlayName, batch: number): string {
  if (!figures) return '?';
  return overlays[name].onEdges ? figureText(figures, name, batch) : shapeText(figures.shape);
}
