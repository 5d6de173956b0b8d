/**
 * What the window and the studio say to each other: types, no code. The studio checks every call with zod at
 * its door (main/studio/door.ts); the transport is rpc.ts over a Channel.
 *
 * Events carry whole summaries, never differences, so that a lost one is mended by the next, and a client that
 * was away asks for a snapshot. Metrics are pulled: an event says how far a run is, the client asks for what it
 * lacks. That is the back-pressure.
 */
import type { Answer, Block, BlockId, NodeId, ProjectDocument, Training } from '../engine/graph/document.ts';
import type { LayerHealth } from '../engine/graph/health.ts';
import type { AnswerTo, ExplainQuestion, LabPoint, LabQuestion, LabVariant } from './explain.ts';
import type { RunCursor, RunPage } from './runPages.ts';

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

/** The forms in which a folder can hold a dataset. */
export type DatasetFormat = 'folders' | 'csv' | 'idx' | 'cifar' | 'coco' | 'masks';

/** How images of any size become the images of a dataset. */
export interface Preparation {
  /** Null: the most common size where it is small, else 224 × 224. */
  size: { height: number; width: number } | null;
  /** `contain`: whole, the rest black. `cover`: the middle of it. `fill`: stretched. */
  fit: 'contain' | 'cover' | 'fill';
  /** `auto`: grey where all are. */
  colour: 'auto' | 'grey' | 'rgb';
  /** How bytes become what the network reads: by the dataset's own mean and deviation, ImageNet's, to -1…1, 0…1. */
  normalise: 'dataset' | 'imagenet' | 'half' | 'none';
}

/** Who decides which images train, validate and test. */
export type SplitRule =
  /** The source where it says so, a share of the rest by chance. */
  | { by: 'source'; val: number; test: number; seed: number }
  | { by: 'ratio'; val: number; test: number; seed: number }
  /** Paths, or names of files; all others train. */
  | { by: 'list'; val: string[]; test: string[] };

export interface DatasetSummary {
  id: Id;
  name: string;
  /** Where the images came from, as the user gave it; null for the one the program draws. */
  source: string | null;
  format: DatasetFormat | 'shapes';
  /** `importing` until it is whole; `partial` where that was interrupted, and can go on. */
  state: 'importing' | 'partial' | 'ready';
  /** Counts from 1; rises with every change of who is in it, as what, and where. */
  version: number;
  /** Whether its source can be read again; not so of what was uploaded. */
  renewable: boolean;
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
  /** Bytes of the cache on disk; 0 where it was cleared, and is filled again when it is needed. */
  bytes: number;
}

export interface DatasetVersion {
  version: number;
  createdAt: Time;
  /** What differs from the version before, in a few words. */
  change: string;
  count: number;
  /** How many runs were trained on it. */
  runs: number;
}

/** What may be wrong with an image: one colour alone, a very long shape, a copy of another, copies across splits. */
export type ImageFlag = 'constant' | 'extreme' | 'duplicate' | 'near' | 'leak';

/** What is worth knowing before training. */
export interface DatasetReport {
  /** What the import decided, a sentence each. */
  notes: string[];
  /** Sizes of the files, the most common first. */
  sizes: { width: number; height: number; count: number }[];
  /** How many images carry each flag. */
  flags: Record<ImageFlag, number>;
  /** Classes that have no image in some split. */
  uncovered: number[];
}

export interface DatasetDetail extends DatasetSummary {
  /** Images per class, in the order of `classes`, for each split. */
  classCounts: Record<Split, number[]>;
  /** Of the training images, per channel, 0 to 1. */
  mean: number[];
  std: number[];
  /** How the images were brought to one shape, in a sentence. */
  preparation: string;
  options: Preparation;
  splitRule: SplitRule;
  report: DatasetReport;
  /** The newest first; the first is the present one. */
  versions: DatasetVersion[];
  /** Every file that could not be used, and why. */
  rejects: { path: string; reason: string }[];
}

export interface DatasetImage {
  index: number;
  /** Relative to the dataset's source. */
  path: string;
  label: number;
  /** Null: left out. */
  split: Split | null;
  flags: ImageFlag[];
  /** Images that look alike share a number; null of one that is alone. */
  twins: number | null;
  /** Of the file, upright; 0 where it is not known. */
  width: number;
  height: number;
  /** Left, top, width, height in pixels of the cached image; null where the dataset has no boxes. */
  box: [number, number, number, number] | null;
}

