/**
 * Whether a document can be trained on a dataset: what inference found, and what losses, optimizer and dataset
 * ask of it. The window shows it beside the Train button; the command line ends with it.
 */
import type { z } from 'zod';
import { augmentationKind } from '../augmentations/registry.ts';
import type { Repair } from '../layers/repair.ts';
import type { Truth } from '../losses/loss.ts';
import { lossKind, lossKindsOf } from '../losses/registry.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { scheduleKind } from '../schedules/registry.ts';
import { type Answering, answeringOf, inputsOf } from './answering.ts';
import { scoreRepairs } from './diagnostics/ending.ts';
import { sceneOf } from './diagnostics/scene.ts';
import type { Answer, LossTerm, NodeId, ProjectDocument } from './document.ts';
import { headsOf } from './heads.ts';
import type { Diagnosis, Inference } from './infer.ts';

/** What training needs to know of a dataset. */
export interface DatasetFacts {
  readonly name: string;
  readonly classes: readonly string[];
  /** Of one image in the cache: channels, height, width. */
  readonly imageShape: readonly [number, number, number];
  /** Whether every image has a box; missing: no. */
  readonly boxes?: boolean;
  /** What a pixel can be, where every image has a mask; missing or empty: there are none. */
  readonly maskClasses?: readonly string[];
}

const error = (
  code: string,
  message: string,
  node: NodeId | null = null,
  repairs: readonly Repair[] = [],
): Diagnosis => ({ node, severity: 'error', code, message, repairs });

export function diagnoseTraining(
  document: ProjectDocument,
  inference: Inference,
  dataset: DatasetFacts,
): readonly Diagnosis[] {
  const errors = inference.diagnoses.filter(diagnosis => diagnosis.severity === 'error');
  if (errors.length > 0) return errors;
  if (headsOf(inference).every(({ node }) => !inference.nodes.get(node)?.figures))
    return [error('empty-network', 'The canvas is empty: add an Input and some layers.')];
  const inputs = diagnoseInputs(inference, dataset);
  if (inputs.length > 0) return inputs;
  const settings = diagnoseSettings(document);
  return settings.length > 0 ? settings : diagnoseAnswers(document, inference, dataset);
}

/** Every Input takes the dataset's images as they are. */
function diagnoseInputs(inference: Inference, dataset: DatasetFacts): Diagnosis[] {
  return inputsOf(inference).flatMap(id => {
    const { shape } = inference.nodes.get(id)!.figures!;
    if (dataset.imageShape.every((extent, i) => extent === shape[i])) return [];
    const have = dataset.imageShape.join('×');
    const message = `The images of ${dataset.name} are ${have}; the network’s Input is ${shape.join('×')}.`;
    const repair = { title: `Set the Input to ${have}`, setParams: { shape: [...dataset.imageShape] } };
    return [error('input-differs-from-dataset', message, id, [repair])];
  });
}

interface Kind {
  readonly schema: z.ZodType;
}

/** Whether what was chosen is there, with parameters that it takes. */
function diagnoseChosen(
  what: string,
  chosen: { kind: string; params: Record<string, unknown> },
  kind: Kind | undefined,
): Diagnosis[] {
  if (!kind) return [error(`unknown-${what}`, `There is no ${what} “${chosen.kind}”.`)];
  const params = kind.schema.safeParse(chosen.params);
  if (params.success) return [];
  const { path, message } = params.error.issues[0]!;
  return [error(`invalid-${what}`, `${chosen.kind}: ${path.join('.')}: ${message}.`)];
}

function diagnoseSettings({ training }: ProjectDocument): Diagnosis[] {
  const { losses, optimizer, schedule, augmentations, accumulate, batchSize, warmup, epochs } = training;
  const found = [
    ...losses.flatMap(term => diagnoseChosen('loss', term, lossKind(term.kind))),
    ...diagnoseChosen('optimizer', optimizer, optimizerKind(optimizer.kind)),
    ...augmentations.flatMap(each => diagnoseChosen('augmentation', each, augmentationKind(each.kind))),
    ...diagnoseChosen('schedule', schedule, scheduleKind(schedule.kind)),
  ];
  if (accumulate > batchSize) {
    const message = `A batch of ${batchSize} images cannot be computed in ${accumulate} parts.`;
    found.push(error('more-parts-than-images', message));
  }
  if (warmup >= epochs && warmup > 0) {
    const message = `The warm-up lasts ${warmup} of ${epochs} epochs: nothing is left for the schedule.`;
    found.push(error('warmup-too-long', message));
  }
  return found;
}

