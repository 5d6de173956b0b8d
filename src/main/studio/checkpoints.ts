/**
 * The checkpoints of runs, as they lie in the workspace: recorded, replaced, and found again whole. Of a run the last
 * two and the best are kept, so that one that the disk has damaged has another before it.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Id } from '../../bridge/ids.ts';
import { checkpointFault } from '../../engine/runtime/checkpoint.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { idFolder } from '../database/idFolders.ts';
import type { Checkpoint } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { realPathInside } from '../removal.ts';
import { UserError } from '../userError.ts';

type Kind = 'last' | 'best';

/** How many of each kind are kept. */
const KEPT: Readonly<Record<Kind, number>> = { last: 2, best: 1 };

/** A checkpoint's file, and one that was being written when its process died. */
const FILE = /^(last|best)-(\d{1,15})\.safetensors$/;
const PARTIAL = /^\.(last|best)-\d{1,15}\.safetensors\.\d+\.tmp$/;

/**
 * Records a checkpoint that is on the disk, and gives up those that it makes superfluous. Belongs into a transaction;
 * the files go with the next sweep after it.
 */
export function keepCheckpoint(
  { runs, removals, folder }: Workspace,
  run: Id,
  { kind, path, step, epoch }: Extract<TrainerMessage, { type: 'checkpoint' }>,
): void {
  const kept = join('runs', run, basename(path));
  runs.addCheckpoint(run, { step, epoch, path: kept, kind, createdAt: Date.now() });
  const ofKind = runs.listCheckpoints(run).filter(other => other.kind === kind);
  for (const other of ofKind.slice(KEPT[kind])) runs.deleteCheckpoint(run, other.path);
  // Also what was written and never recorded, because the process died in between, once the run is past it.
  const recorded = new Set(runs.listCheckpoints(run).map(other => basename(other.path)));
  for (const name of filesIn(idFolder(folder, 'runs', run))) {
    const [, itsKind, itsStep] = FILE.exec(name) ?? [];
    if (itsKind === undefined || recorded.has(name)) continue;
    if (Number(itsStep) < step || (itsKind === kind && Number(itsStep) === step))
      removals.note('runs', run, name);
  }
}

/** Notes what a process that died was just writing. */
export function discardPartial({ removals, folder }: Workspace, run: Id): void {
  for (const name of filesIn(idFolder(folder, 'runs', run)))
    if (PARTIAL.test(name)) removals.note('runs', run, name);
}

/**
 * The checkpoint that a run goes on from: the last that is whole; undefined where it has none.
 *
 * @returns with it, a sentence about those that had to be passed over
 * @throws UserError where it had some, and none is whole
 */
export function lastCheckpoint(
  workspace: Workspace,
  run: { id: Id; name: string },
): { checkpoint: Checkpoint | undefined; path: string | null; note: string | null } {
  const candidates = workspace.runs.listCheckpoints(run.id).filter(({ kind }) => kind === 'last');
  const { found, faults } = firstWhole(workspace, run.id, candidates);
  if (found) {
    const note = faults.length
      ? `${run.name} goes on from step ${found.checkpoint.step}, its checkpoint before: ${faults.join('; ')}.`
      : null;
    return { ...found, note };
  }
  if (faults.length === 0) return { checkpoint: undefined, path: null, note: null };
  throw new UserError(
    `${run.name} cannot go on: ${faults.join('; ')}. What it recorded stays as it is; put the file back from a copy, or restore the run to the canvas and start anew.`,
  );
}

/**
 * The weights that a run answers with: of its best checkpoint, else of the last that is whole.
 *
 * @returns with them, a sentence where it is not the one that was meant; a path of null where the run has none
 * @throws UserError where it had some, and none is whole
 */
export function bestWeights(
  workspace: Workspace,
  run: { id: Id; name: string },
): { path: string | null; note: string | null } {
  const kept = workspace.runs.listCheckpoints(run.id);
  const candidates = [
    ...kept.filter(({ kind }) => kind === 'best'),
    ...kept.filter(({ kind }) => kind !== 'best'),
  ];
  const { found, faults } = firstWhole(workspace, run.id, candidates);
  if (found) {
    const { kind, step } = found.checkpoint;
    const note = faults.length
      ? `${run.name} answers with its ${kind} weights, of step ${step}: ${faults.join('; ')}.`
      : null;
    return { path: found.path, note };
  }
  if (faults.length === 0) return { path: null, note: null };
  throw new UserError(
    `${run.name} has no weights to answer with: ${faults.join('; ')}. Put the file back from a copy, or train it again.`,
  );
}

/**
 * The weights of one kind, of those the latest; those of any kind where the run has none of it.
 *
 * @throws UserError where there are none, or they are not whole
 */
export function weightsOfKind(
  workspace: Workspace,
  run: { id: Id; name: string },
  kind: Kind,
): { path: string; step: number } {
  const kept = workspace.runs.listCheckpoints(run.id);
  const checkpoint = kept.find(other => other.kind === kind) ?? kept[0];
  if (!checkpoint)
    throw new UserError(`${run.name} has no checkpoint yet: it keeps its first one after some seconds.`);
  const { found, faults } = firstWhole(workspace, run.id, [checkpoint]);
  if (!found) throw new UserError(`${run.name}: ${faults[0]}. Choose its other weights, or train it again.`);
  return { path: found.path, step: checkpoint.step };
}

/** The first whose file is whole, and what is wrong with those before it. */
function firstWhole(
  workspace: Workspace,
  run: Id,
  candidates: readonly Checkpoint[],
): { found: { checkpoint: Checkpoint; path: string } | undefined; faults: string[] } {
  const faults: string[] = [];
  for (const checkpoint of candidates) {
    const path = pathOf(workspace, run, checkpoint);
    const fault = path === undefined ? 'its file is not there' : checkpointFault(path);
    if (path !== undefined && fault === undefined) return { found: { checkpoint, path }, faults };
    faults.push(`the checkpoint ${basename(checkpoint.path)} cannot be used, ${fault}`);
  }
  return { found: undefined, faults };
}

/** Absolute; undefined where there is no such file in the run's folder, whatever the row says. */
function pathOf({ folder }: Workspace, run: Id, { path }: Checkpoint): string | undefined {
  const own = idFolder(folder, 'runs', run);
  try {
    return FILE.test(basename(path)) ? realPathInside(own, join(folder, path)) : undefined;
  } catch {
    return undefined;
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
