/** What is known of a dataset beyond its summary, and of one of its images: asked of the studio while it is looked at. */
import type { DatasetDetail, DatasetImage, DatasetSummary } from '../../bridge/datasetCalls.ts';
import { usePulled } from '../store/pulled.ts';
import { datasetImageQuestion, datasetQuestion } from '../store/questions.ts';
import { complain } from '../ui/toast.tsx';

/** One image by its place in the cache; undefined until the studio has answered. */
export function useDatasetImage(dataset: DatasetSummary, index: number): DatasetImage | undefined {
  const onFailure = (error: unknown) => complain(error, 'The image could not be read');
  return usePulled(datasetImageQuestion(dataset, index, onFailure));
}

/** Undefined until the studio has answered; asked again whenever the dataset changes. */
export function useDatasetDetail(dataset: DatasetSummary): DatasetDetail | undefined {
  const onFailure = (error: unknown) => complain(error, 'The dataset could not be read');
  return usePulled(datasetQuestion(dataset, onFailure));
}
