/**
 * What the window and the studio say to each other: types, no code. The studio checks every call with zod at
 * its door (main/studio/door.ts); the transport is rpc.ts over a Channel.
 *
 * Events carry whole summaries, never differences, so that a lost one is mended by the next, and a client that
 * was away asks for a snapshot. Metrics are pulled: an event says how far a run is, the client asks for what it
 * lacks. That is the back-pressure.
 */
import type { Answer, Block, BlockId, ProjectDocument } from '../engine/graph/document.ts';
import type { LayerHealth } from '../engine/graph/health.ts';

/** An id that the studio gave: of a project, dataset, run or job. */
export type Id = string;

/** Milliseconds since 1970. */
export type Time = number;

export interface ProjectSummary {
  id: Id;
  name: string;
  createdAt: Time;
  changedAt: Time;
  /** Whether there are changes that Ctrl+S has not confirmed. They are kept either way. */
  edited: boolean;
}

export interface Project extends ProjectSummary {
  document: ProjectDocument;
}

export type Split = 'train' | 'val' | 'test';

export interface DatasetSummary {
  id: Id;
  name: string;
  /** Where the images came from, as the user gave it; null for the one the program draws. */
  source: string | null;
  format: 'folders' | 'idx' | 'shapes';
  /** `importing` until it is whole. An interrupted import leaves nothing. */
  state: 'importing' | 'ready';
  createdAt: Time;
  /** Channels, height, width of each image in the cache. */
  imageShape: [number, number, number];
  classes: string[];
  /** Whether every image has a box around its thing. */
  boxes: boolean;
  /** What a pixel can be, where every image has a mask; empty where there are none. */
  maskClasses: string[];
  count: number;
  rejectCount: number;
  /** Bytes of the cache on disk. */
  bytes: number;
}

export interface DatasetDetail extends DatasetSummary {
  /** Images per class, in the order of `classes`, for each split. */
  classCounts: Record<Split, number[]>;
  /** Of the training images, per channel, 0 to 1. */
  mean: number[];
  std: number[];
  /** How the images were brought to one shape. */
  preparation: string;
  /** Every file that could not be used, and why. */
  rejects: { path: string; reason: string }[];
}

export interface DatasetImage {
  index: number;
  /** Relative to the dataset's source. */
  path: string;
  label: number;
  split: Split;
  /** Left, top, width, height in pixels of the cached image; null where the dataset has no boxes. */
  box: [number, number, number, number] | null;
}

/** `queued`: it waits for its turn. */
export type RunState = 'queued' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed' | 'crashed';

export interface RunSummary {
  id: Id;
  name: string;
  project: Id | null;
  projectName: string;
  dataset: string;
  state: RunState;
  /** Why it failed, in plain words. */
  error: string | null;
  startedAt: Time;
  endedAt: Time | null;
  /** Training time in seconds, pauses left out. */
  seconds: number;
  epoch: number;
  epochs: number;
  step: number;
  steps: number;
  /** Images per second over the last moments; 0 when it does not run. */
  rate: number;
  parameters: number;
  /** The settings that can differ between runs, flat: `optimizer.momentum`. */
  settings: Record<string, number | string | boolean>;
  /** The last value of each metric: `train.loss`, `val.accuracy`, `test.accuracy`. */
  metrics: Record<string, number>;
  /** SHA-256 of the final weights; null until it ended. */
  weightHash: string | null;
  /** What a person wrote about it. */
  notes: string;
  tags: string[];
  /** Put away: not shown unless asked for. */
  archived: boolean;
  /** The sweep that it is part of, and its name. */
  sweep: Id | null;
  sweepName: string | null;
  /** Where it stands among those that wait, the smallest first; null when it does not wait. */
  queuePlace: number | null;
  /** The run whose weights it began with. */
  origin: Id | null;
}

/** What a person says about runs; a missing field stays as it is. */
export interface RunAnnotation {
  notes?: string | undefined;
  tags?: string[] | undefined;
  archived?: boolean | undefined;
}

