/** What is wrong with the open document: with its network, and with how the network fits its training settings. */
import { useMemo } from 'react';
import { diagnoseSettings } from '../../engine/graph/diagnostics/settings.ts';
import type { Diagnosis } from '../../engine/graph/infer.ts';
import { useDocument } from './document.ts';
import { useWholeInference } from './inference.ts';

export function useProblems(): readonly Diagnosis[] {
  const inference = useWholeInference();
  const training = useDocument(state => state.document.training);
  return useMemo(
    () => [...inference.diagnoses, ...diagnoseSettings({ training }, inference)],
    [inference, training],
  );
}
