/**
 * Remedies for illnesses, each a change of settings or network in one step. A function returns undefined where the
 * document has it already or it does not apply.
 */

import { augmentationKind } from '../augmentations/registry.ts';
import { applyRepair } from '../graph/applyRepair.ts';
import {
  consumersOf,
  hasTrait,
  isBatchNorm,
  isLinearOperation,
  type LayerRef,
  layerAt,
  type RuleContext,
  ruleContextOf,
  sourceOf,
} from '../graph/diagnostics/ruleContext.ts';
import type { Graph, ProjectDocument } from '../graph/document.ts';
import { infer } from '../graph/infer.ts';
import { initialValues } from '../layers/fields.ts';
import { editsOf, type Repair, type RepairEdit } from '../layers/repair.ts';
import { balancedWeights } from '../losses/balancedWeights.ts';
import { lossKind } from '../losses/registry.ts';
import { optimizerKind } from '../optimizers/registry.ts';
import { scheduleKind } from '../schedules/registry.ts';
import { figure } from './curves.ts';
import { type Remedy, settingRemedy } from './remedy.ts';

type Kind = { readonly kind: string; readonly fields: Parameters<typeof initialValues>[0] };
type Chosen = ProjectDocument['training']['schedule'];

const fresh = ({ kind, fields }: Kind): Chosen => ({
  kind,
  params: initialValues(fields) as Chosen['params'],
});

/** @param rate that the run was trained with */
export function setRate(document: ProjectDocument, rate: number, factor: number): Remedy | undefined {
  const wanted = Number((rate * factor).toPrecision(2));
  const now = document.training.learningRate;
  if (factor < 1 ? now <= wanted : now >= wanted) return undefined;
  const title = `${factor < 1 ? 'Lower' : 'Raise'} the learning rate to ${figure(wanted)}`;
  return settingRemedy(title, () => ({ learningRate: wanted }));
}

export function clipGradients({ training }: ProjectDocument): Remedy | undefined {
  if (training.regularisation.clipNorm > 0) return undefined;
  return settingRemedy('Clip gradients to a norm of 1', ({ regularisation }) => ({
    regularisation: { ...regularisation, clipNorm: 1 },
  }));
}

export function warmUp({ training }: ProjectDocument): Remedy | undefined {
  if (training.warmup > 0 || training.epochs < 2) return undefined;
  return settingRemedy('Warm up for one epoch', () => ({ warmup: 1 }));
}

/** Rotation and translation preserve the meaning of most images; flips do not. */
export function augment({ training }: ProjectDocument): Remedy | undefined {
  if (training.augmentations.length > 0) return undefined;
  const kinds = ['RandomTranslation', 'RandomRotation'].flatMap(name => augmentationKind(name) ?? []);
  return settingRemedy('Vary the images: translation and rotation', () => ({
    augmentations: kinds.map(fresh),
  }));
}

/** The usual weight decay is 5e-4 as part of the gradient, and ten times that if decoupled. */
export function decayWeights({ training }: ProjectDocument): Remedy | undefined {
  const kind = optimizerKind(training.optimizer.kind);
  const usual = Math.max(5e-4, 5 * Number(kind?.fields.weightDecay?.initial ?? 0));
  if (!kind?.fields.weightDecay || Number(training.optimizer.params.weightDecay ?? 0) >= usual)
    return undefined;
  return settingRemedy(`Use a weight decay of ${figure(usual)}`, ({ optimizer }) => ({
    optimizer: { ...optimizer, params: { ...optimizer.params, weightDecay: usual } },
  }));
}

export function stopEarly({ training }: ProjectDocument): Remedy | undefined {
  if (training.stopping.patience > 0) return undefined;
  return settingRemedy('Stop 5 epochs after the best one, and go back to it', () => ({
    stopping: { patience: 5, metric: 'loss', restoreBest: true },
  }));
}

export function trainLonger({ training }: ProjectDocument, epochs: number): Remedy | undefined {
  if (training.epochs > epochs) return undefined;
  return settingRemedy(`Train for ${3 * epochs} epochs`, () => ({ epochs: 3 * epochs }));
}

export function lowerOnPlateau({ training }: ProjectDocument): Remedy | undefined {
  const kind = scheduleKind('ReduceLROnPlateau');
  if (!kind || training.schedule.kind !== 'constant') return undefined;
  return settingRemedy('Lower the rate when the loss stays: ReduceLROnPlateau', () => ({
    schedule: fresh(kind),
  }));
}

export function anneal({ training }: ProjectDocument): Remedy | undefined {
  const kind = scheduleKind('CosineAnnealingLR');
  if (!kind || training.schedule.kind !== 'constant') return undefined;
  return settingRemedy('Let the rate fall over the run: CosineAnnealingLR', () => ({
    schedule: fresh(kind),
  }));
}

