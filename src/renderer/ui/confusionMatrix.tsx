/**
 * A confusion matrix: true classes by row, answers by column, each row shaded by its shares. Of many classes it is a
 * picture, and beside it the pairs that are confused most. Where somebody listens, cells can be chosen. Knows no run.
 */
import { useState } from 'react';
import { ConfusionMap } from './confusionMap.tsx';
import type { ConfusionCell, ConfusionParts, ConfusionProps } from './confusionParts.ts';
import { count, percent } from './numberFormat.ts';
import './confusionMatrix.css';

/** A cell must be large enough to be met, and its class to be read. */
const MOST_CLASSES = 30;
/** Pairs that are listed beside a picture. */
const MOST_PAIRS = 40;

const isSame = (a: ConfusionCell | null | undefined, b: ConfusionCell) =>
  a?.truth === b.truth && a.answer === b.answer;

export function Confusion({ classes, counts, unit, chosen, onChoose }: ConfusionProps) {
  const [at, setAt] = useState<ConfusionCell | null>(null);
  const totals = counts.map(row => row.reduce((sum, each) => sum + each, 0));
  const shareOf = ({ truth, answer }: ConfusionCell) => (counts[truth]?.[answer] ?? 0) / (totals[truth] || 1);
  const read = (cell: ConfusionCell) =>
    `${classes[cell.truth]} taken for ${classes[cell.answer]}: ${count(counts[cell.truth]?.[cell.answer] ?? 0)} of ${count(totals[cell.truth] ?? 0)} (${percent(shareOf(cell))})`;
  const pairs = confusedPairs(counts, classes.length > MOST_CLASSES ? MOST_PAIRS : 1);
  const label = `Confusion matrix, ${unit}s by true class and answer`;
  const parts = { classes, counts, label, at, setAt, shareOf, read, chosen, onChoose };
  return (
    <figure className="confusion">
      {classes.length > MOST_CLASSES ? (
        <>
          <ConfusionMap {...parts} />
          <Pairs {...parts} pairs={pairs} />
        </>
      ) : (
        <Matrix {...parts} />
      )}
      <figcaption className="tiny truncate">
        {at ? read(at) : pairs[0] ? `Most often confused: ${read(pairs[0])}` : 'Nothing is confused.'}
      </figcaption>
    </figure>
  );
}

function Matrix({ classes, counts, label, at, setAt, shareOf, read, chosen, onChoose }: ConfusionParts) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: leaving the table ends what hovering its cells shows
    <div className="confusion-frame" onMouseLeave={() => setAt(null)}>
      <table aria-label={label}>
        <thead>
          <tr>
            <td />
            {classes.map((name, answer) => (
              <th key={name} scope="col" data-at={at?.answer === answer || undefined}>
                <span className="truncate">{name}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {classes.map((name, truth) => (
            <tr key={name}>
              <th scope="row" className="truncate" data-at={at?.truth === truth || undefined}>
                {name}
              </th>
              {classes.map((answered, answer) => {
                const cell = { truth, answer };
                const share = Math.round(100 * shareOf(cell));
                const value = counts[truth]?.[answer] ?? 0;
                const text = value > 0 ? count(value) : '';
                return (
                  <td
                    key={answered}
                    data-right={truth === answer || undefined}
                    data-strong={share > 55 || undefined}
                    style={{ '--share': `${share}%` } as React.CSSProperties}
                    onMouseEnter={() => setAt(cell)}
                  >
                    {onChoose && value > 0 ? (
                      <button
                        type="button"
                        aria-label={read(cell)}
                        aria-pressed={isSame(chosen, cell)}
                        onFocus={() => setAt(cell)}
                        onClick={() => onChoose(cell)}
                      >
                        {text}
                      </button>
                    ) : (
                      text
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Pairs({ pairs, read, chosen, onChoose }: ConfusionParts & { pairs: readonly ConfusionCell[] }) {
  return (
    <ul className="confused-pairs" aria-label="Most often confused">
      {pairs.map(cell => (
        <li key={`${cell.truth} ${cell.answer}`}>
          {onChoose ? (
            <button type="button" aria-pressed={isSame(chosen, cell)} onClick={() => onChoose(cell)}>
              {read(cell)}
            </button>
          ) : (
            read(cell)
          )}
        </li>
      ))}
    </ul>
  );
}

/** The largest counts off the diagonal. */
function confusedPairs(counts: readonly (readonly number[])[], most: number): ConfusionCell[] {
  return counts
    .flatMap((row, truth) => row.map((value, answer) => ({ truth, answer, value })))
    .filter(({ truth, answer, value }) => truth !== answer && value > 0)
    .sort((a, b) => b.value - a.value)
    .slice(0, most);
}
