/** Which dataset the Data place shows, which of its images are picked, and what is known beyond its summary. */
import { create } from 'zustand';
import type {
  DatasetDetail,
  DatasetImage,
  DatasetSummary,
  ImageFlag,
  Split,
} from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { goTo } from '../store/activePage.ts';
import { usePulled } from '../store/pulled.ts';
import { datasetImageQuestion, datasetQuestion } from '../store/questions.ts';
import { useStudio } from '../store/studioState.ts';
import { complain, showMessage } from '../ui/toast.tsx';

/** What of a dataset is looked at; null: everything that is in use. */
export interface ImageFilter {
  split: Split | 'none' | null;
  label: number | null;
  flag: ImageFlag | null;
}

const NO_FILTER: ImageFilter = { split: null, label: null, flag: null };

export type DatasetView = 'images' | 'report' | 'rejects' | 'augment';

interface OpenDataset {
  id: Id | null;
  view: DatasetView;
  filter: ImageFilter;
  /** Images that are looked at closely, by their places in the cache, the one picked last at the end. */
  picked: readonly number[];
}

export const useOpenDataset = create<OpenDataset>(() => ({
  id: null,
  view: 'images',
  filter: NO_FILTER,
  picked: [],
}));

export function openDataset(id: Id): void {
  useOpenDataset.setState({ id, view: 'images', filter: NO_FILTER, picked: [] });
}

/** Leads to one image of a dataset, named by its id or its name, from wherever it was met. */
export function showImage(dataset: string, image: number): void {
  const { datasets } = useStudio.getState();
  const found = Object.values(datasets).find(({ id, name }) => id === dataset || name === dataset);
  if (!found) {
    showMessage(`The dataset ${dataset} is not here any more.`);
    return;
  }
  useOpenDataset.setState({ id: found.id, view: 'images', filter: NO_FILTER, picked: [image] });
  goTo('data');
}

/** Picks an image: alone, or beside those that are picked already. */
export function pickImage(index: number, beside: boolean): void {
  useOpenDataset.setState(({ picked }) => {
    if (!beside) return { picked: [index] };
    return { picked: picked.includes(index) ? picked.filter(each => each !== index) : [...picked, index] };
  });
}

export function showFiltered(filter: Partial<ImageFilter>): void {
  useOpenDataset.setState({ view: 'images', filter: { ...NO_FILTER, ...filter }, picked: [] });
}

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
