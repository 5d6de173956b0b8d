/** What a run suffers from, told by its own numbers, and what helps: each remedy is one step of undo. */
import { Button } from '@mantine/core';
import { IconHeartbeat, IconStethoscope } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { RecordedRun } from '../../engine/doctor/recordedRun.ts';
import { examine, type FoundIllness, treat } from '../../engine/doctor/registry.ts';
import type { Remedy } from '../../engine/doctor/remedy.ts';
import { studio } from '../store/connection.ts';
import { edit, useDocument } from '../store/openDocument.ts';
import { usePulled } from '../store/pulled.ts';
import { runQuestion } from '../store/questions.ts';
import { useRunMetrics } from '../store/runCurves.ts';
import { isActive } from '../store/studioState.ts';
import { showMessage } from '../ui/toast.tsx';
import { useTrainCountsOf } from './classImageCounts.ts';
import { useEvaluation } from './runEvaluation.tsx';

/** Steps between two looks at a loss that changes with each. */
const STEPS_BETWEEN_LOOKS = 25;

export function Doctor({ run }: { run: RunSummary }) {
  const chart = useCharted(run);
  const found = useMemo(() => (chart ? examine(chart) : []), [chart]);
  if (!chart) return null;
  if (found.length === 0) {
    return (
      <p className="doctor-well dim" role="status">
        <IconHeartbeat size={15} />
        {isActive(run) ? 'Nothing is wrong with this run so far.' : 'Nothing was wrong with this run.'}
      </p>
    );
  }
  return (
    <section className="card doctor" aria-label="Doctor">
      {found.map(each => (
        <Finding key={each.illness.name} found={each} chart={chart} run={run} />
      ))}
    </section>
  );
}

function Finding({ found, chart, run }: { found: FoundIllness; chart: RecordedRun; run: RunSummary }) {
  const document = useDocument(state => state.document);
  const isOpen = useDocument(state => state.project === run.project);
  const remedies = useMemo(
    () => (isOpen ? treat(found, chart, document) : []),
    [isOpen, found, chart, document],
  );
  return (
    <article className="doctor-finding" aria-label={found.illness.title}>
      <IconStethoscope size={18} aria-hidden="true" />
      <div>
        <h2>{found.illness.title}</h2>
        <p>{found.text}</p>
        <div className="doctor-remedies">
          {remedies.map(remedy => (
            <Button key={remedy.title} onClick={() => take(remedy)}>
              {remedy.title}
            </Button>
          ))}
          {!isOpen && <span className="tiny">Open the project of this run to take a remedy.</span>}
          {isOpen && remedies.length === 0 && (
            <span className="tiny">The project has every remedy already: train it again.</span>
          )}
        </div>
      </div>
    </article>
  );
}

function take(remedy: Remedy): void {
  edit(remedy.apply);
  showMessage(`${remedy.title}: done in the project. It holds for the next run; Ctrl+Z takes it back.`);
}

/** What the run recorded so far, read again as often as it may tell something new. */
function useCharted(run: RunSummary): RecordedRun | undefined {
  const { id } = run;
  const metrics = useRunMetrics([id])[id];
  const detail = usePulled(runQuestion(id));
  const health = usePulled({
    key: ['health', id],
    version: Math.floor(run.step / 100),
    ask: async () => studio().runHealth(id, 0),
  });
  const evaluation = useEvaluation(run, 'val');
  const counts = useTrainCountsOf(run.dataset);
  const ended = !isActive(run);
  // The last points come after the end is told of.
  const steps = Math.floor((metrics?.steps.step.length ?? 0) / (ended ? 1 : STEPS_BETWEEN_LOOKS));
  const epochs = metrics?.epochs.epoch.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: curves grow in place, and steps and epochs tell how far
  return useMemo((): RecordedRun | undefined => {
    if (!metrics || !detail) return undefined;
    const { document } = detail;
    const classes = evaluation?.heads.find(({ answer }) => answer === 'class');
    return {
      training: document.training,
      graph: document.graph,
      error: run.error,
      ended,
      steps: metrics.steps,
      epochs: metrics.epochs,
      health: health?.nodes ?? [],
      classCounts: counts ?? null,
      recalls: classes?.perClass.map(({ recall }) => recall) ?? null,
    };
  }, [metrics, steps, epochs, detail, health, evaluation, counts, run.error, ended]);
}
