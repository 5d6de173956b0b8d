/** A batch as images of channels of pixels; marked are the numbers that are taken together. */
import type { AxesPicture } from '../../../engine/layers/helpPicture.ts';
import type { Room } from './drawingArea.ts';

const IMAGES = 3;
const CHANNELS = 4;
/** Pixels of a channel, all in one row. */
const PIXELS_PER_CHANNEL = 4;
const CELL_SIDE = 12;
const CHANNEL_GAP = 5;
/** Between two images. */
const IMAGE_GAP = 18;

/** Which channels belong together with the second one. */
const together: Readonly<Record<AxesPicture['channels'], (channel: number) => boolean>> = {
  one: channel => channel === 1,
  group: channel => channel < CHANNELS / 2,
  neighbours: channel => channel < 3,
  all: () => true,
};

export function AxesView({ picture, width, height }: Room & { picture: AxesPicture }) {
  const size = {
    width: PIXELS_PER_CHANNEL * CELL_SIDE,
    height: CHANNELS * (CELL_SIDE + CHANNEL_GAP) - CHANNEL_GAP,
  };
  const left = (width - IMAGES * size.width - (IMAGES - 1) * IMAGE_GAP) / 2;
  const top = (height - size.height - 18) / 2;
  const isMarked = (n: number, c: number, p: number) =>
    (picture.images === 'all' || n === 0) &&
    together[picture.channels](c) &&
    (picture.pixels === 'all' || p === 1);
  return Array.from({ length: IMAGES }, (_, n) => n).map(n => {
    const x = left + n * (size.width + IMAGE_GAP);
    return (
      <g key={n}>
        {Array.from({ length: CHANNELS * PIXELS_PER_CHANNEL }, (_, i) => i).map(i => {
          const [c, p] = [Math.floor(i / PIXELS_PER_CHANNEL), i % PIXELS_PER_CHANNEL];
          return (
            <rect
              key={i}
              className={`picture-cell ${isMarked(n, c, p) ? 'first' : 'pixel'}`}
              x={x + p * CELL_SIDE + 0.5}
              y={top + c * (CELL_SIDE + CHANNEL_GAP) + 0.5}
              width={CELL_SIDE - 1}
              height={CELL_SIDE - 1}
              rx={1}
            />
          );
        })}
        <text x={x + size.width / 2} y={top + size.height + 15} textAnchor="middle">
          {n === 0 ? 'pixels →' : `image ${n + 1}`}
        </text>
        {n === 0 && <Side x={left - 10} y={top + size.height / 2} />}
      </g>
    );
  });
}

function Side({ x, y }: { x: number; y: number }) {
  return (
    <text x={x} y={y} textAnchor="middle" transform={`rotate(-90 ${x} ${y})`}>
      ← channels
    </text>
  );
}
