/**
 * Live inference of the open document. Each change is inferred from the one before, so that only what changed
 * is computed anew, and what did not stays the same object: a node that did not change is not drawn again.
 */
import { create } from 'zustand';
import type { NodeId } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { Inference, NodeInference } from '../../engine/graph/inference.ts';
import { scopedInference } from '../../engine/graph/scopedInference.ts';
import { networkNow, useDocument } from './openDocument.ts';
import { graphNow, scopeNow, useScope } from './openDrawing.ts';

/** Of the whole network: what is trained, counted and judged. */
export const useWholeInference = create<Inference>(() => infer(networkNow()));

/** Of what the canvas shows, by the ids that its nodes have there. */
export const useInference = create<Inference>(() => useWholeInference.getState());

useDocument.subscribe((state, before) => {
  const { graph } = state.document;
  if (graph === before.document.graph) return;
  useWholeInference.setState(infer(graph, useWholeInference.getState()), true);
  look();
});

useScope.subscribe(look);

function look(): void {
  useInference.setState(scopedInference(useWholeInference.getState(), graphNow(), scopeNow()), true);
}

export function wholeInferenceNow(): Inference {
  return useWholeInference.getState();
}

export function inferenceNow(): Inference {
  return useInference.getState();
}

export const useInferred = (id: NodeId): NodeInference | undefined =>
  useInference(inference => inference.nodes.get(id));
