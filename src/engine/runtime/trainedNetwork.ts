/**
 * A trained network: evaluates splits and single images. Weights come from a checkpoint by PyTorch's names. Only the
 * evaluation program is compiled, which takes less memory.
 */
import { compile } from '../compile/compile.ts';
import { SafetensorsError } from '../formats/safetensors.ts';
import type { ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import type { Normalization } from '../graph/normalization.ts';
import { type BackendName, loadBackend } from './backend.ts';
import { Batches } from './batches.ts';
import { readCheckpoint } from './checkpoint.ts';
import { type Evaluation, evaluateSplit } from './evaluating.ts';
import { answersOf, type ImageAnswer } from './imageAnswers.ts';
import { MODEL_START } from './memory.ts';
import { Session } from './session.ts';
import type { EvaluationReport } from './trainerMessages.ts';
import type { TrainingData } from './trainingData.ts';
import { normalize } from './trainingModel.ts';

export interface NetworkOptions {
  readonly backend: BackendName;
  readonly threads: number;
  /** Images per run; by default those of the training. */
  readonly batch?: number | undefined;
}

export class TrainedNetwork {
  readonly #session: Session;

  /**
   * @param figures of the dataset that it was trained on
   * @throws SafetensorsError where the checkpoint does not fit the document
   */
  constructor(
    document: ProjectDocument,
    checkpoint: string,
    figures: Normalization,
    { backend, threads, batch = document.training.batchSize }: NetworkOptions,
  ) {
    const model = compile({
      inference: infer(document.graph),
      training: document.training,
      batch,
      input: 'uint8',
      programs: ['evaluate'],
      realBytes: 4,
      start: MODEL_START,
    });
    this.#session = new Session(model, loadBackend(backend), threads);
    normalize(this.#session, document, figures);
    try {
      readCheckpoint(checkpoint, tensors => {
        const [missing] = this.#session.restore(tensors);
        if (missing)
          throw new SafetensorsError(
            `The checkpoint does not fit this network: ${missing} is missing, or of another shape.`,
          );
      });
    } catch (error) {
      // Threads that are not closed would keep the process alive.
      this.#session.close();
      throw error;
    }
  }

  /** @returns null for an empty split */
  evaluate(data: TrainingData, split: EvaluationReport['split']): Evaluation | null {
    const batches = new Batches(data, this.#session);
    try {
      return evaluateSplit(this.#session, batches, data, split);
    } finally {
      batches.close();
    }
  }

  /** @param pixels one image of uint8, height × width × channels */
  answer(pixels: Uint8Array): ImageAnswer[] {
    this.#session.images.set(pixels);
    this.#session.run('evaluate', 1);
    return answersOf(this.#session, 0);
  }

  close(): void {
    this.#session.close();
  }
}
