/**
 * The checkpoints of runs, as they lie in the workspace: recorded, replaced, and found again whole. Of a run the last
 * two and the best are kept, so that one that the disk has damaged has another before it.
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

/** Whose checkpoints are looked for. */
type Owner = Pick<RunRecord, 'id' | 'name' | 'document'>;

/** How many of each kind are kept. */
const KEPT: Readonly<Record<Kind, number>> = { last: 2, best: 1 };

/** A checkpoint's file, and one that was being written when its process died. */
const CHECKPOINT_FILE = /^(last|best)-(\d{1,15})\.safetensors$/;
const PARTIAL_CHECKPOINT_FILE = /^\.(last|best)-\d{1,15}\.safetensors\.\d+\.tmp$/;

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
    const [, itsKind, itsStep] = CHECKPOINT_FILE.exec(name) ?? [];
    if (itsKind === undefined || recorded.has(name)) continue;
    if (Number(itsStep) < step || (itsKind === kind && Number(itsStep) === step))
      removals.note('runs', run, name);
  }
}

/** Notes what a process that died was just writing. */
export function discardPartial({ removals, folder }: Workspace, run: Id): void {
  for (const name of filesIn(idFolder(folder, 'runs', run)))
    if (PARTIAL_CHECKPOINT_FILE.test(name)) removals.note('runs', run, name);
}

/**
 * The checkpoint that a run goes on from: the last that is whole; undefined where it has none.
 *
 * @returns with it, a sentence about those that had to be passed over
 * @throws UserError where it had some, and none is whole
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
 * The weights that a run answers with: of its best checkpoint, else of the last that is whole.
 *
 * @returns with them, a sentence where it is not the one that was meant; a path of null where the run has none
 * @throws UserError where it had some, and none is whole
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
 * The weights of one kind, of those the latest; those of any kind where the run has none of it.
 *
 * @throws UserError where there are none, or they are not whole
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
 * The first whose file is whole, and what is wrong with those before it.
 *
 * @param also of which kind those come after them that the run's folder holds and no row tells of, as where the
 *   database was put back from a day before them
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

/** Those in a run's folder that its rows do not tell of: of weights any kind, the best first; the latest first. */
function unrecorded({ runs, folder }: Workspace, run: Id, wanted: Kind): Checkpoint[] {
  const recorded = new Set(runs.listCheckpoints(run).map(({ path }) => basename(path)));
  const found = filesIn(idFolder(folder, 'runs', run)).flatMap((name): Checkpoint[] => {
    const [, kind, step] = CHECKPOINT_FILE.exec(name) ?? [];
    if (kind === undefined || recorded.has(name) || (wanted === 'last' && kind !== wanted)) return [];
    return [{ kind, step: Number(step), epoch: 0, path: join('runs', run, name), createdAt: 0 }];
  });
  return found.sort((a, b) => Number(b.kind === wanted) - Number(a.kind === wanted) || b.step - a.step);
}

/** By the names that checkpoints have for them. */
function weightsOf({ graph }: ProjectDocument): Expected['weights'] {
  return new Map(
    [...infer(graph).nodes.values()].flatMap(({ node, figures }) =>
      (figures?.weights ?? []).map(({ name, shape }) => [`${node.name}.${name}`, shape] as const),
    ),
  );
}

/** Absolute; undefined where there is no such file in the run's folder, whatever the row says. */
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
