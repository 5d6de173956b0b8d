/**
 * The checkpoints of runs in the workspace: recording, rotation, and finding intact ones. Of each run the last two and
 * the best are kept, so that a damaged one has a predecessor.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Id } from '../../bridge/ids.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { checkpointFault, type Expected } from '../../engine/runtime/checkpoint.ts';
import type { TrainerMessage } from '../../engine/runtime/trainerMessages.ts';
import { idFolder } from '../database/idFolders.ts';
import type { Checkpoint, RunRecord } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { realPathInside } from '../removal.ts';
import { UserError } from '../userError.ts';

type Kind = 'last' | 'best';

/** The run whose checkpoints are looked for. */
type Owner = Pick<RunRecord, 'id' | 'name' | 'document'>;

/** Number of checkpoints kept, by kind. */
const KEPT: Readonly<Record<Kind, number>> = { last: 2, best: 1 };

/** The name of a checkpoint's file; with `.partial`, one that was being written when the process died. */
const CHECKPOINT_FILE = /^(last|best)-(\d{1,15})\.safetensors$/;
const PARTIAL_CHECKPOINT_FILE = /^\.(last|best)-\d{1,15}\.safetensors\.\d+\.tmp$/;

/**
 * Records a checkpoint that is on the disk, and schedules superseded ones for removal. To be called in a transaction;
 * the next sweep removes the files.
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
  // Includes files that were written but not recorded because the process died in between, once the run is past them.
  const recorded = new Set(runs.listCheckpoints(run).map(other => basename(other.path)));
  for (const name of filesIn(idFolder(folder, 'runs', run))) {
    const [, itsKind, itsStep] = CHECKPOINT_FILE.exec(name) ?? [];
    if (itsKind === undefined || recorded.has(name)) continue;
    if (Number(itsStep) < step || (itsKind === kind && Number(itsStep) === step))
      removals.note('runs', run, name);
  }
}

/** Schedules the partial file of a crashed process for removal. */
export function discardPartial({ removals, folder }: Workspace, run: Id): void {
  for (const name of filesIn(idFolder(folder, 'runs', run)))
    if (PARTIAL_CHECKPOINT_FILE.test(name)) removals.note('runs', run, name);
}

/**
 * The last intact checkpoint of a run; undefined where it has none.
 *
 * @returns with a sentence about damaged ones that were skipped
 * @throws UserError where it has checkpoints, but none is intact
 */
export function lastCheckpoint(
  workspace: Workspace,
  run: Owner,
): { checkpoint: Checkpoint | undefined; path: string | null; note: string | null } {
  const candidates = workspace.runs.listCheckpoints(run.id).filter(({ kind }) => kind === 'last');
  const { found, faults } = firstWhole(workspace, run, candidates, 'last');
  if (found) {
    const { step } = found.checkpoint;
    const which = candidates.includes(found.checkpoint) ? 'its checkpoint before' : 'which its folder holds';
    const note = faults.length
      ? `${run.name} goes on from step ${step}, ${which}: ${faults.join('; ')}.`
      : null;
    return { ...found, note };
  }
  if (faults.length === 0) return { checkpoint: undefined, path: null, note: null };
  throw new UserError(
    `${run.name} cannot go on: ${faults.join('; ')}. What it recorded stays as it is; put the file back from a copy, or restore the run to the canvas and start anew.`,
  );
}

/**
 * The weights for using a run: its best checkpoint, else the last intact one.
 *
 * @returns with a sentence where it is another than intended; `path` is null where the run has none
 * @throws UserError where it has checkpoints, but none is intact
 */
export function bestWeights(workspace: Workspace, run: Owner): { path: string | null; note: string | null } {
  const kept = workspace.runs.listCheckpoints(run.id);
  const candidates = [
    ...kept.filter(({ kind }) => kind === 'best'),
    ...kept.filter(({ kind }) => kind !== 'best'),
  ];
  const { found, faults } = firstWhole(workspace, run, candidates, 'best');
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
 * The latest weights of one kind; of any kind where the run has none of it.
 *
 * @throws UserError where there are none, or they are damaged
 */
export function weightsOfKind(workspace: Workspace, run: Owner, kind: Kind): { path: string; step: number } {
  const kept = workspace.runs.listCheckpoints(run.id);
  const checkpoint = kept.find(other => other.kind === kind) ?? kept[0];
  if (!checkpoint)
    throw new UserError(`${run.name} has no checkpoint yet: it keeps its first one after some seconds.`);
  const { found, faults } = firstWhole(workspace, run, [checkpoint]);
  if (!found) throw new UserError(`${run.name}: ${faults[0]}. Choose its other weights, or train it again.`);
  return { path: found.path, step: checkpoint.step };
}

/**
 * The first intact checkpoint, and what is wrong with those before it.
 *
 * @param also the kind of unrecorded files in the run's folder to try afterwards; they exist where the database was
 * restored from an older backup
 */
function firstWhole(
  workspace: Workspace,
  run: Owner,
  recorded: readonly Checkpoint[],
  also?: Kind,
): { found: { checkpoint: Checkpoint; path: string } | undefined; faults: string[] } {
  const weights = weightsOf(run.document);
  const faultIn = (checkpoint: Checkpoint): { path: string | undefined; fault: string | undefined } => {
    const path = pathOf(workspace, run.id, checkpoint);
    if (path === undefined) return { path, fault: 'its file is not there' };
    return { path, fault: checkpointFault(path, { step: checkpoint.step, weights }) };
  };
  const faults: string[] = [];
  for (const checkpoint of recorded) {
    const { path, fault } = faultIn(checkpoint);
    if (path !== undefined && fault === undefined) return { found: { checkpoint, path }, faults };
    faults.push(`the checkpoint ${basename(checkpoint.path)} cannot be used, ${fault}`);
  }
  if (also === undefined || recorded.length === 0) return { found: undefined, faults };
  for (const checkpoint of unrecorded(workspace, run.id, also)) {
    const { path, fault } = faultIn(checkpoint);
    if (path !== undefined && fault === undefined) return { found: { checkpoint, path }, faults };
  }
  return { found: undefined, faults };
}

/** Files in a run's folder that are not recorded, latest first; for weights of any kind, the best first. */
function unrecorded({ runs, folder }: Workspace, run: Id, wanted: Kind): Checkpoint[] {
  const recorded = new Set(runs.listCheckpoints(run).map(({ path }) => basename(path)));
  const found = filesIn(idFolder(folder, 'runs', run)).flatMap((name): Checkpoint[] => {
    const [, kind, step] = CHECKPOINT_FILE.exec(name) ?? [];
    if (kind === undefined || recorded.has(name) || (wanted === 'last' && kind !== wanted)) return [];
    return [{ kind, step: Number(step), epoch: 0, path: join('runs', run, name), createdAt: 0 }];
  });
  return found.sort((a, b) => Number(b.kind === wanted) - Number(a.kind === wanted) || b.step - a.step);
}

/** The expected weights, by their names in checkpoints. */
function weightsOf({ graph }: ProjectDocument): Expected['weights'] {
  return new Map(
    [...infer(graph).nodes.values()].flatMap(({ node, figures }) =>
      (figures?.weights ?? []).map(({ name, shape }) => [`${node.name}.${name}`, shape] as const),
    ),
  );
}

/** The absolute path; undefined where the run's folder has no such file. */
function pathOf({ folder }: Workspace, run: Id, { path }: Checkpoint): string | undefined {
  const own = idFolder(folder, 'runs', run);
  try {
    return CHECKPOINT_FILE.test(basename(path)) ? realPathInside(own, join(folder, path)) : undefined;
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
