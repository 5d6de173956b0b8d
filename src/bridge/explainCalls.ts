/**
 * Explain's questions: a network, its weights, an image, and what to compute. Types only. All arrays are `channels ×
 * height × width`; images are normalised.
 */
import type { NodeId, ProjectDocument } from '../engine/graph/document.ts';
import type { Id } from './ids.ts';

/** Which of a run's checkpoints. */
export type CheckpointKind = 'best' | 'last';

/**
 * Random weights by the document's seed, those of a run, or given ones by PyTorch's names. With given ones, images are
 * not normalised: 0 to 1.
 */
export type WeightsSource =
  | { from: 'seed' }
  | { from: 'run'; run: Id; kind: CheckpointKind }
  | { from: 'given'; tensors: Record<string, Float32Array> };

/** An image of a dataset, an image file's bytes, or normalised values. */
export type ImageSource =
  | { from: 'dataset'; dataset: Id; index: number }
  | { from: 'file'; bytes: Uint8Array }
  | { from: 'values'; values: Float32Array };

/** A network. For a run's weights the run's document is used instead. */
export interface ExplainSubject {
  document: ProjectDocument;
  weights: WeightsSource;
}

/** A tensor, without the batch. */
export interface Numbers {
  shape: number[];
  values: Float32Array;
}

export interface Heat {
  height: number;
  width: number;
  values: Float32Array;
}

/** An image for display, 0 to 1. */
export type ImageNumbers = Numbers;

/** Outputs of nodes, and optionally the gradient of one number, or of one position over all channels. */
export interface ProbeQuestion {
  kind: 'probe';
  subject: ExplainSubject;
  images: ImageSource[];
  /** The nodes whose outputs are wanted, by expanded ids (`stage/1/conv` in a block). */
  outputs: NodeId[];
  /** The position whose gradient is wanted; `channel` null: the sum over all. */
  gradient?:
    | { from: NodeId; channel: number | null; at: [row: number, column: number]; of: NodeId[] }
    | undefined;
}

export interface ProbeAnswer {
  /** One for each image. */
  images: {
    picture: ImageNumbers;
    outputs: Record<NodeId, Numbers>;
    gradients: Record<NodeId, Numbers>;
    imageGradient: Numbers | null;
  }[];
  /** Training steps behind the weights; null where they are not a run's. */
  step: number | null;
}

export interface WeightsQuestion {
  kind: 'weights';
  subject: ExplainSubject;
  node: NodeId;
}

/** By PyTorch's names of the layer's tensors: `weight`, `bias`. */
export interface WeightsAnswer {
  tensors: Record<string, Numbers>;
  step: number | null;
}

/** The network's prediction for each image. */
export interface PredictQuestion {
  kind: 'predict';
  subject: ExplainSubject;
  images: ImageSource[];
}

export interface PredictAnswer {
  predictions: { picture: ImageNumbers; probabilities: number[] }[];
  classes: string[];
  step: number | null;
}

/** Which parts of an image speak for a class. */
export interface AttributeQuestion {
  kind: 'attribute';
  subject: ExplainSubject;
  image: ImageSource;
  /** Null: the predicted class. */
  target: number | null;
  /** Grad-CAM's layer; null: the last whose output is an image. */
  layer: NodeId | null;
}

export interface AttributeAnswer {
  picture: ImageNumbers;
  probabilities: number[];
  classes: string[];
  target: number;
  layer: NodeId;
  gradCam: Heat;
  saliency: Heat;
  step: number | null;
}

export interface OccludeQuestion {
  kind: 'occlude';
  subject: ExplainSubject;
  image: ImageSource;
  target: number;
  patch: number;
  stride: number;
}

/** How much the target's probability falls when a grey square covers each position. */
export interface OccludeAnswer {
  drops: Heat;
}

export interface PerturbQuestion {
  kind: 'perturb';
  subject: ExplainSubject;
  image: ImageSource;
  /** The label whose loss is increased. */
  label: number;
  /** Of values from 0 to 1. */
  epsilon: number;
}

export interface PerturbAnswer {
  before: ImageNumbers;
  after: ImageNumbers;
  probabilitiesBefore: number[];
  probabilitiesAfter: number[];
  classes: string[];
}

export interface SlideQuestion {
  kind: 'slide';
  subject: ExplainSubject;
  image: ImageSource;
  /** Height and width that the image is brought to. */
  size: [number, number];
}

export interface SlideAnswer {
  picture: ImageNumbers;
  /** Class scores, classes × rows × columns: in one pass, and by crops. */
  map: Numbers;
  crops: Numbers;
  /** The class activation map; null where the network does not end in an average. */
  activation: Numbers | null;
  classes: string[];
  stride: [number, number];
  /** Height and width of one crop: what the network was made for. */
  crop: [number, number];
  difference: number;
  milliseconds: { map: number; crops: number };
  /** Whether a layer pads: then crops differ from the larger image at their borders. */
  pads: boolean;
}

interface Dialogue {
  probe: [ProbeQuestion, ProbeAnswer];
  weights: [WeightsQuestion, WeightsAnswer];
  predict: [PredictQuestion, PredictAnswer];
  attribute: [AttributeQuestion, AttributeAnswer];
  occlude: [OccludeQuestion, OccludeAnswer];
  perturb: [PerturbQuestion, PerturbAnswer];
  slide: [SlideQuestion, SlideAnswer];
}

export type QuestionKind = keyof Dialogue;
export type ExplainQuestion = Dialogue[QuestionKind][0];
export type AnswerTo<Q extends ExplainQuestion> = Dialogue[Q['kind']][1];
export type ExplainAnswer = Dialogue[QuestionKind][1];

/** The regularisation that a variant adds. */
export type LabVariant =
  | 'plain'
  | 'batchNorm'
  | 'dropout'
  | 'l1'
  | 'l2'
  | 'noise'
  | 'augmentation'
  | 'earlyStopping';

/** A network trained on few images, with one regularisation at a time. */
export interface LabQuestion {
  document: ProjectDocument;
  variants: LabVariant[];
  epochs: number;
  /** Training images: few enough to be learned by heart. */
  images: number;
}

/** A variant's results after an epoch; null without validation. */
export interface LabPoint {
  epoch: number;
  trainLoss: number;
  trainAccuracy: number;
  valLoss: number | null;
  valAccuracy: number | null;
}

export interface ExplainCalls {
  /** Asks a question. `task` is an id chosen by the window, for progress and cancelling. */
  explain<Q extends ExplainQuestion>(task: Id, question: Q): Promise<AnswerTo<Q>>;
  /** Trains the variants; each epoch is sent as an event, and all are returned in the end. */
  runLab(task: Id, question: LabQuestion): Promise<Record<string, LabPoint[]>>;
  /** Cancels either. */
  cancelExplain(task: Id): Promise<void>;
}
