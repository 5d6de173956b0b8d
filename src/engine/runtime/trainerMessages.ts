/** The trainer's options, messages and control words. */
import type { Answer, ProjectDocument } from '../graph/document.ts';
import type { ClassFigures } from '../metrics/perClass.ts';
import type { BackendName } from './backend.ts';
import { CacheDamage } from './cacheFile.ts';
import type { ImageAnswer } from './imageAnswers.ts';
import type { TrainingData } from './trainingData.ts';

export interface TrainerOptions {
  readonly document: ProjectDocument;
  readonly data: TrainingData;
  readonly backend: BackendName;
  readonly threads: number;
  /** Whether it has a lower priority, so that an open window stays responsive. */
  readonly yields: boolean;
  /** Where checkpoints go; it exists. */
  readonly folder: string;
  /** A checkpoint to go on from. */
  readonly resumeFrom: string | null;
  /** A safetensors file whose weights it begins with, where names and shapes are the same. */
  readonly initialFrom?: string | null;
  /** Where what flows out of frozen layers may be kept; without it, it is computed each time. */
  readonly features?: FeatureFolder;
  /** Steps between two checkpoints; without it, some seconds. */
  readonly checkpointSteps?: number;
  /** `trainerControl` words, shared with who started it. */
  readonly control: SharedArrayBuffer;
}

/** Where features may be kept. */
export interface FeatureFolder {
  /** Made where it is not there. */
  readonly path: string;
  /** Bytes that one file may take. */
  readonly most: number;
}

export interface StepReport {
  step: number;
  loss: number;
  /** How well the images were answered, 0 to 1: how many of them rightly; of masks how many pixels, of boxes how far they overlap. */
  accuracy: number;
  learningRate: number;
  /** Training time since the start of the run, pauses left out. */
  seconds: number;
}

export interface EpochReport {
  epoch: number;
  /** The last step of the epoch. */
  step: number;
  trainLoss: number;
  trainAccuracy: number;
  /** Null where there was nothing to validate on. */
  valLoss: number | null;
  valAccuracy: number | null;
  /** Every figure of the validation, by name: `f1`, `maskIou`. */
  metrics: Record<string, number>;
}

/** How a split was answered, in full. Images are in the order of the split. */
export interface EvaluationReport {
  split: 'train' | 'val' | 'test';
  losses: Float32Array;
  heads: {
    answer: Answer;
    classes: readonly string[];
    /** How well each image was answered. */
    scores: Float32Array;
    /** The class that each image was taken for; null of boxes and masks. */
    predictions: Uint16Array | null;
    /** By true class, then by answered class; of boxes there is none. */
    confusion: number[][];
    perClass: ClassFigures[];
  }[];
}

/** What the network says of some images that it does not learn from, at one step. */
export interface Samples {
  step: number;
  images: {
    /** Where the image stands in the dataset. */
    index: number;
    answers: ImageAnswer[];
  }[];
}

/** Figures of one node's training, at one step. */
export interface NodeHealth {
  node: string;
}

export interface WeightHealth extends NodeHealth {
  /** Euclidean length of the gradients of all its weights. */
  gradientNorm: number;
  weightNorm: number;
  /** How far its weights moved, as a share of their length. */
  updateRatio: number;
}

/** For a layer whose output is never negative. */
export interface UnitHealth extends NodeHealth {
  /** The share of channels without a positive value in the batch. */
  dead: number;
}

export type TrainerMessage =
  /** @property bytes of the memory that was taken, as forecast */
  | { type: 'start'; step: number; steps: number; stepsPerEpoch: number; bytes: number }
  | { type: 'steps'; points: StepReport[]; rate: number }
  | { type: 'epoch'; point: EpochReport }
  | { type: 'evaluation'; epoch: number; step: number; report: EvaluationReport }
  | { type: 'samples'; samples: Samples }
  | { type: 'health'; step: number; nodes: (WeightHealth | UnitHealth)[] }
  /** It is on disk. The one before it of the same kind may go now. */
  | { type: 'checkpoint'; kind: 'last' | 'best'; path: string; step: number; epoch: number }
  | { type: 'paused' }
  | { type: 'resumed' }
  | {
      type: 'end';
      state: 'finished' | 'stopped';
      metrics: Record<string, number>;
      /** Of the checkpoint that is kept; null where the last one could not be written. */
      weightHash: string | null;
      seconds: number;
    }
  /**
   * The disk refused a checkpoint: it is written again, later and later, until there is room. `resumed` follows, or `end`.
   * @property bytes that are to be written
   */
  | { type: 'waiting'; path: string; bytes: number; refusal: RunRefusal }
  | FeatureReport
  | Failed;

/** Why features are not kept: what the system said; so many bytes are more than there is room for; no image is the same twice. */
export type NotKept = RunRefusal | 'room' | 'augmented';

/** How features fare that a run keeps: at its start, when an epoch was trained on kept ones, and where they are given up. */
export interface FeatureReport {
  type: 'features';
  /** The file, and the bytes that it takes at most; empty where none can be. */
  path: string;
  bytes: number;
  /** Of how many images they are. */
  images: number;
  /** Of an epoch, where they were computed and where they were read; null where that was not measured. */
  seconds: { computed: number | null; read: number | null };
  /** Null: they are kept. */
  refused: NotKept | null;
}

/** It ended by an error. @property refusal of the system, where that was it @property damagedImage in the cache */
export interface Failed {
  type: 'failed';
  message: string;
  name?: string;
  refusal?: RunRefusal;
  damagedImage?: number;
}

/** What the system says when it does not read or write. */
export interface RunRefusal {
  code: string;
  syscall?: string | undefined;
  path?: string | undefined;
}

/** An error as a message: an error itself would lose what it says when it goes from thread to thread. */
export function failed(error: unknown): Failed {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const refusal = refusalOf(error);
  return {
    type: 'failed',
    message,
    name,
    ...(refusal && { refusal }),
    ...(error instanceof CacheDamage && { damagedImage: error.position }),
  };
}

export function refusalOf(error: unknown): RunRefusal | undefined {
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && syscall !== undefined ? { code, syscall, path } : undefined;
}

/** Refusals that pass: of a disk that is full, not there or not to be written for now. */
const PASSING = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EACCES', 'EPERM', 'EMFILE', 'ENFILE']);

export function isPassing(refusal: RunRefusal | undefined): refusal is RunRefusal {
  return refusal !== undefined && PASSING.has(refusal.code);
}

/**
 * Words of the control buffer, and what the command word can say. `learningRate` is one that was asked for, until
 * the trainer has taken it; 0 where none was. `held` is 1 while what it says cannot be recorded: it waits, and saves
 * nothing, until that is over or it is told to stop.
 */
export const trainerControl = { command: 0, learningRate: 1, held: 2, count: 3 } as const;
export const trainerCommands = { run: 0, pause: 1, stop: 2 } as const;
