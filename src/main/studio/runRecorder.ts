/** Records a trainer's messages in the database, and updates the summary for windows. */
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import type { RunChange } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { keepCheckpoint } from './checkpoints.ts';
import { featureLine } from './featureLine.ts';

/** Records a message in one transaction, then updates the summary. */
export function record(
  workspace: Workspace,
  summary: RunSummary,
  message: TrainerMessage,
  stepsPerEpoch: number,
): void {
  const change: RunChange = workspace.transaction(() => {
    const changed = changeOf(workspace, summary, message, stepsPerEpoch);
    workspace.runs.updateRun(summary.id, changed);
    return changed;
  });
  // Files are removed after the commit, never before.
  if (message.type === 'checkpoint') void workspace.removals.sweep();
  Object.assign(summary, change);
  if (message.type === 'features') summary.features = featureLine(message, workspace.folder);
  if (message.type === 'steps') summary.rate = message.rate;
  if (summary.state !== 'running') summary.rate = 0;
}

function changeOf(
  workspace: Workspace,
  { id, metrics }: RunSummary,
  message: TrainerMessage,
  stepsPerEpoch: number,
): RunChange {
  switch (message.type) {
    case 'start':
      return { steps: message.steps };
    case 'steps': {
      workspace.runs.appendSteps(id, message.points);
      const { step, seconds, loss, accuracy } = message.points.at(-1)!;
      const latest = { ...metrics, 'step.loss': loss, 'step.accuracy': accuracy };
      return { step, seconds, epoch: Math.floor(step / stepsPerEpoch), metrics: latest };
    }
    case 'epoch': {
      const { epoch, trainLoss, trainAccuracy, valLoss, valAccuracy } = message.point;
      workspace.runs.appendEpoch(id, message.point);
      const figures = Object.entries(message.point.metrics).map(([name, value]) => [`val.${name}`, value]);
      const validated =
        valLoss === null ? {} : { 'val.accuracy': valAccuracy!, ...Object.fromEntries(figures) };
      const trained = { 'train.loss': trainLoss, 'train.accuracy': trainAccuracy };
      return { epoch, metrics: { ...metrics, ...trained, ...validated } };
    }
    case 'evaluation': {
      const { epoch, step, report } = message;
      const heads = report.heads.map(({ scores, predictions: _, ...head }) => ({
        ...head,
        scores: [...scores],
      }));
      const predictions = report.heads.find(each => each.predictions)?.predictions ?? null;
      workspace.runs.putEvaluation(id, { ...report, heads, predictions, epoch, step });
      return {};
    }
    case 'samples':
      workspace.runs.putSamples(id, message.samples);
      return {};
    case 'health':
      workspace.runs.appendHealth(id, message.step, message.nodes);
      return {};
    case 'checkpoint':
      keepCheckpoint(workspace, id, message);
      return {};
    case 'waiting':
      // Not recorded, as the disk just refused a checkpoint (see activeRun.ts).
      return {};
    case 'features': {
      const environment = workspace.runs.getRun(id)?.environment;
      const features = featureLine(message, workspace.folder);
      workspace.runs.updateRun(id, { environment: { ...environment, features } });
      return {};
    }
    case 'paused':
      return { state: 'paused' };
    case 'resumed':
      return { state: 'running' };
    case 'end': {
      const { state, weightHash, seconds } = message;
      return { state, weightHash, seconds, metrics: { ...metrics, ...message.metrics }, endedAt: Date.now() };
    }
    case 'failed':
      return { state: 'failed', error: message.message, endedAt: Date.now() };
  }
}
