/** The network, the weights and the image that views look into, found from what was chosen. */
import { useMemo } from 'react';
import type { DatasetImage, DatasetSummary } from '../../bridge/datasetCalls.ts';
import type { CheckpointKind, ExplainSubject, ImageSource } from '../../bridge/explainCalls.ts';
import type { Id } from '../../bridge/ids.ts';
import type { RunSummary } from '../../bridge/runCalls.ts';
import type { NodeId, ProjectDocument } from '../../engine/graph/document.ts';
import { infer } from '../../engine/graph/infer.ts';
import type { Inference } from '../../engine/graph/inference.ts';
import { useDocument } from '../store/openDocument.ts';
import { usePulled } from '../store/pulled.ts';
import { datasetImageQuestion, runQuestion } from '../store/questions.ts';
import { byRecency, isActive, useStudio } from '../store/studioState.ts';
import { chosenDataset } from '../store/trainingRun.ts';
import { sourceOf, useExplain } from './explainState.ts';

/** Runs of the project that may have a checkpoint, the latest first. */
export function useProjectRuns(): readonly RunSummary[] {
  const project = useDocument(state => state.project);
  const runs = useStudio(state => state.runs);
  return useMemo(
    () => byRecency(runs).filter(run => run.project === project && run.epoch > 0),
    [runs, project],
  );
}

/** What the weights are, once the default is filled in. */
export function useChosenWeights(): 'seed' | { readonly run: Id; readonly kind: CheckpointKind } {
  const chosen = useExplain(state => state.weights);
  const runs = useProjectRuns();
  const latest = runs[0]?.id;
  return useMemo(() => {
    if (chosen === 'seed') return 'seed';
    if (chosen && runs.some(({ id }) => id === chosen.run)) return chosen;
    return latest === undefined ? 'seed' : { run: latest, kind: 'last' };
  }, [chosen, latest, runs]);
}

export interface ChosenSubject {
  readonly subject: ExplainSubject;
  readonly document: ProjectDocument;
  readonly inference: Inference;
  /** The run that the weights are of; it may be under way. */
  readonly run: RunSummary | undefined;
}

/** Null while the run's own network is on its way. */
export function useSubject(): ChosenSubject | null {
  const weights = useChosenWeights();
  return useSubjectOf(weights);
}

export function useSubjectOf(weights: ReturnType<typeof useChosenWeights>): ChosenSubject | null {
  const own = useDocument(state => state.document);
  const runId = weights === 'seed' ? null : weights.run;
  const kind = weights === 'seed' ? null : weights.kind;
  const run = useStudio(state => (runId === null ? undefined : state.runs[runId]));
  const version = useVersion(run);
  const ofRun = usePulled(runId === null ? null : runQuestion(runId, leaveUnsaid));
  const document = runId === null ? own : (ofRun?.document ?? null);
  const inference = useMemo(() => document && infer(document.graph), [document]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new weights are a new question
  const subject = useMemo((): ExplainSubject | null => {
    if (!document) return null;
    return {
      document,
      weights: runId === null || kind === null ? { from: 'seed' } : { from: 'run', run: runId, kind },
    };
  }, [document, runId, kind, version]);
  return useMemo(
    () => (subject && document && inference ? { subject, document, inference, run } : null),
    [subject, document, inference, run],
  );
}

/** Grows when a run under way has new weights: after each epoch, and when it ends. */
function useVersion(run: RunSummary | undefined): string {
  return run ? `${run.epoch} ${isActive(run)} ${run.weightHash}` : '';
}

/** Without these facts less is shown; why an answer cannot be had is told by the question itself. */
const leaveUnsaid = () => {};

export function useDataset(): DatasetSummary | undefined {
  const document = useDocument(state => state.document);
  const datasets = useStudio(state => state.datasets);
  const dataset = chosenDataset(document, datasets);
  return dataset?.state === 'ready' ? dataset : undefined;
}

export interface ChosenImage {
  readonly source: ImageSource;
  /** What is true of it; null of an image of one's own. */
  readonly facts: DatasetImage | null;
  readonly name: string;
}

/** Null where there is neither a dataset nor an image of one's own. */
export function useImage(): ChosenImage | null {
  const dataset = useDataset();
  const { own, index } = useExplain();
  const facts = usePulled(dataset ? datasetImageQuestion(dataset, index, leaveUnsaid) : null);
  return useMemo(() => {
    const source = sourceOf(own, dataset?.id, index);
    if (!source) return null;
    const known = (!own && facts) || null;
    return { source, facts: known, name: own?.name ?? known?.path ?? `image ${index + 1}` };
  }, [own, dataset, index, facts]);
}

/** The layers of a network that works, in order, by the names that PyTorch gives them. */
export function layersOf({
  order,
  nodes,
}: Inference): { id: NodeId; name: string; shape: readonly number[] }[] {
  return order.flatMap(id => {
    const { node, figures } = nodes.get(id)!;
    return figures ? [{ id, name: node.name, shape: figures.shape }] : [];
  });
}
