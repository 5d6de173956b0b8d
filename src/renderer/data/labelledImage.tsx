/** An image with what is true of it laid over: its box and its mask. */
import type { DatasetImage } from '../../bridge/datasetCalls.ts';

interface PictureProps {
  src: string;
  alt: string;
  /** Channels, height, width. */
  shape: readonly [number, number, number];
  /** In pixels. */
  box: DatasetImage['box'];
  mask?: string | undefined;
}

export function Picture({ src, alt, shape: [, height, width], box, mask }: PictureProps) {
  return (
    <span className="dataset-picture" style={{ aspectRatio: `${width} / ${height}` }}>
      <img src={src} alt={alt} draggable={false} />
      {mask && <img src={mask} alt="" draggable={false} />}
      {box && (
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
          <rect x={box[0]} y={box[1]} width={box[2]} height={box[3]} vectorEffect="non-scaling-stroke" />
        </svg>
      )}
    </span>
  );
}
