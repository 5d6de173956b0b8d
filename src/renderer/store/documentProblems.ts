/** What is wrong with the open document: with its network, and with how the network fits its training settings. */
import { useMemo } from 'react';
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../engine/graph/diagnostics/settingRules.ts';
import { useWholeInference } from './documentInference.ts';
import { useDocument } from './openDocument.ts';

export function useProblems(): readonly Diagnosis[] {
  const inference = useWholeInference();
  const training = useDocument(state => state.document.training);
  return useMemo(
    () => [...diagnose(inference), ...diagnoseSettings({ training }, inference)],
    [inference, training],
  );
}
