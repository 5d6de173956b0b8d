/**
 * What Explain asks of the studio: a network, its weights, an image, and what is wanted of them. Types, no code.
 * All arrays are `channels × height × width`; images enter normalised.
 */
import type { NodeId, ProjectDocument } from '../engine/graph/document.ts';
import type { Id } from './ids.ts';

/** Which of a run's checkpoints. */
export type CheckpointKind = 'best' | 'last';

/**
 * What the weights are: PyTorch's random ones by the document's seed, a run's, or given by PyTorch's names. To given
 * ones pictures enter as they are, 0 to 1.
 */
export type WeightsSource =
  | { from: 'seed' }
  | { from: 'run'; run: Id; kind: CheckpointKind }
  | { from: 'given'; tensors: Record<string, Float32Array> };

/** An image of a dataset, of a file of any format, or numbers as they enter the network. */
export type ImageSource =
  | { from: 'dataset'; dataset: Id; index: number }
  | { from: 'file'; bytes: Uint8Array }
  | { from: 'values'; values: Float32Array };

/** A network to be looked into. Of a run's weights its own document counts, not this one. */
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

/** An image as it is seen: 0 to 1. */
export type ImageNumbers = Numbers;

/** Outputs of nodes, and on request how one number, or one place of all channels, changes with others. */
export interface ProbeQuestion {
  kind: 'probe';
  subject: ExplainSubject;
  images: ImageSource[];
  /** Whose outputs are wanted, by the ids of layers (`stage/1/conv` in a block). */
  outputs: NodeId[];
  /** The place that gradients are of; `channel` null: the sum over all. */
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

/** What the network says of each image. */
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

/** Where in the image the evidence for a class is. */
export interface AttributeQuestion {
  kind: 'attribute';
  subject: ExplainSubject;
  image: ImageSource;
  /** Null: the class that the network finds. */
  target: number | null;
  /** The layer whose maps Grad-CAM weighs; null: the last that gives an image. */
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

/** By how much the target's probability falls when a grey square hides each place. */
export interface OccludeAnswer {
  drops: Heat;
}

export interface PerturbQuestion {
  kind: 'perturb';
  subject: ExplainSubject;
  image: ImageSource;
  /** The class whose loss is raised. */
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
  /** Class scores of single places, before the network averages them; null where that is not its last step. */
  activation: Numbers | null;
  classes: string[];
  stride: [number, number];
  /** Height and width of one crop: what the network was made for. */
  crop: [number, number];
  difference: number;
  milliseconds: { map: number; crops: number };
  /** Whether some layer pads: then a crop's border is not what the larger image has there. */
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

/** What the lab adds to the plain network; each by itself. */
export type LabVariant =
  | 'plain'
  | 'batchNorm'
  | 'dropout'
  | 'l1'
  | 'l2'
  | 'noise'
  | 'augmentation'
  | 'earlyStopping';

/** One network trained on few images, with one regularisation after the other. */
export interface LabQuestion {
  document: ProjectDocument;
  variants: LabVariant[];
  epochs: number;
  /** Training images: few enough to be learned by heart. */
  images: number;
}

/** How a variant fared after an epoch; null where there was nothing to validate on. */
export interface LabPoint {
  epoch: number;
  trainLoss: number;
  trainAccuracy: number;
  valLoss: number | null;
  valAccuracy: number | null;
}

export interface ExplainCalls {
  /** Looks into a network. `task` is a name of the window's choice, for progress and cancelling. */
  explain<Q extends ExplainQuestion>(task: Id, question: Q): Promise<AnswerTo<Q>>;
  /** Trains one network in several ways; every epoch is told as an event, and all of them in the end. */
  runLab(task: Id, question: LabQuestion): Promise<Record<string, LabPoint[]>>;
  /** Cancels either. */
  cancelExplain(task: Id): Promise<void>;
}
