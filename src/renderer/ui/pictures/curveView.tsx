/** The curve of a function, between −4 and 4 or as far as it needs to show where it ends. */
import type { CurvePicture } from '../../../engine/layers/helpPicture.ts';
import { cellText, type Room } from './drawingArea.ts';

const CURVE_MARGIN = { left: 22, right: 12, top: 10, bottom: 16 };
const CURVE_POINTS = 160;
/** Beyond this, a steep curve leaves the picture. */
const HIGHEST_SHOWN = 8;

/** How far the picture must look: to 4, or to where a curve that goes flat has done so. */
function reachOf(of: (x: number) => number): number {
  const isFlat = (x: number) => Math.abs(of(x + 1) - of(x)) < 1e-3;
  return isFlat(7) && !isFlat(4) ? 8 : 4;
}

export function CurveView({ picture: { of }, width, height }: Room & { picture: CurvePicture }) {
  const reach = reachOf(of);
  const xs = Array.from({ length: CURVE_POINTS + 1 }, (_, i) => -reach + (2 * reach * i) / CURVE_POINTS);
  const values = xs.map(x => Math.max(-HIGHEST_SHOWN, Math.min(HIGHEST_SHOWN, of(x))));
  const low = Math.min(-0.5, ...values);
  const high = Math.max(1, ...values);
  const atX = (x: number) =>
    CURVE_MARGIN.left + ((x + reach) / (2 * reach)) * (width - CURVE_MARGIN.left - CURVE_MARGIN.right);
  const atY = (y: number) =>
    height -
    CURVE_MARGIN.bottom -
    ((y - low) / (high - low)) * (height - CURVE_MARGIN.top - CURVE_MARGIN.bottom);
  const line = xs.map((x, i) => `${atX(x).toFixed(1)},${atY(values[i]!).toFixed(1)}`).join(' ');
  const top = high >= 2 ? Math.floor(high) : 1;
  return (
    <>
      <line
        className="picture-axis"
        x1={CURVE_MARGIN.left}
        x2={width - CURVE_MARGIN.right}
        y1={atY(0)}
        y2={atY(0)}
      />
      <line
        className="picture-axis"
        x1={atX(0)}
        x2={atX(0)}
        y1={CURVE_MARGIN.top}
        y2={height - CURVE_MARGIN.bottom}
      />
      {[-reach, reach].map(x => (
        <text key={x} x={atX(x)} y={height - 4} textAnchor="middle">
          {cellText(x)}
        </text>
      ))}
      <line className="picture-axis" x1={atX(0) - 3} x2={atX(0) + 3} y1={atY(top)} y2={atY(top)} />
      <text x={atX(0) - 6} y={atY(top) + 3.5} textAnchor="end">
        {cellText(top)}
      </text>
      <polyline className="picture-curve" points={line} />
    </>
  );
}
