/** Which dataset the Data place shows, and what is known of it beyond its summary. */
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { DatasetDetail, DatasetImage, DatasetSummary, Id } from '../../bridge/contract.ts';
import { studio } from '../store/connection.ts';
import { goTo } from '../store/place.ts';
import { useStudio } from '../store/studio.ts';
import { attempt, say } from '../ui/toast.tsx';

interface OpenDataset {
  id: Id | null;
  /** The image that is looked at closely, by its place in the cache. */
  image: number | null;
}

export const useOpenDataset = create<OpenDataset>(() => ({ id: null, image: null }));

export function openDataset(id: Id): void {
  useOpenDataset.setState({ id, image: null });
}

/** Leads to one image of a dataset, named by its id or its name, from wherever it was met. */
export function showImage(dataset: string, image: number): void {
  const { datasets } = useStudio.getState();
  const found = Object.values(datasets).find(({ id, name }) => id === dataset || name === dataset);
  if (!found) {
    say(`The dataset ${dataset} is not here any more.`);
    return;
  }
  useOpenDataset.setState({ id: found.id, image });
  goTo('data');
}

/** One image by its place in the cache; undefined until the studio has answered. */
export function useDatasetImage(id: Id, index: number): DatasetImage | undefined {
  const [image, setImage] = useState<DatasetImage>();
  useEffect(() => {
    let isCurrent = true;
    void attempt(() => studio().datasetImage(id, index), 'The image could not be read').then(answer => {
      if (isCurrent) setImage(answer);
    });
    return () => {
      isCurrent = false;
    };
  }, [id, index]);
  return image?.index === index ? image : undefined;
}

/** Undefined until the studio has answered. */
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
  }, [dataset.id, isReady]);
  return detail;
}