export type SweepStrategy = 'grid' | 'random' | 'halving';

/** Which runs a sweep is made of. */
export interface SweepPlan {
  /** By the setting's path, as `optimizer.momentum` or `conv1.outChannels`: its values. */
  fields: { path: string; values: (number | string | boolean)[] }[];
  strategy: SweepStrategy;
  /** How many of the combinations; all where it is null, as a grid is. */
  samples: number | null;
  /** Of the choice of combinations. */
  seed: number;
  /** Each combination is trained with so many seeds. */
  repeats: number;
  /** Of halving: epochs of the first round and of the last, and how many go on: one in `factor`. */
  halving: { epochs: number; full: number; factor: number } | null;
}

/** One image of a split and how it was answered. */
export interface AnsweredImage {
  index: number;
  path: string;
  label: number;
  /** Null where no class was answered, or the run is from before answers were kept. */
  answered: number | null;
  loss: number;
}

export interface AnsweredQuery {
  split: Split;
  /** Of these images alone; null for all. */
  label: number | null;
  answered: number | null;
  offset: number;
  limit: number;
}

/** How two runs answered the same images, rightly or wrongly. */
export interface PairedAnswers {
  images: number;
  bothRight: number;
  onlyFirst: number;
  onlySecond: number;
  bothWrong: number;
}

export interface RunDetail extends RunSummary {
  document: ProjectDocument;
  environment: Record<string, string>;
  /** SHA-256 over the dataset's images, labels and split. */
  dataFingerprint: string;
}

/** Curves as columns of equal length. Every step has a point; epochs follow the validation. */
export interface RunMetrics {
  steps: { step: number[]; loss: number[]; accuracy: number[]; learningRate: number[]; seconds: number[] };
  epochs: {
    epoch: number[];
    step: number[];
    trainLoss: number[];
    trainAccuracy: number[];
    valLoss: (number | null)[];
    valAccuracy: (number | null)[];
    /** Every figure of the validation, by name. */
    metrics: Record<string, number>[];
  };
}

/** How layers fared at a step, counted from 1. Looked at every hundredth. */
export interface RunHealth {
  step: number;
  nodes: LayerHealth[];
}

/** How a split was answered, last. */
export interface RunEvaluation {
  split: Split;
  epoch: number;
  /** The dataset, where it is still here as it was; else its images cannot be shown. */
  dataset: Id | null;
  images: number;
  heads: EvaluatedHead[];
}

export interface EvaluatedHead {
  answer: Answer;
  classes: readonly string[];
  /** By true class, then by answered class: images, or pixels of masks; of boxes there is none. */
  confusion: number[][];
  perClass: { precision: number; recall: number; f1: number; support: number }[];
}

/** Some images of the validation (of the training, where there are no others), and what the network says of them. */
export interface RunSamples {
  /** After which step it was asked. */
  step: number;
  dataset: Id;
  images: SampleImage[];
}

export interface SampleImage {
  index: number;
  label: number;
  /** Left, top, right, bottom, as shares of width and height; null where the dataset has none. */
  box: number[] | null;
  /** A class for each pixel, row after row; null where the dataset has none. */
  mask: Uint8Array | null;
  answers: {
    answer: Answer;
    /** Height and width of a mask; else how many numbers. */
    shape: readonly number[];
    /** Probabilities of the classes; a box as `box` is; a class for each pixel. */
    values: readonly number[];
  }[];
}

/** Work that takes a while and can be cancelled: an import. */
export interface Job {
  id: Id;
  title: string;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  done: number;
  /** Null while it is still being counted. */
  total: number | null;
  /** Items per second. */
  rate: number;
  error: string | null;
  /** The dataset that an import makes. */
  dataset: Id | null;
}

