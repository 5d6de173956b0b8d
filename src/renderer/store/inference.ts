/**
 * Live inference of the open document. Each change is inferred from the one before, so that only what changed
 * is computed anew, and what did not stays the same object: a node that did not change is not drawn again.
 */
import { create } from 'zustand';
import type { NodeId } from '../../engine/graph/document.ts';
import { type Inference, infer, type NodeInference } from '../../engine/graph/infer.ts';
import { graphNow, useDocument } from './document.ts';

export const useInference = create<Inference>(() => infer(graphNow()));

useDocument.subscribe((state, before) => {
  const { graph } = state.document;
  if (graph !== before.document.graph) useInference.setState(infer(graph, useInference.getState()), true);
});

export function inferenceNow(): Inference {
  return useInference.getState();
}

export const useInferred = (id: NodeId): NodeInference | undefined =>
  useInference(inference => inference.nodes.get(id));
