/**
 * A window on its image: the pixels that the first position reads, those of the next one, and which number of the
 * output each gives. Where pixels are spread (a transposed convolution), the same seen the other way round.
 */
import type { WindowPicture } from '../../../engine/layers/helpPicture.ts';
import type { Room } from './drawingArea.ts';

/** An image is drawn with at most so many pixels along an axis. */
const MOST_PIXELS_PER_AXIS = 24;
const IMAGE_GAP = 56;
const LARGEST_CELL = 13;

interface Axis {
  /** Pixels with their padding. */
  padded: number;
  before: number;
  after: number;
  /** Numbers of the small side. */
  positions: number;
}

function axisOf({ kernelSize, stride, dilation, sides }: WindowPicture, axis: 0 | 1): Axis {
  const span = dilation[axis] * (kernelSize[axis] - 1) + 1;
  const [before, after] = [sides[2 * axis]!, sides[2 * axis + 1]!];
  // As many positions as show the stride; the image then has at least one pixel of its own.
  const positions = Math.max(
    stride[axis] > 2 ? 2 : 3,
    Math.ceil((before + after + 1 - span) / stride[axis]) + 1,
  );
  const padded = Math.min(MOST_PIXELS_PER_AXIS, span + (positions - 1) * stride[axis]);
  return { padded, before, after, positions: Math.max(1, Math.floor((padded - span) / stride[axis]) + 1) };
}

export function WindowView({ picture, width, height }: Room & { picture: WindowPicture }) {
  const [down, across] = [axisOf(picture, 0), axisOf(picture, 1)];
  const columns = across.padded + across.positions;
  const cell = Math.min(
    LARGEST_CELL,
    (width - IMAGE_GAP - 8) / columns,
    (height - 8) / Math.max(down.padded, down.positions),
  );
  const large = { width: across.padded * cell, height: down.padded * cell };
  const small = { width: across.positions * cell, height: down.positions * cell };
  const whole = large.width + IMAGE_GAP + small.width;
  const spreads = picture.way === 'spread';
  const largeX = (width - whole) / 2 + (spreads ? small.width + IMAGE_GAP : 0);
  const smallX = (width - whole) / 2 + (spreads ? 0 : large.width + IMAGE_GAP);
  const [largeY, smallY] = [(height - large.height) / 2, (height - small.height) / 2];
  const { kernelSize, stride, dilation } = picture;
  const span = [0, 1].map(i => (dilation[i]! * (kernelSize[i]! - 1) + 1) * cell) as [number, number];
  /** Which position of the window reads a pixel along an axis, the first two only. */
  const reads = (place: number, position: number, axis: 0 | 1) => {
    const offset = place - position * stride[axis];
    return offset >= 0 && offset % dilation[axis] === 0 && offset / dilation[axis] < kernelSize[axis];
  };
  const second = across.positions > 1 ? 1 : 0;
  const [fromX, toX] = spreads ? [smallX + small.width, largeX] : [largeX + large.width, smallX];
  return (
    <>
      {eachCell(down.padded, across.padded, (y, x) => {
        const outside =
          y < down.before ||
          y >= down.padded - down.after ||
          x < across.before ||
          x >= across.padded - across.after;
        const isFirst = reads(y, 0, 0) && reads(x, 0, 1);
        const isSecond = second === 1 && reads(y, 0, 0) && reads(x, 1, 1);
        const role = isFirst ? 'first' : isSecond ? 'second' : outside ? 'padding' : 'pixel';
        return <Cell key={`${y} ${x}`} role={role} at={[largeX + x * cell, largeY + y * cell]} size={cell} />;
      })}
      <rect className="picture-frame" x={largeX} y={largeY} width={span[1]} height={span[0]} />
      {second === 1 && (
        <rect
          className="picture-frame second"
          x={largeX + stride[1] * cell}
          y={largeY}
          width={span[1]}
          height={span[0]}
        />
      )}
      <Arrow from={fromX + 8} to={toX - 8} y={height / 2} />
      {eachCell(down.positions, across.positions, (y, x) => {
        const role = y === 0 && x === 0 ? 'first' : y === 0 && x === second ? 'second' : 'pixel';
        return <Cell key={`${y} ${x}`} role={role} at={[smallX + x * cell, smallY + y * cell]} size={cell} />;
      })}
    </>
  );
}

function eachCell<T>(rows: number, columns: number, draw: (y: number, x: number) => T): T[] {
  return Array.from({ length: rows * columns }, (_, i) => draw(Math.floor(i / columns), i % columns));
}

type Role = 'first' | 'second' | 'padding' | 'pixel';

function Cell({ role, at: [x, y], size }: { role: Role; at: readonly [number, number]; size: number }) {
  return (
    <rect
      className={`picture-cell ${role}`}
      x={x + 0.5}
      y={y + 0.5}
      width={size - 1}
      height={size - 1}
      rx={1}
    />
  );
}

export function Arrow({ from, to, y }: { from: number; to: number; y: number }) {
  return <path className="picture-arrow" d={`M${from} ${y}H${to}m-5 -4l5 4l-5 4`} />;
}
