/** The images that runs answered worst, those of each run under each other. */
import type { RunEvaluation, RunSummary } from '../../bridge/runCalls.ts';
import { useAnsweredImages, useEvaluations, useLooking } from './evaluations.ts';
import { Gallery } from './gallery.tsx';
import { classHead, SplitChoice } from './runConfusion.tsx';

const MOST_RUNS = 4;

export function TopLosses({ runs }: { runs: readonly RunSummary[] }) {
  const split = useLooking(state => state.split);
  const shown = runs.slice(0, MOST_RUNS);
  const evaluations = useEvaluations(shown, split);
  return (
    <div className="top-losses">
      <SplitChoice />
      {shown.map(run => {
        const evaluation = evaluations[run.id];
        return (
          <section key={run.id} className="card" aria-label={`Top losses of ${run.name}`}>
            <h2 className="truncate">{run.name}</h2>
            {evaluation === null && <p className="dim">These images were not asked about yet.</p>}
            {evaluation && <OfRun run={run} evaluation={evaluation} />}
          </section>
        );
      })}
    </div>
  );
}

function OfRun({ run, evaluation }: { run: RunSummary; evaluation: RunEvaluation }) {
  const { dataset, split } = evaluation;
  const images = useAnsweredImages(
    dataset === null ? null : { run: run.id, split, label: null, answered: null },
    evaluation,
  );
  return (
    <Gallery
      label="Images"
      dataset={dataset}
      classes={classHead(evaluation)?.classes ?? []}
      answered={images}
    />
  );
}
