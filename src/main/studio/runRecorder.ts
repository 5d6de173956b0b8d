/** Turns what a trainer says into rows, first, and into the summary that windows are told of. */
import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runs.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import type { RunChange } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';

/** Where a run's checkpoints lie, relative to the workspace. */
export function folderOf(run: Id): string {
  return join('runs', run);
}

/** The file of the weights with which a run answered best; null where there is none. */
export function bestWeights({ runs, folder }: Workspace, run: Id): string | null {
  const kept = runs.listCheckpoints(run);
  const chosen = kept.find(({ kind }) => kind === 'best') ?? kept[0];
  return chosen ? join(folder, chosen.path) : null;
}

/** Writes a message in one transaction, and then changes the summary by it. */
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
  Object.assign(summary, change);
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
      // The disk that refused a checkpoint is not asked to keep that it did (activeRun.ts).
      return {};
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

/** Records a checkpoint that is on disk; the one before it of the same kind goes. */
function keepCheckpoint(
  { runs, folder }: Workspace,
  run: Id,
  { kind, path, step, epoch }: Extract<TrainerMessage, { type: 'checkpoint' }>,
): void {
  const kept = join(folderOf(run), basename(path));
  const former = runs.listCheckpoints(run).filter(other => other.kind === kind && other.path !== kept);
  runs.addCheckpoint(run, { step, epoch, path: kept, kind, createdAt: Date.now() });
  for (const other of former) {
    runs.deleteCheckpoint(run, other.path);
    rmSync(join(folder, other.path), { force: true });
  }
}
