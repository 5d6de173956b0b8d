/** Evaluates a network on a split: runs the evaluation program over all images and computes all metrics. */
import { Evidence } from '../metrics/evidence.ts';
import { classFigures } from '../metrics/perClass.ts';
import { figuresOf } from '../metrics/registry.ts';
import type { Batches } from './batches.ts';
import type { Session } from './session.ts';
import type { EvaluationReport } from './trainerMessages.ts';
import type { TrainingData } from './trainingData.ts';

export interface Evaluation {
  readonly loss: number;
  /** The main metric, 0 to 1: accuracy, or its counterpart for masks and boxes; the mean over all heads. */
  readonly score: number;
  /** All metrics by name. */
  readonly figures: Record<string, number>;
  readonly report: EvaluationReport;
}

/** @returns null for an empty split */
export function evaluateSplit(
  session: Session,
  batches: Batches,
  data: TrainingData,
  split: EvaluationReport['split'],
): Evaluation | null {
  const images = data.splits[split];
  if (images.length === 0) return null;
  const { heads, batch } = session.model;
  const losses = new Float32Array(images.length);
  const found = heads.map(head => ({
    head,
    evidence: new Evidence(head.answer, classesOf(data, head.answer)),
    scores: new Float32Array(images.length),
    predictions: head.answer === 'class' ? new Uint16Array(images.length) : null,
  }));
  for (let from = 0; from < images.length; from += batch) {
    const part = images.subarray(from, from + batch);
    batches.load(part, images.subarray(from + batch, from + 2 * batch));
    session.run('evaluate', part.length);
    losses.set(session.losses.subarray(0, part.length), from);
    for (const { head, evidence, scores, predictions } of found) {
      const answered = {
        count: part.length,
        output: session.output('evaluate', head),
        targets: session.targets(head),
        predictions: head.predictions ? session.predictions(head) : null,
        scores: session.scores(head),
      };
      scores.set(answered.scores.subarray(0, part.length), from);
      if (answered.predictions) predictions?.set(answered.predictions.subarray(0, part.length), from);
      evidence.add(answered);
    }
  }
  const loss = losses.reduce((sum, each) => sum + each, 0) / images.length;
  const means = found.map(({ evidence }) => evidence.scoreSum / images.length);
  return {
    loss,
    score: means.reduce((sum, each) => sum + each, 0) / means.length,
    figures: Object.assign({ loss }, ...found.map(({ evidence }) => figuresOf(evidence))),
    report: {
      split,
      losses,
      heads: found.map(({ head: { answer }, evidence, scores, predictions }) => ({
        answer,
        classes: evidence.classes,
        scores,
        predictions,
        confusion: evidence.confusion.map(row => [...row]),
        perClass: classFigures(evidence),
      })),
    },
  };
}

function classesOf(
  data: TrainingData,
  answer: EvaluationReport['heads'][number]['answer'],
): readonly string[] {
  if (answer === 'box') return [];
  return answer === 'mask' ? data.masks!.classes : data.classes;
}
