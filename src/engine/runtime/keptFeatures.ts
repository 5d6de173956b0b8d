/** The features that a run keeps: where they lie, what they save, and what is told of it. */
import type { ProjectDocument } from '../graph/document.ts';
import { isFrozen } from '../graph/freezing.ts';
import { infer } from '../graph/infer.ts';
import type { Batches } from './batches.ts';
import { FeatureFile } from './featureFile.ts';
import type { Session } from './session.ts';
import type { TrainerMessage, TrainerOptions } from './trainerMessages.ts';
import type { TrainingData } from './trainingData.ts';
import { compileForTraining } from './trainingModel.ts';

type Post = (message: TrainerMessage) => void;

/** An epoch under way: when it began, and what had been counted until then. */
interface Begun {
  readonly at: number;
  readonly read: number;
  readonly computed: number;
  readonly milliseconds: number;
}

/** @returns undefined where there are none, or no place for them; where augmentation is why, that is said */
export function keepFeatures(
  { features: folder, data, document }: Pick<TrainerOptions, 'features' | 'data' | 'document'>,
  session: Session,
  batches: Batches,
  post: Post,
): KeptFeatures | undefined {
  if (!folder) return undefined;
  if (!session.features) {
    const none = { path: '', bytes: 0, images: 0, seconds: { computed: null, read: null } };
    if (wouldKeepUnaugmented(document)) post({ type: 'features', ...none, refused: 'augmented' });
    return undefined;
  }
  const file = new FeatureFile(folder, session, data);
  batches.keepFeatures(file);
  return new KeptFeatures(file, data, post);
}

/** Whether features would be kept, were it not that images are augmented before. */
function wouldKeepUnaugmented(document: ProjectDocument): boolean {
  const { training, graph } = document;
  if (training.augmentations.length === 0) return false;
  const isStill = [...infer(graph).nodes.values()].some(({ node }) => isFrozen(node));
  return (
    isStill &&
    compileForTraining({ ...document, training: { ...training, augmentations: [] } }).features !== undefined
  );
}

export class KeptFeatures {
  readonly #file: FeatureFile;
  /** Of each epoch; those of the test come in at the end. */
  readonly #images: number;
  readonly #post: Post;
  /** Seconds of an epoch. */
  readonly #seconds: { computed: number | null; read: number | null } = { computed: null, read: null };
  #begun: Begun | null = null;
  #saidRefused = false;

  constructor(file: FeatureFile, { splits }: TrainingData, post: Post) {
    this.#file = file;
    this.#images = splits.train.length + splits.val.length;
    this.#post = post;
    this.#saidRefused = file.refused !== null;
    this.#say();
  }

  /** Says that they are given up, where they were. */
  look(): void {
    if (this.#file.refused === null || this.#saidRefused) return;
    this.#saidRefused = true;
    this.#say();
  }

  epochBegins(): void {
    const { counts, milliseconds } = this.#file;
    this.#begun = { at: performance.now(), ...counts, milliseconds };
  }

  /** Nothing is learned from how long this epoch takes: it did not begin at its first step, or is interrupted. */
  epochBreaks(): void {
    this.#begun = null;
  }

  /** Says, once, what an epoch takes with features that were read. */
  epochEnds(): void {
    const begun = this.#begun;
    this.#begun = null;
    if (!begun || this.#seconds.read !== null) return;
    const { counts, milliseconds } = this.#file;
    const took = performance.now() - begun.at;
    if (counts.read === begun.read) {
      // What writing them took would not be there without them.
      this.#seconds.computed = (took - (milliseconds - begun.milliseconds)) / 1000;
    } else if (counts.computed === begun.computed) {
      this.#seconds.read = took / 1000;
      this.#say();
    }
  }

  #say(): void {
    const { path, bytes, refused } = this.#file;
    const seconds = { ...this.#seconds };
    this.#post({ type: 'features', path, bytes, images: this.#images, seconds, refused });
  }
}
