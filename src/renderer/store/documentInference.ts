/** Live inference of the open document, as derive.ts keeps it. */
import type { NodeId } from '../../engine/graph/document.ts';
import type { Inference, NodeInference } from '../../engine/graph/inference.ts';
import { useDocument } from './openDocument.ts';

/** Of the whole network: what is trained, counted and judged. */
export function useWholeInference(): Inference;
export function useWholeInference<T>(select: (inference: Inference) => T): T;
export function useWholeInference(select = (inference: Inference): unknown => inference): unknown {
  return useDocument(({ wholeInference }) => select(wholeInference));
}

/** Of what the canvas shows, by the ids that its nodes have there. */
export function useInference(): Inference;
export function useInference<T>(select: (inference: Inference) => T): T;
export function useInference(select = (inference: Inference): unknown => inference): unknown {
  return useDocument(({ inference }) => select(inference));
}

export function wholeInferenceNow(): Inference {
  return useDocument.getState().wholeInference;
}

export function inferenceNow(): Inference {
  return useDocument.getState().inference;
}

export const useInferred = (id: NodeId): NodeInference | undefined =>
  useInference(inference => inference.nodes.get(id));
