/**
 * Diagnoses of training settings: invalid choices, and warnings about how the network fits its loss and batch, which do
 * not prevent training.
 */
import type { Repair, RepairEdit } from '../../layers/repair.ts';
import { lossKind } from '../../losses/registry.ts';
import { diagnoseTrainingSettings } from '../choices.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { ProjectDocument, Training } from '../document.ts';
import { layersMatching } from '../freezeLayers.ts';
import type { Inference } from '../inference.ts';
import { pretrained } from '../pretrained.ts';
import { diagnose } from './diagnose.ts';
import { classEnd, lastWeightedLayer, scoreRepairs } from './outputRules.ts';
import {
  hasTrait,
  isBatchNorm,
  type LayerRef,
  layerAt,
  type RuleContext,
  ruleContextOf,
} from './ruleContext.ts';

export function diagnoseSettings(
  { training }: Pick<ProjectDocument, 'training'>,
  inference: Inference,
): readonly Diagnosis[] {
  const choices = [...diagnoseTrainingSettings(training), ...otherPreparation(training)];
  if ([...choices, ...diagnose(inference)].some(({ severity }) => severity === 'error')) return choices;
  const context = ruleContextOf(inference);
  const loss = training.losses.find(({ answer }) => answer === 'class')?.kind;
  const takesScores = loss !== undefined && (lossKind(loss)?.takesScores ?? false);
  return [
    ...choices,
    ...idleRates(training, inference),
    ...(takesScores ? [...softmax(context, loss), ...oneScore(context, loss)] : []),
    ...(training.batchSize === 1 ? batchOfOne(context) : []),
  ];
}

/** Weights see in other numbers than they were trained with. */
function otherPreparation({ start }: Training): Diagnosis[] {
  const weights = pretrained(start.weights);
  if (!weights || weights.normalization === start.normalization) return [];
  const { title, normalization } = weights;
  const message = `The weights of ${title} were trained on images normalised by ${normalization}; here they are normalised by ${start.normalization}: they see other numbers, and know less.`;
  const repair = {
    title: `Normalise by ${normalization}`,
    setTraining: { start: { ...start, normalization } },
  };
  return [{ node: null, severity: 'warning', code: 'other-preparation', message, repairs: [repair] }];
}

/** A group of rates that no layer is in. */
function idleRates({ rates }: Training, inference: Inference): Diagnosis[] {
  const idle = rates.filter(({ layers }) => layersMatching(inference, layers).length === 0);
  return idle.map(({ layers }) => ({
    node: null,
    severity: 'warning',
    code: 'rate-without-layers',
    message: `A learning rate is set for ${layers}, and no layer with weights is called so.`,
    repairs: [{ title: 'Remove it', setTraining: { rates: rates.filter(group => group.layers !== layers) } }],
  }));
}

const warning = (layer: LayerRef, code: string, message: string, repairs: readonly Repair[]): Diagnosis => ({
  node: layer.id,
  severity: 'warning',
  code,
  message,
  repairs,
});

function softmax(context: RuleContext, loss: string): Diagnosis[] {
  const last = lastWeightedLayer(context);
  if (!last || !hasTrait(last, 'probabilities')) return [];
  const message = `${last.node.name}: ${loss} does ${last.node.kind} itself; done twice, the gradients fade and ${last.figures.shape[0]} scores hardly differ.`;
  return [
    warning(last, 'softmax-before-loss', message, [{ title: `Remove ${last.node.name}`, remove: true }]),
  ];
}

function oneScore(context: RuleContext, loss: string): Diagnosis[] {
  const end = classEnd(context);
  if (!end || end.kind.inputs === 0 || end.figures.shape.join() !== '1') return [];
  const message = `${end.node.name}: the network gives 1 number, and ${loss} over one class is always 0: two classes need two.`;
  return [warning(end, 'one-class-score', message, scoreRepairs(context, end.figures.shape, 2))];
}

/** The usual number of groups of GroupNorm. */
const USUAL_NORM_GROUPS = 32;

function batchOfOne(context: RuleContext): Diagnosis[] {
  const norms = context.order.flatMap(id => layerAt(context, id) ?? []).filter(isBatchNorm);
  const [first] = norms;
  if (!first) return [];
  const others = norms.length > 1 ? ` and ${norms.length - 1} more` : '';
  const message = `${first.node.name}${others}: with batches of 1 image BatchNorm takes its statistics from that one; what it keeps fits no other.`;
  const replace = norms.map(({ id, figures }): RepairEdit => {
    const numGroups = commonDivisor(USUAL_NORM_GROUPS, figures.shape[0]!);
    return { node: id, replaceWith: { kind: 'GroupNorm', params: { numGroups } } };
  });
  const remove = norms.map(({ id }): RepairEdit => ({ node: id, remove: true }));
  return [
    warning(first, 'batch-norm-batch-one', message, [
      { title: 'Use GroupNorm instead', edits: replace },
      { title: norms.length > 1 ? 'Remove them' : `Remove ${first.node.name}`, edits: remove },
    ]),
  ];
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
