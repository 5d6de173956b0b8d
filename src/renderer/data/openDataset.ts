/** Which dataset the Data place shows, and what is known of it beyond its summary. */
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { DatasetDetail, DatasetSummary, Id } from '../../bridge/contract.ts';
import { studio } from '../store/connection.ts';
import { useStudio } from '../store/studio.ts';
import { attempt } from '../ui/toast.tsx';

export const useOpenDataset = create<{ id: Id | null }>(() => ({ id: null }));

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
