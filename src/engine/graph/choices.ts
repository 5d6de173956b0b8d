/**
 * Validates the losses, optimizer, schedule and augmentations of a document: that the kinds exist and their parameters
 * are valid. Inspection, the Train button and the start of a run use the same messages; each names its path in the
 * document.
 */
import type { z } from 'zod';
import { augmentationKind, augmentationKinds } from '../augmentations/registry.ts';
import type { Fields } from '../layers/fields.ts';
import { explainParams } from '../layers/parameterErrors.ts';
import { lossKind, lossKinds, lossKindsOf } from '../losses/registry.ts';
import { optimizerKind, optimizerKinds } from '../optimizers/registry.ts';
import { scheduleKind, scheduleKinds } from '../schedules/registry.ts';
import type { Diagnosis } from './diagnosis.ts';
import type { LossTerm, Training } from './document.ts';
import { pretrained, pretrainedWeights, UNTRAINED } from './pretrained.ts';

interface Kind {
  readonly kind: string;
  readonly fields: Fields;
  readonly schema: z.ZodType;
}

interface Chosen {
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Diagnoses of settings that are invalid whatever the network and dataset. */
export function diagnoseTrainingSettings(training: Training): Diagnosis[] {
  const { accumulate, batchSize, warmup, epochs } = training;
  const found = [...diagnoseStart(training), ...diagnoseChoices(training)];
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

function diagnoseStart({ start }: Training): Diagnosis[] {
  if (start.weights === UNTRAINED || pretrained(start.weights)) return [];
  const known = pretrainedWeights().map(({ name }) => name);
  const message = `training.start.weights: there are no weights “${start.weights}”. There are: ${known.join(', ')}.`;
  const none = { ...start, weights: UNTRAINED };
  return [
    {
      ...error('unknown-weights', message),
      repairs: [{ title: 'Begin with weights drawn by the seed', setTraining: { start: none } }],
    },
  ];
}

type Choices = Pick<Training, 'losses' | 'optimizer' | 'augmentations'> & Partial<Pick<Training, 'schedule'>>;

/** Diagnoses of kinds that do not exist and of invalid parameters; of a schedule only if there is one. */
export function diagnoseChoices({ losses, optimizer, schedule, augmentations }: Choices): Diagnosis[] {
  return [
    ...losses.flatMap((term, i) => diagnoseLoss(`training.losses.${i}`, term)),
    ...diagnose('optimizer', 'training.optimizer', optimizer, optimizerKind, optimizerKinds()),
    ...augmentations.flatMap((each, i) =>
      diagnose('augmentation', `training.augmentations.${i}`, each, augmentationKind, augmentationKinds()),
    ),
    ...(schedule ? diagnose('schedule', 'training.schedule', schedule, scheduleKind, scheduleKinds()) : []),
  ];
}

function diagnoseLoss(place: string, term: LossTerm): Diagnosis[] {
  const wrong = diagnose('loss', place, term, lossKind, lossKinds());
  if (wrong.length > 0 || lossKind(term.kind)!.answers.includes(term.answer)) return wrong;
  const fitting = lossKindsOf(term.answer).map(({ kind }) => kind);
  const message = `${place}: ${term.kind} judges no ${term.answer}. What does: ${fitting.join(', ')}.`;
  return [error('loss-does-not-fit', message)];
}

/** @param place its path in the document, as in `--set` behind `training.` */
function diagnose(
  what: string,
  place: string,
  { kind: name, params }: Chosen,
  find: (name: string) => Kind | undefined,
  all: readonly Kind[],
): Diagnosis[] {
  const kind = find(name);
  if (!kind) {
    const known = all.map(each => each.kind).join(', ');
    return [error(`unknown-${what}`, `${place}: there is no ${what} “${name}”. There are: ${known}.`)];
  }
  const issue = kind.schema.safeParse(params).error?.issues[0];
  if (!issue) return [];
  const param = issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path[0];
  const message = `${place}.${String(param)}: ${name}, ${explainParams(kind.fields, params)}`;
  return [error(`invalid-${what}`, message)];
}

function error(code: string, message: string): Diagnosis {
  return { node: null, severity: 'error', code, message, repairs: [] };
}
