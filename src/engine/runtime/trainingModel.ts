/** Compiles a document for training: which programs, and how many images per run. */
import { compile } from '../compile/compile.ts';
import type { Model } from '../compile/program.ts';
import type { ProjectDocument, Training } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { type Normalization, normalizationBy } from '../graph/normalization.ts';
import { scheduleKind } from '../schedules/registry.ts';
import type { Schedule } from '../schedules/scheduledRate.ts';
import { MODEL_START } from './memory.ts';
import type { Session } from './session.ts';

/** Images per run: the batch, or the largest part of it with gradient accumulation. */
export function imagesPerRun({ training }: ProjectDocument): number {
  return Math.ceil(training.batchSize / training.accumulate);
}

/** Sets how images become numbers. @param own the figures of the dataset that it is trained on */
export function normalize(session: Session, { training }: ProjectDocument, own: Normalization): void {
  const { mean, std } = normalizationBy(training.start.normalization, own);
  session.setNormalization(mean, std);
}

/** The model of a document as it is trained and evaluated. */
export function compileForTraining(document: ProjectDocument): Model {
  const { training } = document;
  return compile({
    inference: infer(document.graph),
    training,
    batch: imagesPerRun(document),
    input: 'uint8',
    programs: [...(training.accumulate > 1 ? (['accumulate'] as const) : []), 'train', 'watch', 'evaluate'],
    realBytes: 4,
    start: MODEL_START,
    stages: true,
    // In a single epoch nothing is computed twice.
    keepsFeatures: training.computing.features && training.epochs > 1,
  });
}

export function scheduleOf({ schedule, learningRate, warmup }: Training, stepsPerEpoch: number): Schedule {
  const kind = scheduleKind(schedule.kind)!;
  return {
    kind,
    params: kind.schema.parse(schedule.params),
    base: learningRate,
    warmupSteps: Math.round(warmup * stepsPerEpoch),
  };
}
