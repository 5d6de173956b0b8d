/**
 * Answers Explain's questions, in a thread of its own. What a question refers to (a run, an image) has been resolved
 * before (resolveQuestion.ts); compiled networks are cached.
 */
import type {
  AnswerTo,
  AttributeAnswer,
  AttributeQuestion,
  ExplainAnswer,
  ExplainQuestion,
  Heat,
  Numbers,
  OccludeQuestion,
  PerturbAnswer,
  PerturbQuestion,
  ProbeAnswer,
  ProbeQuestion,
  SlideAnswer,
  SlideQuestion,
  WeightsQuestion,
} from '../../../bridge/explainCalls.ts';
import { CompileError } from '../../../engine/compile/program.ts';
import { diagnose } from '../../../engine/graph/diagnostics/diagnose.ts';
import type { Graph, NodeId, ProjectDocument } from '../../../engine/graph/document.ts';
import { headAnswersOf } from '../../../engine/graph/headAnswers.ts';
import { infer } from '../../../engine/graph/infer.ts';
import type { Inference } from '../../../engine/graph/inference.ts';
import type { Normalization } from '../../../engine/graph/normalization.ts';
import { sizeOf } from '../../../engine/layers/shape.ts';
import { readTensors } from '../../../engine/runtime/checkpoint.ts';
import {
  fgsm,
  gradCam,
  occlusion,
  oneHot,
  probabilitiesOf,
  saliency,
} from '../../../engine/runtime/explain/attributionMaps.ts';
import {
  type GivenWeights,
  ProbedWeightsError,
  Prober,
  type ProberOptions,
} from '../../../engine/runtime/explain/prober.ts';
import { SlidingError, slidable, slideOver, weightsByName } from '../../../engine/runtime/explain/sliding.ts';
import { UserError } from '../../userError.ts';

/** Weights: from a seed, from a checkpoint's file, or given in the question. */
export type ResolvedWeights = { seed: number } | { path: string } | { tensors: Record<string, Float32Array> };

export interface ResolvedImage {
  /** Normalised, as the network reads it. */
  values: Float32Array;
  /** As it is displayed: 0 to 1. */
  picture: Numbers;
}

/** What a question refers to. */
export interface Material {
  document: ProjectDocument;
  weights: ResolvedWeights;
  step: number | null;
  images: ResolvedImage[];
  classes: string[];
  normalization: Normalization;
}

export interface Work {
  readonly material: Material;
  readonly threads: number;
  /** Reports progress. @throws if the question was cancelled */
  readonly progress: (done: number, total: number) => void;
}

/** Compiled networks in the cache. */
const KEPT_NETWORKS = 4;
const OCCLUSION_BATCH = 8;

const probers = new Map<string, Prober>();

export function answer<Q extends ExplainQuestion>(question: Q, work: Work): AnswerTo<Q> {
  try {
    return dispatch(question, work) as AnswerTo<Q>;
  } catch (error) {
    const isFault =
      error instanceof CompileError || error instanceof SlidingError || error instanceof ProbedWeightsError;
    throw isFault ? new UserError(error.message) : error;
  }
}

function dispatch(question: ExplainQuestion, work: Work): ExplainAnswer {
  switch (question.kind) {
    case 'probe':
      return probe(question, work);
    case 'weights':
      return weightsOf(question, work);
    case 'predict':
      return predict(work);
    case 'attribute':
      return attribute(question, work);
    case 'occlude':
      return occlude(question, work);
    case 'perturb':
      return perturb(question, work);
    case 'slide':
      return slide(question, work);
  }
}

function probe({ outputs, gradient }: ProbeQuestion, work: Work): ProbeAnswer {
  const { material, progress } = work;
  const inference = requireInference(material.document.graph);
  for (const id of [...outputs, ...(gradient ? [gradient.from, ...gradient.of] : [])])
    requireNode(inference, id);
  const prober = openProber(work, { inference, keep: 'all', from: gradient?.from ?? null });
  const seed = gradient && seedAt(inference, gradient);
  const images = material.images.map(({ values, picture }, i) => {
    prober.run(values, seed);
    progress(i + 1, material.images.length);
    return {
      picture,
      outputs: numbersBy(outputs, id => prober.output(id)),
      gradients: numbersBy(gradient?.of ?? [], id => prober.gradient(id)),
      imageGradient: gradient ? numbers(prober.imageGradient()) : null,
    };
  });
  return { images, step: material.step };
}

