/** A history that no person has yet: thousands of runs, of hundreds of settings, with thousands of names of metrics. */
import { newDocument } from '../../src/engine/graph/document.ts';
import type { StepReport } from '../../src/engine/runtime/trainerMessages.ts';
import type { RunRecord } from '../../src/main/database/runRecords.ts';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { idOf } from '../ids.ts';

export interface HistorySize {
  runs: number;
  settings: number;
  /** Names over all runs; each run has those of its project. */
  metrics: number;
  /** The newest runs that have curves, and how many steps those are of. */
  curves?: { runs: number; steps: number };
}

export const HUGE: HistorySize = { runs: 10_000, settings: 200, metrics: 2000 };
/** Metrics of one run. */
const OWN_METRICS = 40;

/** Writes such a history into a new workspace. Everything follows from the numbers of the runs. */
export function writeHistory(folder: string, size: HistorySize): void {
  const workspace = openWorkspace(folder, { mode: 'write' });
  try {
    workspace.setFact('sample-made', 'yes');
    workspace.setFact('sample dataset', 'drawn');
    const document = newDocument('huge');
    workspace.transaction(() => {
      for (let i = 0; i < size.runs; i++) workspace.runs.insertRun(runOf(i, size, document));
      const { runs, steps } = size.curves ?? { runs: 0, steps: 0 };
      for (let i = size.runs - runs; i < size.runs; i++) workspace.runs.appendSteps(idOf(i), curve(i, steps));
    });
  } finally {
    workspace.close();
  }
}

/** A loss that falls, noise on it. */
function curve(run: number, steps: number): StepReport[] {
  return Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    loss: 2 / (1 + i / 500) + 0.3 * Math.sin(run + i * 12.9898) ** 2,
    accuracy: i / steps,
    learningRate: 0.01,
    seconds: i / 100,
  }));
}

function runOf(i: number, { settings, metrics }: HistorySize, document: RunRecord['document']): RunRecord {
  const optimizers = ['SGD', 'Adam', 'AdamW', 'RMSprop'];
  const learningRate = 10 ** (-4 + (i % 7) / 2);
  const accuracy = 0.5 + 0.4 * Math.abs(Math.sin(i));
  const project = Math.floor((i * metrics) / (OWN_METRICS * 10_000)) % Math.ceil(metrics / OWN_METRICS);
  return {
    id: idOf(i),
    name: `run ${i}`,
    project: null,
    projectName: `project ${project}`,
    datasetId: null,
    dataset: 'shapes',
    state: 'finished',
    error: null,
    document,
    settings: {
      learningRate,
      batchSize: 2 ** (4 + (i % 5)),
      optimizer: optimizers[i % optimizers.length]!,
      seed: i,
      ...Object.fromEntries(
        Array.from({ length: settings - 4 }, (_, s) => [`group${s % 9}.setting${s}`, (i * (s + 1)) % 17]),
      ),
    },
    environment: {},
    dataFingerprint: 'f00d',
    seed: i,
    epochs: 10,
    steps: 1000,
    epoch: 10,
    step: 1000,
    parameters: 10_000 + (i % 100),
    seconds: 10 + (i % 300),
    startedAt: 1_700_000_000_000 + i * 60_000,
    endedAt: 1_700_000_030_000 + i * 60_000,
    weightHash: null,
    metrics: {
      'test.accuracy': accuracy,
      'val.accuracy': accuracy + 0.01,
      'val.loss': 1 - accuracy,
      ...Object.fromEntries(
        Array.from({ length: OWN_METRICS - 3 }, (_, m) => [
          `val.metric${project * OWN_METRICS + m}`,
          (i + m) / 10_000,
        ]),
      ),
    },
    notes: '',
    tags: i % 51 === 0 ? ['baseline'] : [],
    archived: false,
    sweep: null,
    queuePlace: null,
    origin: null,
  };
}