const nouns: Readonly<Record<Answer, string>> = { class: 'class', box: 'box', mask: 'mask' };

/** Whether each question has an end of the network, a loss and true answers, and the three fit. */
function diagnoseAnswers(
  document: ProjectDocument,
  inference: Inference,
  dataset: DatasetFacts,
): Diagnosis[] {
  const { losses } = document.training;
  const answering = answeringOf(inference, losses);
  const silent = headsOf(inference).filter(({ node }) => !answering.some(each => each.node === node));
  const found = silent.map(({ node }) =>
    error(
      'output-says-nothing',
      `${nameOf(inference, node)}: the network ends in several places, and nothing says what this one answers. Add an Output to each.`,
      node,
      [...new Set(losses.map(({ answer }) => answer))].map(answer => ({
        title: `Add an Output for the ${nouns[answer]}`,
        insertAfter: { kind: 'Output', params: { answer } },
      })),
    ),
  );
  if (found.length > 0) return found;
  for (const { node, answer } of answering) {
    if (losses.some(term => term.answer === answer)) continue;
    const usual = lossKindsOf(answer)[0]!.kind;
    const message = `${nameOf(inference, node)} answers the ${nouns[answer]}, but no loss judges it: add one, as ${usual}.`;
    found.push(error('answer-without-loss', message, node, [{ title: 'Remove it', remove: true }]));
  }
  return [...found, ...losses.flatMap(term => diagnoseTerm(inference, dataset, answering, term))];
}

function diagnoseTerm(
  inference: Inference,
  dataset: DatasetFacts,
  answering: readonly Answering[],
  { answer, kind: name, params }: LossTerm,
): Diagnosis[] {
  const loss = lossKind(name)!;
  if (!loss.answers.includes(answer)) {
    const fitting = lossKindsOf(answer).map(({ kind }) => kind);
    const message = `${name} judges no ${nouns[answer]}. What does: ${fitting.join(', ')}.`;
    return [error('loss-does-not-fit', message)];
  }
  const head = answering.find(each => each.answer === answer);
  if (!head) {
    const message = `${name} asks for a ${nouns[answer]}, but no Output of the network answers it.`;
    return [error('no-output-for-answer', message)];
  }
  const missing = missingTruth(dataset, answer);
  if (missing) return [error(`dataset-without-${answer}`, missing)];
  const truth: Truth = {
    answer,
    classes: (answer === 'mask' ? dataset.maskClasses! : dataset.classes).length,
    imageShape: dataset.imageShape,
  };
  const output = inference.nodes.get(head.node)!.figures!.shape;
  const fault = loss.refuses(loss.schema.parse(params), output, truth);
  if (!fault) return [];
  const scene = sceneOf(inference);
  const isOnlyClass = answer === 'class' && answering.length === 1 && fault.code !== 'wrong-weight-count';
  const mending = isOnlyClass ? scoreRepairs(scene, output, truth.classes) : [];
  const repairs = mending.length > 0 ? mending : fault.repairs;
  return [{ node: head.node, severity: 'error', ...fault, repairs }];
}

const nameOf = (inference: Inference, node: NodeId) => inference.nodes.get(node)!.node.name;

function missingTruth({ name, boxes, maskClasses = [] }: DatasetFacts, answer: Answer): string | undefined {
  if (answer === 'box' && !boxes)
    return `${name} has no boxes to learn from: a dataset is needed in which each image has one.`;
  if (answer === 'mask' && maskClasses.length === 0)
    return `${name} has no masks to learn from: a dataset is needed in which each image has one.`;
  return undefined;
}
