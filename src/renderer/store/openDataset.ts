/** Which dataset the Data place shows, and which of its images are picked. */
import { create } from 'zustand';
import type { ImageFlag, Split } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { goTo } from './activePage.ts';
import { useStudio } from './studioState.ts';

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

/**
 * Leads to one image of a dataset, named by its id or its name, from wherever it was met.
 * @returns whether the dataset is there still
 */
export function showImage(dataset: string, image: number): boolean {
  const { datasets } = useStudio.getState();
  const found = Object.values(datasets).find(({ id, name }) => id === dataset || name === dataset);
  if (!found) return false;
  useOpenDataset.setState({ id: found.id, view: 'images', filter: NO_FILTER, picked: [image] });
  goTo('data');
  return true;
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
