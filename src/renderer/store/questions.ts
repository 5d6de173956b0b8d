/** Questions to the studio that more than one place asks: each once, so that its key and its version go together. */
import type { DatasetDetail, DatasetImage, DatasetSummary, Split } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { RunDetail, RunEvaluation, RunSummary } from '../../bridge/runCalls.ts';
import { studio } from './connection.ts';
import type { Question } from './pulled.ts';

type OnFailure = Question<unknown>['onFailure'];

const told = (onFailure: OnFailure) => (onFailure ? { onFailure } : {});

/** A run as it was planned, with the document that it trains. */
export function runQuestion(id: Id, onFailure?: OnFailure): Question<RunDetail> {
  return { key: ['run', id], lasts: true, ask: async () => studio().run(id), ...told(onFailure) };
}

/** Null where the split was not evaluated; another with every epoch. */
export function evaluationQuestion(
  { id, epoch, state, endedAt }: RunSummary,
  split: Split,
  onFailure?: OnFailure,
): Question<RunEvaluation | null> {
  return {
    key: ['evaluation', id, split],
    version: `${epoch} ${state} ${endedAt}`,
    ask: async () => studio().runEvaluation(id, split),
    ...told(onFailure),
  };
}

export function datasetQuestion(dataset: DatasetSummary, onFailure?: OnFailure): Question<DatasetDetail> {
  const { id } = dataset;
  return {
    key: ['dataset', id],
    version: dataset,
    ask: async () => studio().dataset(id),
    ...told(onFailure),
  };
}

/** @param index its place in the cache */
export function datasetImageQuestion(
  dataset: DatasetSummary,
  index: number,
  onFailure?: OnFailure,
): Question<DatasetImage> {
  const { id } = dataset;
  const ask = async () => studio().datasetImage(id, index);
  return { key: ['datasetImage', id, index], version: dataset, lasts: true, ask, ...told(onFailure) };
}
