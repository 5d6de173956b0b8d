/** The record of a run before it starts. */
import { type Id, newId } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import type { RunRecord } from '../database/runRecords.ts';
import { flatSettings, requireTrainable } from './runSettings.ts';

/** A run to be recorded. */
export interface PlannedRun {
  document: ProjectDocument;
  /** The project; null for a run from the command line. */
  project: Id | null;
  /** Null: the project's name with a number. */
  name: string | null;
  /** The sweep that it belongs to, with its settings beyond those of every run. */
  sweep?: { id: Id; settings: RunSummary['settings'] };
  /** The run whose weights it starts from. */
  origin?: Id;
}

type Placed = 'state' | 'queuePlace' | 'datasetId' | 'environment';

/** @throws UserError where it cannot be trained on its dataset, with the reason */
export function recordOf(
  { document, project, sweep, origin }: PlannedRun,
  data: TrainingData,
  name: string,
): Omit<RunRecord, Placed> {
  const dataset = document.dataset!;
  requireTrainable(document, dataset, data);
  const { epochs, batchSize, seed } = document.training;
  return {
    id: newId(),
    name,
    project,
    projectName: document.name,
    dataset,
    error: null,
    document,
    settings: { ...flatSettings(document), ...sweep?.settings },
    dataFingerprint: data.fingerprint,
    seed,
    epochs,
    steps: epochs * Math.ceil(data.splits.train.length / batchSize),
    epoch: 0,
    step: 0,
    parameters: infer(document.graph).totals.parameters,
    seconds: 0,
    startedAt: Date.now(),
    endedAt: null,
    weightHash: null,
    metrics: {},
    notes: '',
    tags: [],
    archived: false,
    sweep: sweep?.id ?? null,
    origin: origin ?? null,
  };
}

/** The same run with several seeds, starting with its own. */
export function repeated(run: PlannedRun, seeds: number): PlannedRun[] {
  const { document, name } = run;
  return Array.from({ length: seeds }, (_, i) => {
    const training = { ...document.training, seed: (document.training.seed + i) % 2 ** 32 };
    const own = name !== null && seeds > 1 ? `${name} · seed ${training.seed}` : name;
    return { ...run, document: { ...document, training }, name: own };
  });
}
