/** A map of numbers as a picture, with its range in words. Where it can be picked from, arrow keys walk it. */
import { useComputedColorScheme } from '@mantine/core';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { decimal } from '../../ui/numberFormat.ts';
import { type Colouring, type PaintedPixels, rangeOf } from './paint.ts';
import { soon } from './painting.ts';

interface HeatMapProps {
  /** What it shows, for those who do not see it: `Channel 3 of conv1`. */
  label: string;
  map: PaintedPixels;
  colouring?: Colouring;
  /** The numbers of the darkest and the brightest; their own where missing. */
  range?: readonly [number, number];
  /** Side of the longer edge in pixels of the screen. */
  size: number;
  /** A place that is marked, in pixels of the map: top, left, height, width. */
  frame?: readonly [number, number, number, number] | null;
  at?: readonly [number, number] | null;
  onPick?: (row: number, column: number) => void;
  /** Shown over another picture: see-through where it is low. */
  over?: boolean;
}

export function HeatMap(props: HeatMapProps) {
  const { label, map, colouring = 'grey', range, size, frame, at, onPick, over = false } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useComputedColorScheme();
  const [low, high] = range ?? rangeOf(map.values);
  // biome-ignore lint/correctness/useExhaustiveDependencies: colours follow the scheme
  useEffect(() => {
    return canvas.current ? soon(canvas.current, map, { colouring, range: [low, high], over }) : undefined;
  }, [map, colouring, low, high, over, scheme]);
  const scale = size / Math.max(map.height, map.width);
  const [width, height] = [map.width * scale, map.height * scale];
  const words = `${label}: ${map.height}×${map.width}, from ${decimal(low, 3)} to ${decimal(high, 3)}`;
  const picture = (
    <canvas
      ref={canvas}
      width={map.width}
      height={map.height}
      role="img"
      aria-label={words}
      style={{ width, height }}
    />
  );
  const marks = frame && (
    <i
      className="heat-frame"
      style={{
        top: frame[0] * scale,
        left: frame[1] * scale,
        height: frame[2] * scale,
        width: frame[3] * scale,
      }}
    />
  );
  const dot = at && (
    <i
      className="heat-dot"
      style={{
        top: at[0] * scale,
        left: at[1] * scale,
        width: Math.max(3, scale),
        height: Math.max(3, scale),
      }}
    />
  );
  if (!onPick) {
    return (
      <span className="heat" data-over={over || undefined} style={{ width, height }}>
        {picture}
        {marks}
        {dot}
      </span>
    );
  }
  return (
    <Walkable {...props} at={at ?? [0, 0]} onPick={onPick} box={{ width, height, scale }}>
      {picture}
      {marks}
      {dot}
    </Walkable>
  );
}

interface WalkableProps extends HeatMapProps {
  at: readonly [number, number];
  onPick: (row: number, column: number) => void;
  box: { width: number; height: number; scale: number };
  children: React.ReactNode;
}

const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** A slider in two directions: each place of the map is a value of it. */
function Walkable({ label, map, at, onPick, box, children }: WalkableProps) {
  const [row, column] = at;
  const walk = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const within = (value: number, extent: number) => Math.max(0, Math.min(extent - 1, value));
    const far = event.shiftKey ? 8 : 1;
    onPick(within(row + far * step[0], map.height), within(column + far * step[1], map.width));
  };
  return (
    <span
      className="heat heat-pick"
      style={{ width: box.width, height: box.height }}
      role="slider"
      tabIndex={0}
      aria-label={`${label}: pick a place`}
      aria-valuemin={0}
      aria-valuemax={map.height * map.width - 1}
      aria-valuenow={row * map.width + column}
      aria-valuetext={`row ${row + 1}, column ${column + 1}: ${decimal(map.values[row * map.width + column] ?? 0, 4)}`}
      onKeyDown={walk}
      onPointerDown={event => {
        const bounds = event.currentTarget.getBoundingClientRect();
        const within = (value: number, extent: number) =>
          Math.max(0, Math.min(extent - 1, Math.floor(value)));
        onPick(
          within((event.clientY - bounds.top) / box.scale, map.height),
          within((event.clientX - bounds.left) / box.scale, map.width),
        );
      }}
    >
      {children}
    </span>
  );
}
