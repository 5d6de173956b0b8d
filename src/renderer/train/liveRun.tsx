/** One run: how far it is, how it fares, and what can be done to it. Live while it computes. */
import { Button } from '@mantine/core';
import { IconPlayerPauseFilled, IconPlayerPlayFilled, IconPlayerStopFilled } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import type { RunSummary } from '../../bridge/runCalls.ts';
import { goTo } from '../store/activePage.ts';
import { useDocument } from '../store/openDocument.ts';
import { useRunMetrics } from '../store/runCurves.ts';
import { isActive, useStudio } from '../store/studioState.ts';
import { NumberInput } from '../ui/fields/textInput.tsx';
import { count, duration, fraction, percent, UNKNOWN_FIGURE } from '../ui/numberFormat.ts';
import { RunState } from '../ui/runState.tsx';
import { Doctor } from './doctorFindings.tsx';
import { CurveTools, LiveCurves } from './liveCurves.tsx';
import { Predictions } from './predictions.tsx';
import { Evaluation } from './runEvaluation.tsx';
import {
  fineTunable,
  fineTuneStages,
  pauseRun,
  resumeRun,
  setLearningRate,
  stopRun,
} from './trainActions.ts';

/** @param views what leads to the other view of the place */
export function LiveRun({ run, views }: { run: RunSummary; views: ReactNode }) {
  const share = run.steps > 0 ? run.step / run.steps : 0;
  return (
    <section className="train-run" aria-label={`Run ${run.name}`}>
      <header className="train-run-head">
        <div className="train-run-title">
          {views}
          <h1 className="truncate">{run.name}</h1>
          <RunState state={run.state} />
          <span className="tiny truncate">
            {run.projectName} on {run.dataset}
            <Origin of={run} />
          </span>
        </div>
        {isActive(run) ? <Controls run={run} /> : <Afterwards run={run} />}
      </header>
      {run.error !== null && (
        <p className="train-error" role="alert">
          {run.error}
        </p>
      )}
      {run.features && <p className="tiny">{run.features}</p>}
      <div
        className="train-progress"
        role="progressbar"
        aria-label="Progress"
        aria-valuemin={0}
        aria-valuemax={run.steps}
        aria-valuenow={run.step}
        aria-valuetext={`epoch ${run.epoch} of ${run.epochs}, ${percent(share)}`}
        data-state={run.state}
      >
        <i style={{ width: `${100 * share}%` }} />
      </div>
      <Figures run={run} share={share} />
      <div className="train-live">
        <div className="train-strip">
          <Doctor run={run} />
          <CurveTools />
        </div>
        <div className="train-charts">
          <LiveCurves id={run.id} isOver={run.endedAt !== null} />
        </div>
        <div className="train-answers">
          <Predictions run={run} />
          <Evaluation run={run} />
        </div>
      </div>
    </section>
  );
}

/** Whose weights it began with. */
function Origin({ of: { origin } }: { of: RunSummary }) {
  const name = useStudio(state => (origin === null ? undefined : state.runs[origin]?.name));
  if (origin === null) return null;
  return `, from the weights of ${name ?? 'a run that was deleted'}`;
}

function Figures({ run, share }: { run: RunSummary; share: number }) {
  const left = share > 0 && run.state === 'running' ? (run.seconds / share) * (1 - share) : Number.NaN;
  const test = run.metrics['test.accuracy'];
  const figures: [label: string, value: string][] = [
    ['Epoch', `${count(run.epoch)} of ${count(run.epochs)}`],
    ['Step', `${count(run.step)} of ${count(run.steps)}`],
    ['Images per second', run.rate > 0 ? count(run.rate) : UNKNOWN_FIGURE],
    ['Time', duration(run.seconds)],
    isActive(run)
      ? ['Time left', duration(left)]
      : ['Test accuracy', test === undefined ? UNKNOWN_FIGURE : fraction(test)],
  ];
  return (
    <dl className="figures train-figures">
      {figures.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Controls({ run }: { run: RunSummary }) {
  const isPaused = run.state === 'paused';
  return (
    <div className="train-controls">
      <LearningRate run={run} />
      {isPaused ? (
        <Button leftSection={<IconPlayerPlayFilled size={13} />} onClick={() => resumeRun(run.id)}>
          Resume
        </Button>
      ) : (
        <Button leftSection={<IconPlayerPauseFilled size={13} />} onClick={() => pauseRun(run.id)}>
          Pause
        </Button>
      )}
      <Button
        color="red"
        leftSection={<IconPlayerStopFilled size={13} />}
        title="Ends it here; what it learned is kept."
        onClick={() => stopRun(run.id)}
      >
        Stop
      </Button>
    </div>
  );
}

/** A run that did not reach its end can be taken up from its last checkpoint. */
function Afterwards({ run }: { run: RunSummary }) {
  const project = useDocument(state => state.project);
  const start = useDocument(state => state.document.training.start.weights);
  const weights = fineTunable(run, project, start);
  return (
    <div className="train-controls">
      {weights && (
        <Button
          variant="filled"
          title={`The last stages of ${weights.title} learn, too, each at half the rate of the one behind it.`}
          onClick={() => fineTuneStages(run, weights)}
        >
          Fine-tune
        </Button>
      )}
      {run.state !== 'finished' && run.state !== 'queued' && (
        <Button title="Goes on from the last checkpoint." onClick={() => resumeRun(run.id)}>
          Resume
        </Button>
      )}
      <Button onClick={() => goTo('runs')}>Compare runs</Button>
    </div>
  );
}

/** The learning rate can be changed under way; Enter sends it. */
function LearningRate({ run }: { run: RunSummary }) {
  const started = run.settings.learningRate;
  const latest = useRunMetrics([run.id])[run.id]?.steps.learningRate.at(-1);
  // The engine computes with float32: 0.02 comes back as 0.019999999552965164.
  const current = latest === undefined ? started : Number(latest.toPrecision(6));
  const [wanted, setWanted] = useState<number | string | null>(null);
  const invalid = wanted !== null && !(typeof wanted === 'number' && wanted > 0 && wanted <= 1000);
  const send = () => {
    if (invalid) return;
    if (typeof wanted === 'number' && wanted !== current) void setLearningRate(run.id, wanted);
    setWanted(null);
  };
  return (
    <div className="train-rate">
      <span className="dim">Learning rate</span>
      <NumberInput
        label="Learning rate of this run"
        value={wanted ?? current}
        invalid={invalid}
        onChange={setWanted}
        onDone={send}
      />
    </div>
  );
}
