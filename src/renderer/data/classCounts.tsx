/** The balance of a dataset: a bar for each class, divided by split. A click shows that class's images alone. */
import type { DatasetDetail, DatasetSummary, Split } from '../../bridge/datasetCalls.ts';
import type { ImageFilter } from '../store/openDataset.ts';
import { count } from '../ui/numberFormat.ts';
import { SPLITS } from './splits.ts';

interface ClassCountsProps {
  dataset: DatasetSummary;
  detail: DatasetDetail | undefined;
  filter: ImageFilter;
  onFilter: (filter: ImageFilter) => void;
}

export function ClassCounts({ dataset, detail, filter, onFilter }: ClassCountsProps) {
  const countOf = (split: Split, label: number) => detail?.classCounts[split][label] ?? 0;
  const totals = dataset.classes.map((_, label) =>
    SPLITS.reduce((sum, { split }) => sum + countOf(split, label), 0),
  );
  const most = Math.max(1, ...totals);
  return (
    <section className="card class-counts" aria-label="Images of each class">
      <div className="card-head">
        <h2>Classes</h2>
      </div>
      <ul className="chart-legend">
        {SPLITS.map(({ split, title, hue }) => (
          <li key={split}>
            <i className="swatch" style={{ background: hue }} />
            <span className="dim">{title}</span>
            <b>{count(detail?.classCounts[split].reduce((sum, n) => sum + n, 0) ?? 0)}</b>
          </li>
        ))}
      </ul>
      <ul className="class-list">
        {dataset.classes.map((name, label) => {
          const isChosen = filter.label === label;
          const parts = SPLITS.map(({ split, title }) => `${count(countOf(split, label))} ${title}`);
          return (
            // Classes of a dataset never move, and two may bear one name.
            // biome-ignore lint/suspicious/noArrayIndexKey: the index is the class
            <li key={label}>
              <button
                type="button"
                className="class-item"
                aria-pressed={isChosen}
                aria-label={`${name}: ${parts.join(', ')}`}
                title={`${name}: ${parts.join(', ')}`}
                onClick={() => onFilter({ ...filter, label: isChosen ? null : label })}
              >
                <span className="truncate">{name}</span>
                <span className="class-bar">
                  {SPLITS.map(({ split, hue }) => (
                    <i
                      key={split}
                      style={{ width: `${(100 * countOf(split, label)) / most}%`, background: hue }}
                    />
                  ))}
                </span>
                <b>{count(totals[label] ?? 0)}</b>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