export interface Forecast {
  /** Bytes of the memory that training will take, to the byte. */
  bytes: number;
  weightBytes: number;
  /** Gradients and what the optimizer keeps. */
  optimizerBytes: number;
  activationBytes: number;
  /** Bytes of a checkpoint to take weights from, and of one to go on from. */
  bestBytes: number;
  lastBytes: number;
  /** Bytes that are free where the workspace lies. */
  freeBytes: number;
}

/** What a few real steps told of a run that is not started yet. */
export interface Preflight {
  /** Seconds of one step, its images read with it. */
  step: number;
  /** Seconds of one epoch, its validation with it. */
  epoch: number;
  imagesPerSecond: number;
  /** The largest batch whose memory can be had; null where not a single image fits. */
  largest: {
    batchSize: number;
    bytes: number;
    /** What it had to fit into. */
    limit: number;
    /** Whether all training images fit into one batch. */
    all: boolean;
  } | null;
}

/** A short training with a rising learning rate: where the loss falls fastest is a good one. */
export interface RateSearch {
  project: Id;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Of the whole search; it ends before where the loss gets out of hand. */
  steps: number;
  points: { learningRate: number; loss: number; smoothed: number }[];
  /** Null until it is done, and where the loss never fell. */
  suggestion: number | null;
  error: string | null;
}

/** A block that every project can take a copy of. */
export interface LibraryBlock {
  id: Id;
  name: string;
  /** Which of `blocks` it is; the others stand within it. */
  block: BlockId;
  blocks: Record<BlockId, Block>;
}

export interface FolderListing {
  path: string;
  /** Null at a root. */
  parent: string | null;
  folders: { name: string; path: string }[];
  /** How many files lie in it directly. */
  files: number;
}

export interface Environment {
  /** How the engine computes where nothing else is asked for: `native, AVX-512`. */
  backend: string;
  /** Why it is not the fastest way; null where it is. */
  backendNote: string | null;
  workers: number;
  workspace: string;
  version: string;
  /** Roots that folders can be picked from; empty where any folder can. */
  roots: string[];
}

/** All that a window shows before anything is opened. */
export interface Snapshot {
  environment: Environment;
  projects: ProjectSummary[];
  datasets: DatasetSummary[];
  runs: RunSummary[];
  jobs: Job[];
  library: LibraryBlock[];
  /** The last one, ended or under way. */
  rateSearch: RateSearch | null;
  /** A sentence to show once, and given once: the studio had crashed, and which runs were interrupted. */
  notice: string | null;
}

export interface StudioCalls {
  snapshot(): Promise<Snapshot>;

  createProject(document: ProjectDocument): Promise<Project>;
  openProject(id: Id): Promise<Project>;
  /** Keeps a change. `version` rises with the client's changes; an older one than kept is ignored. */
  updateProject(id: Id, document: ProjectDocument, version: number): Promise<void>;
  /** Confirms the present state, as Ctrl+S does. */
  saveProject(id: Id): Promise<ProjectSummary>;
  deleteProject(id: Id): Promise<void>;
  /** A project file's text to a new project. Rejects with what is wrong and where. */
  importProject(text: string): Promise<Project>;
  exportProject(id: Id): Promise<{ fileName: string; text: string }>;
  forecast(document: ProjectDocument): Promise<Forecast>;
  /** Makes a few steps to tell what a run would take. Rejects while a run is under way. */
  preflight(document: ProjectDocument): Promise<Preflight>;
  /** Starts to look for a learning rate, of which events tell. */
  findLearningRate(options: { project: Id }): Promise<void>;
  /** Ends a preflight or a search. */
  cancelTrial(): Promise<void>;

  /** Puts a block into the library, in the place of one of the same name. */
  keepBlock(block: Omit<LibraryBlock, 'id'>): Promise<LibraryBlock>;
  deleteLibraryBlock(id: Id): Promise<void>;

