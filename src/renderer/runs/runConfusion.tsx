/** Confusion matrices side by side; a cell opens its images. Below each, how well each class was found. */
import { SegmentedControl } from '@mantine/core';
import type { EvaluatedHead, RunEvaluation, RunSummary } from '../../bridge/runCalls.ts';
import { Confusion } from '../ui/confusionMatrix.tsx';
import type { ConfusionCell } from '../ui/confusionParts.ts';
import { count, fraction } from '../ui/numberFormat.ts';
import { RunState } from '../ui/runState.tsx';
import { useAnsweredImages, useEvaluations, useLooking } from './evaluations.ts';
import { Gallery } from './gallery.tsx';
import { hueOfRun, useComparison } from './runSelection.ts';

/** More matrices side by side tell nothing. */
const MOST_RUNS = 6;

export function Confusions({ runs }: { runs: readonly RunSummary[] }) {
  const { split, cell } = useLooking();
  const shown = runs.slice(0, MOST_RUNS);
  const evaluations = useEvaluations(shown, split);
  const chosen = cell && evaluations[cell.run];
  const images = useAnsweredImages(cell && { split, ...cell }, chosen);
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
  const cell = useLooking(state => state.cell);
  const choose = ({ truth, answer }: ConfusionCell) =>
    useLooking.setState({ cell: { run: run.id, label: truth, answered: answer } });
  return (
    <section className="card run-confusion" aria-label={`Confusion of ${run.name}`}>
      <div className="card-head">
        <h2 className="truncate">
          <i className="swatch" style={{ background: hue }} /> {run.name}
        </h2>
        <RunState state={run.state} />
      </div>
      {evaluation === null && <p className="dim">These images were not asked about yet.</p>}
      {evaluation && !head && <p className="dim">It answers with boxes: there are no classes to confuse.</p>}
      {head && (
        <Confusion
          classes={head.classes}
          counts={head.confusion}
          unit={head.answer === 'mask' ? 'pixel' : 'image'}
          chosen={cell?.run === run.id ? { truth: cell.label, answer: cell.answered } : null}
          onChoose={head.answer === 'class' ? choose : undefined}
        />
      )}
      {head && <PerClass head={head} />}
    </section>
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
