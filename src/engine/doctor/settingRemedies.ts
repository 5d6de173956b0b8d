/** Remedies for settings that prevent training: one for each finding of graph/trainability. */
import { augmentationKind } from '../augmentations/registry.ts';
import type { Diagnosis } from '../graph/diagnosis.ts';
import type { Answer, LossTerm, ProjectDocument, Training } from '../graph/document.ts';
import { headAnswersOf, inputsOf } from '../graph/headAnswers.ts';
import type { Inference } from '../graph/inference.ts';
import { type Fields, initialValues } from '../layers/fields.ts';
import { lossKind, lossKindsOf } from '../losses/registry.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { scheduleKind } from '../schedules/registry.ts';
import { type Remedy, settingRemedy } from './remedy.ts';

type Params = LossTerm['params'];

interface RemedyContext {
  readonly training: Training;
  readonly inference: Inference;
}

/** Empty where only the user knows what was meant. */
export function settingRemedies(
  diagnosis: Diagnosis,
  { training }: ProjectDocument,
  inference: Inference,
): readonly Remedy[] {
  return ways[diagnosis.code]?.({ training, inference }, diagnosis) ?? [];
}

const ways: Readonly<Record<string, (context: RemedyContext, diagnosis: Diagnosis) => readonly Remedy[]>> = {
  'answer-without-loss': ({ training, inference }, { node }) => {
    const head = headAnswersOf(inference, training.losses).find(each => each.node === node);
    return head ? [addLoss(head.answer)] : [];
  },
  'no-output-for-answer': ({ training, inference }) => {
    const answered = headAnswersOf(inference, training.losses).map(({ answer }) => answer);
    const kept = training.losses.filter(({ answer }) => answered.includes(answer));
    if (kept.length > 0)
      return [settingRemedy('Remove the losses without an answer', () => ({ losses: kept }))];
    return answered.slice(0, 1).map(answer => {
      const term = usualLoss(answer);
      return settingRemedy(`Judge the ${answer} by ${term.kind}`, () => ({ losses: [term] }));
    });
  },
  // An output as large as the image is meant as a mask.
  'output-is-no-class-score': ({ inference }, { node }) => {
    const given = inference.nodes.get(node ?? '')?.figures?.shape;
    const taken = inference.nodes.get(inputsOf(inference)[0] ?? '')?.figures?.shape;
    if (given?.length !== 3 || given.slice(1).join() !== taken?.slice(1).join()) return [];
    const term = usualLoss('mask');
    return [settingRemedy(`Judge a mask by ${term.kind}`, () => ({ losses: [term] }))];
  },
  'loss-does-not-fit': ({ training }) => {
    const fits = ({ kind, answer }: LossTerm) => lossKind(kind)?.answers.includes(answer);
    const wrong = training.losses.find(term => !fits(term));
    if (!wrong) return [];
    const usual = usualLoss(wrong.answer);
    return [
      settingRemedy(`Use ${usual.kind}`, ({ losses }) => ({
        losses: losses.map(term => (fits(term) ? term : { ...usualLoss(term.answer), weight: term.weight })),
      })),
    ];
  },
  'wrong-weight-count': () => [
    settingRemedy('Let all classes count alike', ({ losses }) => ({
      losses: losses.map(term => ({ ...term, params: withoutClassWeights(term) })),
    })),
  ],
  'more-parts-than-images': () => [settingRemedy('Compute the batch at once', () => ({ accumulate: 1 }))],
  'warmup-too-long': ({ training }) => [
    settingRemedy('Warm up for a tenth of the run', () => ({ warmup: training.epochs / 10 })),
  ],
  'invalid-loss': () => [
    settingRemedy('Set wrong values back', ({ losses }) => ({
      losses: losses.map(term => ({ ...term, params: withValidParams(term.params, lossKind(term.kind)) })),
    })),
  ],
  'invalid-optimizer': () => [
    settingRemedy('Set wrong values back', ({ optimizer }) => ({
      optimizer: { ...optimizer, params: withValidParams(optimizer.params, optimizerKind(optimizer.kind)) },
    })),
  ],
  'invalid-schedule': () => [
    settingRemedy('Set wrong values back', ({ schedule }) => ({
      schedule: { ...schedule, params: withValidParams(schedule.params, scheduleKind(schedule.kind)) },
    })),
  ],
  'invalid-augmentation': () => [
    settingRemedy('Set wrong values back', ({ augmentations }) => ({
      augmentations: augmentations.map(each => ({
        ...each,
        params: withValidParams(each.params, augmentationKind(each.kind)),
      })),
    })),
  ],
};

/** A loss term with the default loss for a kind of answer. */
function usualLoss(answer: Answer): LossTerm {
  const kind = lossKindsOf(answer)[0]!;
  return { answer, kind: kind.kind, params: initialValues(kind.fields) as Params, weight: 1 };
}

function addLoss(answer: Answer): Remedy {
  const term = usualLoss(answer);
  return settingRemedy(`Judge the ${answer} by ${term.kind}`, ({ losses }) => ({
    losses: [...losses, term],
  }));
}

function withoutClassWeights({ kind, params }: LossTerm): Params {
  const fields = Object.entries(lossKind(kind)?.fields ?? {});
  const cleared = fields.filter(([, field]) => field.perClass).map(([name]) => [name, []]);
  return { ...params, ...Object.fromEntries(cleared) };
}

/** Parameters with invalid ones reset to their initial values. */
function withValidParams(params: Params, kind: { readonly fields: Fields } | undefined): Params {
  if (!kind) return params;
  const initial = initialValues(kind.fields) as Params;
  return Object.fromEntries(
    Object.entries(kind.fields).map(([name, field]) => [
      name,
      name in params && field.schema.safeParse(params[name]).success ? params[name]! : initial[name]!,
    ]),
  );
}
