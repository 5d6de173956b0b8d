/** Variants of a document for the regularisation lab, each with one regularisation added. */
import type { LabVariant } from '../../../bridge/explainCalls.ts';
import type { Graph, NodeId, ProjectDocument, Training } from '../../../engine/graph/document.ts';
import { insertAfter } from '../../../engine/graph/edits.ts';
import { infer } from '../../../engine/graph/infer.ts';
import type { Inference } from '../../../engine/graph/inference.ts';

type Change = (document: ProjectDocument, inference: Inference) => ProjectDocument;

const training = (change: (training: Training) => Partial<Training>): Change => {
  return document => ({ ...document, training: { ...document.training, ...change(document.training) } });
};

const behind = (pick: (inference: Inference) => readonly NodeId[], kind: string, params: object): Change => {
  return (document, inference) => ({
    ...document,
    graph: pick(inference).reduce(
      (graph: Graph, id) => insertAfter(graph, id, [{ kind, params: { ...params } }]),
      document.graph,
    ),
  });
};

/** Nodes of the network's own drawing, not in blocks. */
const drawn = ({ order, drawn }: Inference) => order.filter(id => id in drawn.nodes);

const convolutions = (inference: Inference) =>
  drawn(inference).filter(id => inference.nodes.get(id)!.kind?.family === 'convolution');

const inputs = (inference: Inference) =>
  drawn(inference).filter(id => inference.nodes.get(id)!.kind?.inputs === 0);

/** The source of the last layer with weights whose output is a vector. */
function beforeLastLinear(inference: Inference): readonly NodeId[] {
  const last = drawn(inference).findLast(
    id => inference.nodes.get(id)!.kind?.family === 'linear' && weighs(inference, id),
  );
  return inference.graph.edges.filter(({ target }) => target === last).map(({ source }) => source);
}

const weighs = (inference: Inference, id: NodeId) =>
  (inference.nodes.get(id)!.figures?.weights.length ?? 0) > 0;

const changes: Readonly<Record<LabVariant, Change>> = {
  plain: document => document,
  batchNorm: behind(convolutions, 'BatchNorm2d', {}),
  dropout: behind(beforeLastLinear, 'Dropout', { p: 0.5 }),
  l1: training(({ regularisation }) => ({ regularisation: { ...regularisation, l1: 1e-4 } })),
  l2: training(({ optimizer }) => ({
    optimizer: { ...optimizer, params: { ...optimizer.params, weightDecay: 5e-3 } },
  })),
  noise: behind(inputs, 'GaussianNoise', { std: 0.3 }),
  augmentation: training(() => ({
    augmentations: [
      { kind: 'RandomHorizontalFlip', params: {} },
      { kind: 'RandomTranslation', params: {} },
    ],
  })),
  earlyStopping: training(({ stopping }) => ({
    stopping: { ...stopping, patience: 3, metric: 'loss', restoreBest: true },
  })),
};

/** The document without existing regularisation, and with that of a variant. */
export function variantOf(document: ProjectDocument, variant: LabVariant, epochs: number): ProjectDocument {
  const { training: own, ...rest } = document;
  const bare: Training = {
    ...own,
    epochs,
    batchSize: Math.min(own.batchSize, 32),
    accumulate: 1,
    augmentations: [],
    regularisation: { ...own.regularisation, l1: 0, ema: 0 },
    stopping: { ...own.stopping, patience: 0 },
    optimizer: { ...own.optimizer, params: { ...own.optimizer.params, weightDecay: 0 } },
  };
  return changes[variant]({ ...rest, training: bare }, infer(document.graph));
}