/** What is to be said of an image from now on; what is missing stays. */
export interface ImageEdit {
  index: number;
  label?: number;
  /** Null leaves it out. */
  split?: Split | null;
}

export interface ImageQuery {
  /** Null: all that are in use. */
  split: Split | 'none' | null;
  label: number | null;
  flag?: ImageFlag | null;
  offset: number;
  limit: number;
}

/** How a folder may be read. */
export interface RecognisedFormat {
  format: DatasetFormat;
  /** By what it is known, in a few words. */
  reason: string;
}

/** What an import may be told; what is missing is found out. */
export interface ImportOptions {
  format?: DatasetFormat;
  preparation?: Preparation;
}

/** An image as training would see it. */
export interface AugmentedImage {
  png: Uint8Array;
  /** As of a DatasetImage; null where the dataset has none. */
  box: DatasetImage['box'];
  /** A PNG with a colour for each class of pixels, see-through where there is ground. */
  mask: Uint8Array | null;
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
  /** The newest, and those under way. */
  runs: RunSummary[];
  /** Where the earlier ones begin, which are asked for page by page; null where there are none. */
  earlierRuns: RunCursor | null;
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
  importDataset(source: { path: string; name: string } & ImportOptions): Promise<Id>;
  /** In which forms a folder can be read, the likeliest first. */
  recogniseFolder(path: string): Promise<RecognisedFormat[]>;
  /** Goes on with an interrupted import, or takes in what changed in the folder since. A job, as an import is. */
  renewDataset(id: Id): Promise<Id>;
  /** Changes images; where the present version was imported or trained on, that makes a new one. Gives what takes it back. */
  editImages(id: Id, edits: ImageEdit[]): Promise<ImageEdit[]>;
  /** Divides the images anew. Gives what takes it back. */
  splitDataset(id: Id, rule: SplitRule): Promise<ImageEdit[]>;
  /** Says of every image what an earlier version said. Gives what takes it back. */
  restoreVersion(id: Id, version: number): Promise<ImageEdit[]>;
  /** Removes the cache from the disk, until it is needed. */
  clearCache(id: Id): Promise<void>;
  /** Images as the training of an epoch would see them, by the same kernels. */
  previewAugmentations(
    id: Id,
    preview: { images: number[]; augmentations: Training['augmentations']; seed: number; epoch: number },
  ): Promise<AugmentedImage[]>;
  /** Opens an upload; files follow by HTTP PUT to `/upload/<id>/<relative path>`, then `finishUpload`. */
  beginUpload(name: string): Promise<Id>;
  /** Starts to import what was uploaded, as `importDataset` does. */
  finishUpload(upload: Id): Promise<Id>;
  cancelUpload(upload: Id): Promise<void>;
  dataset(id: Id): Promise<DatasetDetail>;
  /** How many pixels of the training images each class of the masks has. Rejects where there are no masks. */
  maskCounts(id: Id): Promise<number[]>;
  datasetImages(id: Id, query: ImageQuery): Promise<{ total: number; images: DatasetImage[] }>;
  datasetImage(id: Id, index: number): Promise<DatasetImage>;
  deleteDataset(id: Id): Promise<void>;
  cancelJob(id: Id): Promise<void>;

  startRun(options: { project: Id; name: string | null }): Promise<RunSummary>;
  pauseRun(id: Id): Promise<void>;
  resumeRun(id: Id): Promise<void>;
  stopRun(id: Id): Promise<void>;
  setLearningRate(id: Id, learningRate: number): Promise<void>;
  run(id: Id): Promise<RunDetail>;
  /** A page of the history, the newest first. */
  earlierRuns(after: RunCursor): Promise<RunPage>;
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
  /**
   * Trains the project from the best weights of a run, where names and shapes are the same, with some layers frozen and
   * another learning rate; when its turn comes.
   */
  fineTune(options: { project: Id; origin: Id; frozen: NodeId[]; learningRate: number }): Promise<RunSummary>;
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

  /** Looks into a network. `task` is a name of the window's choice, for progress and cancelling. */
  explain<Q extends ExplainQuestion>(task: string, question: Q): Promise<AnswerTo<Q>>;
  /** Trains one network in several ways; every epoch is told as an event, and all of them in the end. */
  runLab(task: string, question: LabQuestion): Promise<Record<string, LabPoint[]>>;
  /** Cancels either. */
  cancelExplain(task: string): Promise<void>;
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
  | { type: 'explaining'; task: string; done: number; total: number }
  | { type: 'lab'; task: string; variant: LabVariant; point: LabPoint }
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
