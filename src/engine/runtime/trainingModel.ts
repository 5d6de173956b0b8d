/** Compiles a document for training: which programs, and how many images per run. */
import { compile } from '../compile/compile.ts';
import type { Model } from '../compile/program.ts';
import type { ProjectDocument, Training } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { scheduleKind } from '../schedules/registry.ts';
import type { Schedule } from '../schedules/scheduledRate.ts';
import { MODEL_START } from './memory.ts';

/** Images per run: the batch, or the largest part of it with gradient accumulation. */
export function imagesPerRun({ training }: ProjectDocument): number {
  return Math.ceil(training.batchSize / training.accumulate);
}

/** The model for training and evaluating a document. */
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
