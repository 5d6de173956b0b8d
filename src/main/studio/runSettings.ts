/** A run's settings as a flat table, and whether a document can be trained. */
import { createHash } from 'node:crypto';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { Graph, ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import { UNTRAINED } from '../../engine/graph/pretrained.ts';
import { diagnoseTraining } from '../../engine/graph/trainability.ts';
import type { TrainingData } from '../../engine/runtime/trainingData.ts';
import { UserError } from '../userError.ts';
import { startingFault } from './pretrainedFit.ts';

/** @throws UserError with the first reason why the document cannot be trained on the dataset */
export function requireTrainable(document: ProjectDocument, dataset: string, data: TrainingData): void {
  const facts = {
    name: dataset,
    classes: data.classes,
    imageShape: data.imageShape,
    boxes: data.boxes !== undefined,
    maskClasses: data.masks?.classes ?? [],
  };
  const inference = infer(document.graph);
  const [diagnosis] = diagnoseTraining(document, inference, facts);
  if (diagnosis) throw new UserError(diagnosis.message);
  const fault = startingFault(document, inference);
  if (fault !== undefined) throw new UserError(fault);
}

/**
 * All settings in which two runs can differ: `optimizer.momentum`, `loss` for the first loss, `loss2`; and `network`, a
 * short hash of the network.
 */
export function flatSettings({ training, graph }: ProjectDocument): RunSummary['settings'] {
  const {
    optimizer,
    schedule,
    losses,
    augmentations,
    regularisation,
    stopping,
    computing,
    start,
    rates,
    ...plain
  } = training;
  const settings: RunSummary['settings'] = { ...plain, optimizer: optimizer.kind, schedule: schedule.kind };
  const nested: [string, object][] = [
    ['optimizer', optimizer.params],
    ['schedule', schedule.params],
    ['regularisation', regularisation],
    ['stopping', stopping],
    ['computing', computing],
  ];
  for (const [i, { kind, answer, params, weight }] of losses.entries()) {
    const name = i === 0 ? 'loss' : `loss${i + 1}`;
    settings[name] = kind;
    nested.push([name, losses.length > 1 ? { answer, share: weight, ...params } : params]);
  }
  if (start.weights !== UNTRAINED) settings.weights = start.weights;
  if (start.normalization !== 'dataset') settings.normalization = start.normalization;
  if (rates.length > 0)
    settings.rates = rates.map(({ layers, factor }) => `${layers} × ${factor}`).join(', ');
  if (augmentations.length > 0) settings.augmentations = augmentations.map(({ kind }) => kind).join(', ');
  for (const [i, { kind, params }] of augmentations.entries())
    nested.push([`augmentation${i + 1}.${kind}`, params]);
  for (const [name, params] of nested) {
    for (const [key, value] of Object.entries(params) as [string, unknown][]) {
      const isPlain = typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean';
      settings[`${name}.${key}`] = isPlain ? value : JSON.stringify(value);
    }
  }
  settings.network = networkHash(graph);
  return settings;
}

/** Positions and notes on the canvas do not count. */
function networkHash(graph: Graph): string {
  const still = JSON.stringify(graph, (key, value) =>
    ['x', 'y', 'frames', 'comments'].includes(key) ? undefined : value,
  );
  return createHash('sha256').update(still).digest('hex').slice(0, 6);
}