  listFolder(path: string | null): Promise<FolderListing>;
  /** Starts a job; its id is the dataset's too. */
  importDataset(source: { path: string; name: string }): Promise<Id>;
  /** Opens an upload; files follow by HTTP PUT to `/upload/<id>/<relative path>`, then `finishUpload`. */
  beginUpload(name: string): Promise<Id>;
  /** Starts to import what was uploaded, as `importDataset` does. */
  finishUpload(upload: Id): Promise<Id>;
  cancelUpload(upload: Id): Promise<void>;
  dataset(id: Id): Promise<DatasetDetail>;
  datasetImages(
    id: Id,
    query: { split: Split | null; label: number | null; offset: number; limit: number },
  ): Promise<{ total: number; images: DatasetImage[] }>;
  datasetImage(id: Id, index: number): Promise<DatasetImage>;
  deleteDataset(id: Id): Promise<void>;
  cancelJob(id: Id): Promise<void>;

  startRun(options: { project: Id; name: string | null }): Promise<RunSummary>;
  pauseRun(id: Id): Promise<void>;
  resumeRun(id: Id): Promise<void>;
  stopRun(id: Id): Promise<void>;
  setLearningRate(id: Id, learningRate: number): Promise<void>;
  run(id: Id): Promise<RunDetail>;
  /** Points after the given step and epoch. */
  runMetrics(id: Id, after: { step: number; epoch: number }): Promise<RunMetrics>;
  /** How its layers fared last; null where that was not after the given step. */
  runHealth(id: Id, after: number): Promise<RunHealth | null>;
  /** Null where the split was not evaluated yet. */
  runEvaluation(id: Id, split: Split): Promise<RunEvaluation | null>;
  /** Null where nothing was asked yet, or the dataset is not here any more as it was. */
  runSamples(id: Id): Promise<RunSamples | null>;
  renameRun(id: Id, name: string): Promise<void>;
  /** A run for each of so many seeds, from the project's on, after those that wait. */
  queueRuns(options: { project: Id; seeds: number }): Promise<void>;
  /** Trains the project from the best weights of a run, where names and shapes are the same; when its turn comes. */
  fineTune(options: { project: Id; origin: Id }): Promise<void>;
  /** Lets a run go on to more epochs, from where it ended. */
  extendRun(id: Id, epochs: number): Promise<void>;
  /** Puts a run that waits in front of another; null: last. */
  moveQueued(id: Id, before: Id | null): Promise<void>;
  cancelQueued(ids: Id[]): Promise<void>;
  startSweep(options: { project: Id; name: string | null; plan: SweepPlan }): Promise<void>;
  /** A project as the run was trained; and a sentence where the data is not what it was. */
  restoreRun(id: Id): Promise<{ project: Project; warning: string | null }>;
  /** Images of a split, those of the largest loss first. */
  answeredImages(id: Id, query: AnsweredQuery): Promise<{ total: number; images: AnsweredImage[] }>;
  /** Rejects where the two were not tried on the same images. */
  pairedAnswers(first: Id, second: Id, split: Split): Promise<PairedAnswers>;
  annotateRuns(ids: Id[], annotation: RunAnnotation): Promise<void>;
  /** They can be brought back until the studio is started the next time. */
  deleteRuns(ids: Id[]): Promise<void>;
  bringBackRuns(ids: Id[]): Promise<void>;
}

export type StudioEvent =
  | { type: 'project'; project: ProjectSummary }
  | { type: 'projectDeleted'; id: Id }
  | { type: 'dataset'; dataset: DatasetSummary }
  | { type: 'datasetDeleted'; id: Id }
  | { type: 'run'; run: RunSummary }
  | { type: 'runDeleted'; id: Id }
  | { type: 'job'; job: Job }
  | { type: 'rateSearch'; search: RateSearch }
  | { type: 'libraryBlock'; block: LibraryBlock }
  | { type: 'libraryBlockDeleted'; id: Id };

/** What the studio calls in the window. */
export interface WindowCalls {
  event(event: StudioEvent): void;
}

/** An error that a person caused and can mend: its message is shown as it is. Others are defects. */
export interface UserFault {
  name: 'UserError';
  message: string;
}
