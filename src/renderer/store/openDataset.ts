/** Which dataset the Data place shows, which of its images are picked, and what is known beyond its summary. */
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type {
  DatasetDetail,
  DatasetImage,
  DatasetSummary,
  ImageFlag,
  Split,
} from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import { attempt, showMessage } from '../ui/toast.tsx';
import { goTo } from './activePage.ts';
import { studio } from './connection.ts';
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
  const [image, setImage] = useState<DatasetImage>();
  useEffect(() => {
    let isCurrent = true;
    const ask = () => studio().datasetImage(dataset.id, index);
    void attempt(ask, 'The image could not be read').then(answer => {
      if (isCurrent) setImage(answer);
    });
    return () => {
      isCurrent = false;
    };
  }, [dataset, index]);
  return image?.index === index ? image : undefined;
}

/** Undefined until the studio has answered; asked again whenever the dataset changes. */
export function useDatasetDetail(dataset: DatasetSummary): DatasetDetail | undefined {
  const [detail, setDetail] = useState<DatasetDetail>();
  const isReady = useStudio(state => state.connection === 'ready');
  useEffect(() => {
    if (!isReady) return;
    let isCurrent = true;
    void attempt(() => studio().dataset(dataset.id), 'The dataset could not be read').then(answer => {
      if (isCurrent && answer) setDetail(answer);
    });
    return () => {
      isCurrent = false;
    };
  }, [dataset, isReady]);
  return detail;
}
