/**
 * The file of the weights that a run begins with: the best ones of another run, or those that come with the program.
 * Which of its tensors are taken, the trainer finds by name and shape (engine/graph/transfer.ts says so before).
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { UNTRAINED } from '../../engine/graph/pretrained.ts';
import { pretrainedFile } from '../../engine/runtime/pretrainedFile.ts';
import type { RunRecord } from '../database/runRecords.ts';
import type { Workspace } from '../database/workspace.ts';
import { UserError } from '../userError.ts';
import { bestWeights } from './checkpoints.ts';

/** A safetensors file; null where weights are drawn by the seed, or the other run has none. */
export interface StartingWeights {
  readonly path: string | null;
  /** A sentence where they are not quite those that were meant. */
  readonly note: string | null;
}

/** @throws UserError where they are not here any more */
export function startingWeights(
  workspace: Workspace,
  { origin, document }: Pick<RunRecord, 'origin' | 'document'>,
): StartingWeights {
  if (origin === null) return { path: shipped(document), note: null };
  const run = workspace.runs.getRun(origin);
  if (!run)
    throw new UserError(
      'The run whose weights it was to begin with was deleted: bring it back, or plan this one anew.',
    );
  return bestWeights(workspace, run);
}

/**
 * The document of a run that begins with the weights of another: the numbers that they were trained on come with them.
 * Where that run took its dataset's own, this one does so too.
 *
 * @throws UserError where the other run has no weights
 */
export function startingFrom(
  workspace: Workspace,
  document: ProjectDocument,
  run: RunRecord,
): ProjectDocument {
  if (bestWeights(workspace, run).path === null)
    throw new UserError(`${run.name} has no checkpoint: it ended before its first epoch did.`);
  const { normalization } = run.document.training.start;
  const start = { weights: UNTRAINED, normalization };
  return { ...document, training: { ...document.training, start } };
}

/** The file that comes with the program, where the document begins with it. @throws UserError where it is missing */
function shipped(document: ProjectDocument): string | null {
  const path = pretrainedFile(document);
  if (path === null || existsSync(path)) return path;
  throw new UserError(
    `The weights ${document.training.start.weights} are missing from this installation (${path}): install Receptive anew, or begin with weights drawn by the seed.`,
  );
}

/** By path; the files do not change while the program runs. */
const digests = new Map<string, string>();

/** What a run remembers of the weights that came with the program, by which they can be told apart for good. */
export function startingDigest(document: ProjectDocument): Record<string, string> {
  const path = shipped(document);
  if (path === null) return {};
  const digest = digests.get(path) ?? createHash('sha256').update(readFileSync(path)).digest('hex');
  digests.set(path, digest);
  return { startingWeights: `${document.training.start.weights}, SHA-256 ${digest}` };
}
