/** How many training images a dataset has of each class. */
import { useMemo } from 'react';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { useDocument } from '../store/openDocument.ts';
import { type Question, usePulled } from '../store/pulled.ts';
import { datasetQuestion } from '../store/questions.ts';
import { useStudio } from '../store/studioState.ts';
import { chosenDataset } from '../store/trainingRun.ts';

/** The dataset of the open project; undefined where there is none, or it is still being imported. */
export function useChosenDataset() {
  const document = useDocument(state => state.document);
  const datasets = useStudio(state => state.datasets);
  return useMemo(() => {
    const dataset = chosenDataset(document, datasets);
    return dataset?.state === 'ready' ? dataset : undefined;
  }, [document, datasets]);
}

/** Of the chosen dataset, in the order of its classes; undefined until they are known. */
export function useTrainCounts(): readonly number[] | undefined {
  return useTrainCountsOf(useDocument(state => state.document.dataset));
}

/** Of a dataset by its name; undefined until they are known, and where it is not here any more. */
export function useTrainCountsOf(name: string | null): readonly number[] | undefined {
  const datasets = useStudio(state => state.datasets);
  const found = Object.values(datasets).find(dataset => dataset.name === name && dataset.state === 'ready');
  return usePulled(found ? datasetQuestion(found) : null)?.classCounts.train;
}

/** Pixels of the training images of each class of a dataset's masks; undefined until they are counted. */
export function usePixelCounts(dataset: DatasetSummary | undefined): readonly number[] | undefined {
  const hasMasks = dataset && dataset.maskClasses.length > 0;
  return usePulled(hasMasks ? pixelQuestion(dataset) : null);
}

function pixelQuestion({ id, version }: DatasetSummary): Question<number[]> {
  return { key: ['pixels', id], version, ask: async () => studio().maskCounts(id) };
}
