/** What is wrong with the open document: with its network, and with how the network fits its training settings. */
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import { problemsOf } from './derive.ts';
import { useDocument } from './openDocument.ts';

export function useProblems(): readonly Diagnosis[] {
  return useDocument(({ wholeInference, document }) => problemsOf(wholeInference, document.training));
}
