/** A confusion matrix: true classes by row, answers by column, each row shaded by its shares. Knows no run. */
import { useState } from 'react';
import { count, percent } from './format.ts';
import './confusion.css';

interface ConfusionProps {
  classes: readonly string[];
  /** By true class, then by answered class. */
  counts: readonly (readonly number[])[];
  /** What is counted: `image`. */
  unit: string;
}

interface Cell {
  truth: number;
  answer: number;
}

export function Confusion({ classes, counts, unit }: ConfusionProps) {
  const [at, setAt] = useState<Cell | null>(null);
  const totals = counts.map(row => row.reduce((sum, each) => sum + each, 0));
  const shareOf = ({ truth, answer }: Cell) => (counts[truth]?.[answer] ?? 0) / (totals[truth] || 1);
  const read = ({ truth, answer }: Cell) =>
    `${classes[truth]} taken for ${classes[answer]}: ${count(counts[truth]?.[answer] ?? 0)} of ${count(totals[truth] ?? 0)} (${percent(shareOf({ truth, answer }))})`;
  const worst = worstOf(counts);
  return (
    <figure className="confusion">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: leaving the table ends what hovering its cells shows */}
      <div className="confusion-frame" onMouseLeave={() => setAt(null)}>
        <table aria-label={`Confusion matrix, ${unit}s by true class and answer`}>
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
                  return (
                    <td
                      key={answered}
                      data-right={truth === answer || undefined}
                      data-strong={share > 55 || undefined}
                      style={{ '--share': `${share}%` } as React.CSSProperties}
                      onMouseEnter={() => setAt(cell)}
                    >
                      {value > 0 ? count(value) : ''}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className="tiny truncate">
        {at ? read(at) : worst ? `Most often confused: ${read(worst)}` : 'Nothing is confused.'}
      </figcaption>
    </figure>
  );
}

/** The largest count off the diagonal. */
function worstOf(counts: readonly (readonly number[])[]): Cell | null {
  let worst: (Cell & { value: number }) | null = null;
  for (const [truth, row] of counts.entries())
    for (const [answer, value] of row.entries())
      if (truth !== answer && value > (worst?.value ?? 0)) worst = { truth, answer, value };
  return worst;
}