function seedAt(
  inference: Inference,
  { from, channel, at: [row, column] }: NonNullable<ProbeQuestion['gradient']>,
): Float32Array {
  const [channels, height = 1, width = 1] = inference.nodes.get(from)!.figures!.shape as [
    number,
    number?,
    number?,
  ];
  if (row >= height || column >= width || (channel ?? 0) >= channels)
    throw new UserError(
      `There is no place ${row}, ${column} in an output of ${channels}×${height}×${width}.`,
    );
  const seed = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++)
    if (channel === null || c === channel) seed[(c * height + row) * width + column] = 1;
  return seed;
}

function weightsOf({ node }: WeightsQuestion, work: Work) {
  const inference = requireInference(work.material.document.graph);
  const { name } = requireNode(inference, node).node;
  const own = openProber(work, { inference })
    .weights()
    .filter(tensor => tensor.name.startsWith(`${name}.`));
  const tensors = own.map(({ name: full, shape, values }) => [
    full.slice(name.length + 1),
    { shape: [...shape], values },
  ]);
  return { tensors: Object.fromEntries(tensors), step: work.material.step };
}

function predict(work: Work) {
  const { material, progress } = work;
  const { inference, scores } = classifier(material.document);
  const prober = openProber(work, { inference, keep: [scores] });
  const predictions = material.images.map(({ values, picture }, i) => {
    prober.run(values);
    progress(i + 1, material.images.length);
    return { picture, probabilities: probabilitiesOf(prober.output(scores).values) };
  });
  return { predictions, classes: material.classes, step: material.step };
}

function attribute({ target, layer }: AttributeQuestion, work: Work): AttributeAnswer {
  const { material } = work;
  const { inference, scores, count } = classifier(material.document);
  const [image] = material.images as [ResolvedImage];
  const prober = openProber(work, { inference, keep: 'all', from: scores });
  prober.run(image.values, new Float32Array(count));
  const probabilities = probabilitiesOf(prober.output(scores).values);
  const chosen = target ?? probabilities.indexOf(Math.max(...probabilities));
  const mapped = layer ?? lastImage(inference);
  if (requireNode(inference, mapped).figures?.shape.length !== 3)
    throw new UserError('Grad-CAM weighs the maps of a layer; this one gives a vector.');
  const seed = oneHot(count, chosen);
  return {
    picture: image.picture,
    probabilities,
    classes: material.classes,
    target: chosen,
    layer: mapped,
    gradCam: heat(gradCam(prober, image.values, seed, mapped)),
    saliency: heat(saliency(prober, image.values, seed)),
    step: material.step,
  };
}

function occlude({ target, patch, stride }: OccludeQuestion, work: Work) {
  const { material, progress } = work;
  const { inference, scores } = classifier(material.document);
  const [image] = material.images as [ResolvedImage];
  const prober = openProber(work, { inference, keep: [scores], batch: OCCLUSION_BATCH });
  const { mean, std } = material.normalization;
  const drops = occlusion(prober, image.values, {
    patch,
    stride,
    // The grey of an average image, or mid-grey.
    fill: mean.map((value, c) => (0.5 - value) / std[c]!),
    batch: OCCLUSION_BATCH,
    measure: values => probabilitiesOf(values)[target]!,
    scores,
    onProgress: progress,
  });
  return { drops: heat(drops) };
}

function perturb({ label, epsilon }: PerturbQuestion, work: Work): PerturbAnswer {
  const { material } = work;
  const { normalization, classes } = material;
  const { inference, scores, count } = classifier(material.document);
  const [image] = material.images as [ResolvedImage];
  const prober = openProber(work, { inference, keep: [scores], from: scores });
  const none = new Float32Array(count);
  prober.run(image.values, none);
  const before = prober.output(scores).values;
  const moved = fgsm(prober, image.values, { label, epsilon, scores: before, normalization });
  prober.run(moved, none);
  return {
    before: image.picture,
    after: pictureOf(moved, image.picture.shape, normalization),
    probabilitiesBefore: probabilitiesOf(before),
    probabilitiesAfter: probabilitiesOf(prober.output(scores).values),
    classes,
  };
}