/** @param counts training images of each class */
export function balance({ training }: ProjectDocument, counts: readonly number[]): Remedy | undefined {
  const perClass = (name: string) =>
    Object.entries(lossKind(name)?.fields ?? {}).find(([, field]) => field.perClass)?.[0];
  const weighs = ({ answer, kind }: (typeof training.losses)[number]) =>
    answer === 'class' && perClass(kind) !== undefined;
  const isWeighed = ({ kind, params }: (typeof training.losses)[number]) => {
    const given = params[perClass(kind) ?? ''];
    return Array.isArray(given) && given.length > 0;
  };
  if (!training.losses.some(term => weighs(term) && !isWeighed(term))) return undefined;
  const weights = balancedWeights(counts);
  return settingRemedy('Weigh classes by how rare they are', ({ losses }) => ({
    losses: losses.map(term =>
      weighs(term) ? { ...term, params: { ...term.params, [perClass(term.kind)!]: weights } } : term,
    ),
  }));
}

/** A remedy that edits the network; undefined where there are no edits. */
function networkRemedy(
  document: ProjectDocument,
  title: string,
  editsIn: (context: RuleContext, places: readonly LayerRef[]) => readonly RepairEdit[],
): Remedy | undefined {
  const change = ({ graph }: ProjectDocument): Repair => {
    const inference = infer(graph);
    const context = ruleContextOf(inference);
    const places = inference.order.flatMap(id => layerAt(context, id) ?? []);
    return { title, edits: editsIn(context, places) };
  };
  if (editsOf(change(document)).length === 0) return undefined;
  return {
    title,
    apply: current => ({ ...current, graph: applyRepair(current.graph, null, change(current)) }),
  };
}

/** The last layers with weights before the network's outputs. */
function lastWeightedLayers(context: RuleContext): LayerRef[] {
  return context.heads.flatMap(({ node }) => {
    let at = layerAt(context, node);
    while (at && !isLinearOperation(at)) at = sourceOf(context, at);
    return at ?? [];
  });
}

const regularises = ({ kind }: LayerRef) => kind.family === 'regularisation';

export function addDropout(document: ProjectDocument): Remedy | undefined {
  return networkRemedy(document, 'Add Dropout before the last layer', (context, places) => {
    const [last, ...others] = lastWeightedLayers(context);
    // Dropout is offered for vectors only: before a mask it would drop features of every pixel.
    if (!last || others.length > 0 || last.kind.family !== 'linear' || places.some(regularises)) return [];
    return [{ node: last.id, insertBefore: { kind: 'Dropout', params: {} } }];
  });
}

export function removeRegularisation(document: ProjectDocument): Remedy | undefined {
  return networkRemedy(document, 'Take Dropout and noise out', (_scene, places) =>
    places.filter(regularises).map(({ id }) => ({ node: id, remove: true })),
  );
}

export function leakyUnits(document: ProjectDocument): Remedy | undefined {
  return networkRemedy(document, 'Use LeakyReLU in place of ReLU', (_scene, places) =>
    places
      .filter(place => hasTrait(place, 'rectifies'))
      .map(({ id }) => ({ node: id, replaceWith: { kind: 'LeakyReLU', params: {} } })),
  );
}

/** Replaces saturating activations, which have vanishing gradients. */
export function replaceSaturating(document: ProjectDocument): Remedy | undefined {
  return networkRemedy(document, 'Use ReLU in place of activations that flatten', (context, places) => {
    const ends = new Set(context.heads.map(({ node }) => node));
    // An activation that feeds a Multiply is a gate and has to stay between 0 and 1.
    const isGate = (id: string) =>
      consumersOf(context, id).some(next => context.nodes.get(next)?.kind?.family === 'merge');
    return places
      .filter(place => hasTrait(place, 'saturates') && !ends.has(place.id) && !isGate(place.id))
      .map(({ id }) => ({ node: id, replaceWith: { kind: 'ReLU', params: {} } }));
  });
}

export function normalise(document: ProjectDocument): Remedy | undefined {
  return networkRemedy(document, 'Add BatchNorm2d after each convolution', (_scene, places) => {
    if (places.some(isBatchNorm)) return [];
    return places
      .filter(({ kind, figures }) => kind.family === 'convolution' && figures.shape.length === 3)
      .map(({ id }) => ({ node: id, insertAfter: { kind: 'BatchNorm2d', params: {} } }));
  });
}

/**
 * Doubles the channels of every convolution and linear layer but the last.
 * @param trained the run's network; one that is larger already is not doubled again
 */
export function widen(document: ProjectDocument, trained: Graph): Remedy | undefined {
  if (infer(document.graph).totals.parameters > infer(trained).totals.parameters) return undefined;
  return networkRemedy(document, 'Double the channels', (context, places) => {
    const last = new Set(lastWeightedLayers(context).map(({ id }) => id));
    return places.flatMap(({ id, node, kind }): RepairEdit[] => {
      const name = ['outChannels', 'outFeatures'].find(each => each in kind.fields);
      const now = name && Number(node.params[name] ?? kind.fields[name]!.initial);
      return name && now && !last.has(id) ? [{ node: id, setParams: { [name]: 2 * now } }] : [];
    });
  });
}

export function addConvolution(document: ProjectDocument): Remedy | undefined {
  return networkRemedy(document, 'Begin with a convolution and ReLU', (_scene, places) => {
    const input = places.find(({ kind }) => kind.inputs === 0);
    if (!input || places.some(({ kind }) => kind.family === 'convolution')) return [];
    const convolution = { kind: 'Conv2d', params: { outChannels: 16, padding: 'same' } };
    return [{ node: input.id, insertAfter: [convolution, { kind: 'ReLU', params: {} }] }];
  });
}
