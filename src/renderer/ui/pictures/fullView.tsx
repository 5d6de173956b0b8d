/** Every output reads every input: one line for each weight, those of the first output marked. */
import type { FullPicture } from '../../../engine/layers/helpPicture.ts';
import { count } from '../numberFormat.ts';
import type { Room } from './drawingArea.ts';

const INPUTS = 6;
const MOST_OUTPUTS = 6;
const UNIT_SPACING = 17;

export function FullView({ picture: { outputs }, width, height }: Room & { picture: FullPicture }) {
  const drawn = Math.min(MOST_OUTPUTS, Math.max(1, outputs));
  const [left, right] = [width / 2 - 62, width / 2 + 62];
  const at = (i: number, count: number) => height / 2 + (i - (count - 1) / 2) * UNIT_SPACING;
  const ins = Array.from({ length: INPUTS }, (_, i) => at(i, INPUTS));
  const outs = Array.from({ length: drawn }, (_, i) => at(i, drawn));
  return (
    <>
      {outs
        .toReversed()
        .flatMap((y, i) =>
          ins.map(x => (
            <line
              key={`${y} ${x}`}
              className={i === outs.length - 1 ? 'picture-weight first' : 'picture-weight'}
              x1={left}
              y1={x}
              x2={right}
              y2={y}
            />
          )),
        )}
      {ins.map(y => (
        <circle key={y} className="picture-unit" cx={left} cy={y} r={5} />
      ))}
      {outs.map((y, i) => (
        <circle key={y} className={i === 0 ? 'picture-unit first' : 'picture-unit'} cx={right} cy={y} r={5} />
      ))}
      <text x={left - 14} y={height / 2 + 4} textAnchor="end">
        inputs
      </text>
      <text x={right + 14} y={height / 2 + 4}>
        {count(outputs)} {outputs === 1 ? 'output' : 'outputs'}
      </text>
    </>
  );
}