function slide({ size }: SlideQuestion, work: Work): SlideAnswer {
  const { material, progress } = work;
  const { inference, scores } = classifier(material.document);
  const [image] = material.images as [ResolvedImage];
  const slid = slidable(material.document.graph, size);
  const single = openProber(work, { inference, keep: [scores] });
  const options = {
    inference: slid.inference,
    weights: weightsByName(single.weights()),
    keep: [slid.end, slid.activation ?? slid.end],
  };
  const whole = new Prober({ ...options, threads: work.threads });
  try {
    const found = slideOver({
      whole: { prober: whole, end: slid.end, activation: slid.activation },
      single: { prober: single, end: scores },
      stride: slid.stride,
      image: image.values,
      onProgress: progress,
    });
    const [, height, width] = single.imageShape as [number, number, number];
    return {
      picture: image.picture,
      map: numbers(found.map),
      crops: numbers(found.crops),
      activation: found.activation && numbers(found.activation),
      classes: material.classes,
      stride: [...slid.stride],
      crop: [height, width],
      difference: found.difference,
      milliseconds: found.milliseconds,
      pads: [...slid.inference.nodes.values()].some(({ figures }) => padsAnything(figures?.params)),
    };
  } finally {
    whole.close();
  }
}

function padsAnything(params: Record<string, unknown> | undefined): boolean {
  const { padding } = params ?? {};
  return padding === 'same' || (Array.isArray(padding) && padding.some(side => side > 0));
}

/** The output for the class. @throws UserError where there is none */
function classifier({ graph, training }: ProjectDocument) {
  const inference = requireInference(graph);
  const head = headAnswersOf(inference, training.losses).find(({ answer }) => answer === 'class');
  const shape = head && inference.nodes.get(head.node)!.figures!.shape;
  if (!head || shape?.length !== 1)
    throw new UserError('This network does not answer with class scores, which this view is about.');
  return { inference, scores: head.node, count: sizeOf(shape) };
}

/** The last layer whose output has more than one pixel. */
function lastImage(inference: Inference): NodeId {
  const isImage = (id: NodeId) => {
    const [, height = 1, width = 1] = inference.nodes.get(id)!.figures!.shape;
    return height * width > 1;
  };
  const last = inference.order.findLast(isImage);
  if (last === undefined) throw new UserError('No layer of this network gives an image.');
  return last;
}

function requireNode(inference: Inference, id: NodeId) {
  const node = inference.nodes.get(id);
  if (!node) throw new UserError('This layer is not in the network any more.');
  return node;
}

let latest: { key: string; inference: Inference } | undefined;

/** @throws UserError where the network has a fault */
function requireInference(graph: Graph): Inference {
  const key = JSON.stringify(graph);
  if (latest?.key !== key) latest = { key, inference: infer(graph) };
  const fault = diagnose(latest.inference).find(({ severity }) => severity === 'error');
  if (fault) throw new UserError(fault.message);
  return latest.inference;
}

/** A compiled network, from the cache if possible. */
function openProber(
  { material, threads }: Work,
  options: Omit<ProberOptions, 'weights' | 'threads'>,
): Prober {
  const { weights } = material;
  if ('tensors' in weights) {
    // Not cached: small networks with weights made up by a view, different each time.
    return remember(
      'given',
      () => new Prober({ ...options, weights: new Map(Object.entries(weights.tensors)), threads }),
      true,
    );
  }
  const { inference: _, ...rest } = options;
  const key = JSON.stringify([material.document.graph, weights, material.step, rest]);
  return remember(key, () => new Prober({ ...options, weights: read(weights), threads }));
}

function remember(key: string, make: () => Prober, anew = false): Prober {
  const known = probers.get(key);
  probers.delete(key);
  if (known && anew) known.close();
  const prober = known && !anew ? known : make();
  probers.set(key, prober);
  const [oldest] = probers.keys();
  if (probers.size > KEPT_NETWORKS && oldest !== undefined) {
    probers.get(oldest)!.close();
    probers.delete(oldest);
  }
  return prober;
}

function read(weights: Exclude<ResolvedWeights, { tensors: unknown }>): GivenWeights {
  return 'seed' in weights ? weights : weightsByName(readTensors(weights.path));
}

/** Undoes the normalisation, for display. */
export function pictureOf(
  values: Float32Array,
  shape: readonly number[],
  { mean, std }: Normalization,
): Numbers {
  const size = values.length / shape[0]!;
  const seen = values.map((value, i) => {
    const c = Math.floor(i / size);
    return Math.min(1, Math.max(0, value * std[c]! + mean[c]!));
  });
  return { shape: [...shape], values: seen };
}

const numbers = ({ shape, values }: { shape: readonly number[]; values: Float32Array }): Numbers => ({
  shape: [...shape],
  values,
});

const numbersBy = (ids: readonly NodeId[], read: (id: NodeId) => Parameters<typeof numbers>[0]) =>
  Object.fromEntries(ids.map(id => [id, numbers(read(id))]));

const heat = ({ height, width, values }: Heat): Heat => ({ height, width, values });
