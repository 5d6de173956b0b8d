/** A run of the workspace, opened to answer: its network with the weights of its best checkpoint. */
import type { BackendName } from '../../engine/runtime/backend.ts';
import { TrainedNetwork } from '../../engine/runtime/trainedNetwork.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import { quoted } from '../arguments.ts';
import type { RunRecord } from '../database/runRecords.ts';
import { bestWeights } from '../studio/checkpoints.ts';
import type { Services } from '../studio/services.ts';
import { warn } from '../terminal.ts';
import { UserError } from '../userError.ts';

/** @throws UserError where there is no such run */
export function findRun({ runs }: Services, wanted: string) {
  const run = runs.list().find(({ id, name }) => id === wanted || name === wanted);
  if (!run) throw new UserError(`There is no run ${quoted(wanted)}; receptive runs lists them.`);
  return run;
}

export interface TrainedRun {
  readonly run: RunRecord;
  readonly data: TrainingData;
  readonly network: TrainedNetwork;
}

/**
 * @param options.batch images at a time; those of the run's training where it is missing
 * @throws UserError where the run, its weights or its dataset is missing
 */
export function openTrained(
  services: Services,
  wanted: string,
  threads: number,
  { backend, batch }: { backend: BackendName; batch?: number },
): TrainedRun {
  const { id } = findRun(services, wanted);
  const run = services.workspace.runs.getRun(id)!;
  const { path, note } = bestWeights(services.workspace, run);
  if (note !== null) warn(note);
  if (path === null)
    throw new UserError(`${run.name} has no checkpoint yet: it ended before its first epoch did.`);
  const data = services.datasets.trainingData(run.dataset, run.dataFingerprint);
  return { run, data, network: new TrainedNetwork(run.document, path, data, { backend, threads, batch }) };
}
