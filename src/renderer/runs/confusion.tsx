/** Confusion matrices side by side; a cell opens its images. Below each, how well each class was found. */
import { SegmentedControl } from '@mantine/core';
import type { EvaluatedHead, RunEvaluation, RunSummary } from '../../bridge/contract.ts';
import { count, fraction } from '../ui/format.ts';
import { RunState } from '../ui/runState.tsx';
import { useAnsweredImages, useEvaluations, useLooking } from './evaluations.ts';
import { Gallery } from './gallery.tsx';
import { hueOfRun, useComparison } from './selection.ts';

/** More matrices side by side tell nothing. */
const MOST_RUNS = 6;
/** A cell must be large enough to be met. */
const MOST_CLASSES = 30;
const MOST_PAIRS = 40;

export function Confusion({ runs }: { runs: readonly RunSummary[] }) {
  const { split, cell } = useLooking();
  const shown = runs.slice(0, MOST_RUNS);
  const evaluations = useEvaluations(shown, split);
  const chosen = cell && evaluations[cell.run];
  const images = useAnsweredImages(cell && chosen ? { split, ...cell } : null);
  return (
    <>
      <div className="confusions">
        {shown.map(run => (
          <OfRun key={run.id} run={run} evaluation={evaluations[run.id]} />
        ))}
      </div>
      <section className="card confusion-side" aria-label="Images of a cell">
        <SplitChoice />
        {cell && chosen ? (
          <Gallery
            label="Images"
            dataset={chosen.dataset}
            classes={classHead(chosen)?.classes ?? []}
            answered={images}
          />
        ) : (
          <p className="dim runs-none">A cell opens its images. Rows are true, columns are answered.</p>
        )}
      </section>
    </>
  );
}

export function SplitChoice() {
  const split = useLooking(state => state.split);
  return (
    <SegmentedControl
      aria-label="Images of"
      value={split}
      data={[
        { value: 'test', label: 'Test' },
        { value: 'val', label: 'Validation' },
      ]}
      onChange={value => useLooking.setState({ split: value === 'val' ? 'val' : 'test', cell: null })}
    />
  );
}

/** The answer whose classes are told apart: that of the image, else that of its pixels. */
export function classHead({ heads }: RunEvaluation): EvaluatedHead | undefined {
  return heads.find(({ answer }) => answer === 'class') ?? heads.find(({ answer }) => answer === 'mask');
}

function OfRun({ run, evaluation }: { run: RunSummary; evaluation: RunEvaluation | null | undefined }) {
  const hue = useComparison(state => hueOfRun(state.hues, run.id));
  const head = evaluation && classHead(evaluation);
  return (
    <section className="card confusion" aria-label={`Confusion of ${run.name}`}>
      <div className="card-head">
        <h2 className="truncate">
          <i className="swatch" style={{ background: hue }} /> {run.name}
        </h2>
        <RunState state={run.state} />
      </div>
      {evaluation === null && <p className="dim">These images were not asked about yet.</p>}
      {evaluation && !head && <p className="dim">It answers with boxes: there are no classes to confuse.</p>}
      {head &&
        (head.classes.length <= MOST_CLASSES ? (
          <Matrix run={run} head={head} />
        ) : (
          <Pairs run={run} head={head} />
        ))}
      {head && <PerClass head={head} />}
    </section>
  );
}

function Matrix({ run, head }: { run: RunSummary; head: EvaluatedHead }) {
  const cell = useLooking(state => state.cell);
  const { classes, confusion, answer } = head;
  return (
    <div className="matrix" style={{ gridTemplateColumns: `repeat(${classes.length}, minmax(0, 1fr))` }}>
      {confusion.flatMap((row, label) => {
        const total = row.reduce((sum, each) => sum + each, 0);
        return row.map((images, answered) => {
          const isChosen = cell?.run === run.id && cell.label === label && cell.answered === answered;
          const name = `${classes[label]} taken for ${classes[answered]}: ${count(images)}`;
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: a matrix is its places
              key={`${label} ${answered}`}
              type="button"
              aria-label={name}
              title={name}
              aria-pressed={isChosen}
              disabled={images === 0 || answer !== 'class'}
              data-right={label === answered || undefined}
              style={{ '--share': total > 0 ? images / total : 0 } as React.CSSProperties}
              onClick={() => useLooking.setState({ cell: { run: run.id, label, answered } })}
            >
              {classes.length <= 12 && images > 0 ? images : ''}
            </button>
          );
        });
      })}
    </div>
  );
}

/** Of many classes the pairs that are confused most. */
function Pairs({ run, head }: { run: RunSummary; head: EvaluatedHead }) {
  const { classes, confusion } = head;
  const pairs = confusion
    .flatMap((row, label) => row.map((images, answered) => ({ label, answered, images })))
    .filter(({ label, answered, images }) => label !== answered && images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, MOST_PAIRS);
  return (
    <ul className="confused-pairs">
      {pairs.map(({ label, answered, images }) => (
        <li key={`${label} ${answered}`}>
          <button
            type="button"
            disabled={head.answer !== 'class'}
            onClick={() => useLooking.setState({ cell: { run: run.id, label, answered } })}
          >
            {classes[label]} taken for {classes[answered]} <b>{count(images)}</b>
          </button>
        </li>
      ))}
    </ul>
  );
}

function PerClass({ head: { classes, perClass } }: { head: EvaluatedHead }) {
  return (
    <table className="per-class">
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col">Precision</th>
          <th scope="col">Recall</th>
          <th scope="col">F1</th>
          <th scope="col">Support</th>
        </tr>
      </thead>
      <tbody>
        {perClass.map(({ precision, recall, f1, support }, i) => (
          <tr key={classes[i]}>
            <th scope="row" className="truncate">
              {classes[i]}
            </th>
            <td>{fraction(precision)}</td>
            <td>{fraction(recall)}</td>
            <td>{fraction(f1)}</td>
            <td>{count(support)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
