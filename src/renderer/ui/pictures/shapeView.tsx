/** What a shape means: an image as its channels one behind the other, a vector as its numbers, each by its name. */
import type { ShapePicture } from '../../../engine/layers/helpPicture.ts';
import { count } from '../numberFormat.ts';
import type { Room } from './drawingArea.ts';

const MOST_CHANNELS = 4;
const CHANNEL_OFFSET = 9;
const LARGEST_SIDE = 62;

export function ShapeView({ picture, width, height }: Room & { picture: ShapePicture }) {
  return picture.shape.length === 3 ? (
    <ImageView picture={picture} width={width} height={height} />
  ) : (
    <VectorView picture={picture} width={width} height={height} />
  );
}

function ImageView({ picture: { shape, names }, width, height }: Room & { picture: ShapePicture }) {
  const [channels, rows, columns] = shape as [number, number, number];
  const drawn = Math.min(MOST_CHANNELS, channels);
  const scale = LARGEST_SIDE / Math.max(rows, columns);
  const size = { width: Math.max(14, columns * scale), height: Math.max(14, rows * scale) };
  const depth = (drawn - 1) * CHANNEL_OFFSET;
  const left = (width - size.width - depth) / 2;
  const top = (height - size.height - depth) / 2 + depth - 4;
  return (
    <>
      {Array.from({ length: drawn }, (_, i) => drawn - 1 - i).map(i => (
        <rect
          key={i}
          className={i === 0 ? 'picture-plane first' : 'picture-plane'}
          x={left + i * CHANNEL_OFFSET}
          y={top - i * CHANNEL_OFFSET}
          width={size.width}
          height={size.height}
          rx={2}
        />
      ))}
      <text x={left - 8} y={top + size.height / 2 + 4} textAnchor="end">
        {names[1]} {count(rows)}
      </text>
      <text x={left + size.width / 2} y={top + size.height + 14} textAnchor="middle">
        {names[2]} {count(columns)}
      </text>
      <text x={left + size.width + depth + 8} y={top - depth + 12}>
        {names[0]} {count(channels)}
      </text>
    </>
  );
}

function VectorView({ picture: { names }, width, height }: Room & { picture: ShapePicture }) {
  const row = Math.min(22, (height - 12) / names.length);
  const top = (height - names.length * row) / 2;
  return names.map((name, i) => (
    <g key={name}>
      <rect
        className={i === 0 ? 'picture-plane first' : 'picture-plane'}
        x={width / 2 - 40}
        y={top + i * row + 1}
        width={22}
        height={row - 2}
        rx={2}
      />
      <text x={width / 2 - 8} y={top + (i + 0.5) * row + 4}>
        {name}
      </text>
    </g>
  ));
}
