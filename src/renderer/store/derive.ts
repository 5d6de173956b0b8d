/**
 * What follows from what is open, in one order: document → scope → drawing → inference → scoped inference. The store of
 * the open document (openDocument.ts) makes each of its states by `derive`, so that whoever looks, whenever, finds
 * parts that belong together. Problems and obstacles follow from such a state when they are asked for.
 */
import type { StateCreator, StoreMutatorIdentifier } from 'zustand';
import type { DatasetSummary } from '../../bridge/datasetCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { Diagnosis } from '../../engine/graph/diagnosis.ts';
import { diagnose } from '../../engine/graph/diagnostics/diagnose.ts';
import { diagnoseSettings } from '../../engine/graph/diagnostics/settingRules.ts';
import type { Graph, ProjectDocument, Training } from '../../engine/graph/document.ts';
import { drawingAt, validScope } from '../../engine/graph/drawings.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { scopedInference } from '../../engine/graph/scopedInference.ts';
import { diagnoseTraining } from '../../engine/graph/trainability.ts';
import { keepingLast } from './keepingLast.ts';

/** What is chosen. */
interface Opened {
  /** The project that is open; null before the first. */
  readonly project: Id | null;
  readonly document: ProjectDocument;
  /** Which drawing the canvas shows, as expand.ts writes it: `stage/1/`; empty for the network itself. */
  readonly scope: string;
}

/** What is chosen, and what follows from it. */
export interface DocumentState extends Opened {
  /** What the canvas shows, as a graph of its own. */
  readonly drawing: Graph;
  /** Of the whole network: what is trained, counted and judged. */
  readonly wholeInference: Inference;
  /** Of what the canvas shows, by the ids that its nodes have there. */
  readonly inference: Inference;
}

/**
 * @param before each state is inferred from the one before, so that only what changed is computed anew, and what did
 *   not stays the same object: a node that did not change is not drawn again
 */
export function derive(opened: Opened, before?: DocumentState): DocumentState {
  const { project, document } = opened;
  const { graph } = document;
  const isOther = before !== undefined && project !== before.project;
  const scope = isOther ? '' : validScope(graph, opened.scope);
  const drawing = drawingAt(graph, scope) ?? graph;
  const isInferred = before?.document.graph === graph;
  const wholeInference = isInferred ? before.wholeInference : infer(graph, before?.wholeInference);
  const isScoped = isInferred && before.scope === scope;
  const inference = isScoped ? before.inference : scopedInference(wholeInference, drawing, scope);
  return { project, document, scope, drawing, wholeInference, inference };
}

/** A store of which each state is derived from what was set, before anybody is told of it. */
export function deriving<Mutators extends [StoreMutatorIdentifier, unknown][]>(
  config: StateCreator<DocumentState, [], Mutators>,
): StateCreator<DocumentState, [], Mutators> {
  return (set, get, store) => {
    store.setState = change =>
      set(before => {
        const changed = typeof change === 'function' ? change(before) : change;
        return derive({ ...before, ...changed }, before);
      });
    return config(store.setState, get, store);
  };
}

/** What is wrong with a network, and with how it fits its training settings. */
export const problemsOf = keepingLast((inference: Inference, training: Training): readonly Diagnosis[] => [
  ...diagnose(inference),
  ...diagnoseSettings({ training }, inference),
]);

/** What keeps a document from being trained; empty where nothing does. */
export const obstaclesOf = keepingLast(
  (
    document: ProjectDocument,
    inference: Inference,
    dataset: DatasetSummary | undefined,
  ): readonly Diagnosis[] => {
    if (dataset?.state === 'ready') return diagnoseTraining(document, inference, dataset);
    const message =
      document.dataset === null
        ? 'Choose a dataset to train on.'
        : dataset
          ? UNREADY[dataset.state](dataset.name)
          : `The dataset ${document.dataset} is not here any more. Choose another.`;
    return [{ node: null, severity: 'error', code: 'no-dataset', message, repairs: [] }];
  },
);

/** Why a dataset in this state cannot be trained on. */
const UNREADY: Readonly<Record<Exclude<DatasetSummary['state'], 'ready'>, (name: string) => string>> = {
  partial: name => `The import of ${name} was interrupted: let it go on in Data.`,
  importing: name => `${name} is still being imported.`,
  damaged: name => `The record of ${name} cannot be read: put back a backup of the workspace.`,
};
