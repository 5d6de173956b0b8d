/** How many training images the chosen dataset has of each class. */
import { useMemo } from 'react';
import type { DatasetDetail } from '../../bridge/contract.ts';
import { studio } from '../store/connection.ts';
import { useDocument } from '../store/document.ts';
import { usePulled } from '../store/pulled.ts';
import { useStudio } from '../store/studio.ts';
import { chosenDataset } from '../store/training.ts';

/** The dataset of the open project; undefined where there is none, or it is still being imported. */
export function useChosenDataset() {
  const document = useDocument(state => state.document);
  const datasets = useStudio(state => state.datasets);
  return useMemo(() => {
    const dataset = chosenDataset(document, datasets);
    return dataset?.state === 'ready' ? dataset : undefined;
  }, [document, datasets]);
}

/** In the order of its classes; undefined until they are known. */
export function useTrainCounts(): readonly number[] | undefined {
  const dataset = useChosenDataset();
  const ask = async (): Promise<DatasetDetail | null> => (dataset ? studio().dataset(dataset.id) : null);
  return usePulled(`dataset ${dataset?.id}`, dataset?.state, ask)?.classCounts.train;
}
