/** What is known of a dataset beyond its summary, asked of the studio. */
import { useEffect, useState } from 'react';
import type { DatasetDetail, DatasetImage, DatasetSummary } from '../../bridge/datasetCalls.ts';
import { studio } from '../store/connection.ts';
import { useStudio } from '../store/studioState.ts';
import { attempt } from '../ui/toast.tsx';

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
