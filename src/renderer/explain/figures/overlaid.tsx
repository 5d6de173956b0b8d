/** Heat over the image that it is about, see-through where there is little of it. */
import type { ImageNumbers } from '../../../bridge/explainCalls.ts';
import { HeatMap } from './heatMap.tsx';
import { type PaintedPixels, pictureOf } from './paint.ts';

interface OverlaidProps {
  picture: ImageNumbers;
  heat: PaintedPixels;
  label: string;
  /** Side of the longer edge in pixels of the screen. */
  size: number;
}

export function Overlaid({ picture, heat, label, size }: OverlaidProps) {
  const [, height = 1, width = 1] = picture.shape;
  const scale = size / Math.max(height, width);
  // Maps of other proportions than the image are stretched over it.
  const fitted = { height: height * scale, width: width * scale };
  return (
    <span className="overlaid">
      <HeatMap label="The image" {...pictureOf(picture)} size={size} />
      <span className="overlaid-heat" style={fitted}>
        <HeatMap label={label} map={heat} colouring="heat" size={size} over />
      </span>
    </span>
  );
}
