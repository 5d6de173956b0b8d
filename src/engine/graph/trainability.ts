/**
 * Whether a document can be trained on a dataset: diagnoses of inference, and what losses, optimizer and dataset
 * require. Shown next to the Train button and by the command line.
 */
import type { Repair } from '../layers/repair.ts';
import type { Truth } from '../losses/loss.ts';
import { lossKind, lossKindsOf } from '../losses/registry.ts';
import { diagnoseTrainingSettings } from './choices.ts';
import type { Diagnosis } from './diagnosis.ts';
import { diagnose } from './diagnostics/diagnose.ts';
import { scoreRepairs } from './diagnostics/outputRules.ts';
import { ruleContextOf } from './diagnostics/ruleContext.ts';
import type { Answer, LossTerm, NodeId, ProjectDocument } from './document.ts';
import { type HeadAnswers, headAnswersOf, inputsOf } from './headAnswers.ts';
import { headsOf } from './heads.ts';
import type { Inference } from './inference.ts';
import { edgesInto } from './wiring.ts';

/** The facts about a dataset that training depends on. */
export interface DatasetFacts {
  readonly name: string;
  readonly classes: readonly string[];
  /** Of one image in the cache: channels, height, width. */
  readonly imageShape: readonly [number, number, number];
  /** Whether every image has a box; missing: no. */
  readonly boxes?: boolean;
  /** The classes of a pixel, if every image has a mask; missing or empty otherwise. */
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
  const errors = diagnose(inference).filter(diagnosis => diagnosis.severity === 'error');
  if (errors.length > 0) return errors;
  if (headsOf(inference).every(({ node }) => !inference.nodes.get(node)?.figures))
    return [error('empty-network', 'The canvas is empty: add an Input and some layers.')];
  const inputs = diagnoseInputs(inference, dataset);
  if (inputs.length > 0) return inputs;
  const settings = diagnoseTrainingSettings(document.training);
  return settings.length > 0 ? settings : diagnoseAnswers(document, inference, dataset);
}

/** Every Input must have the shape of the dataset's images. */
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

/** For each answer there must be an output, a loss and targets that match. */
function diagnoseAnswers(
  document: ProjectDocument,
  inference: Inference,
  dataset: DatasetFacts,
): Diagnosis[] {
  const { losses } = document.training;
  const answering = headAnswersOf(inference, losses);
  const silent = headsOf(inference).filter(({ node }) => !answering.some(each => each.node === node));
  const found = silent.map(({ node }) =>
    error(
      'output-says-nothing',
      `${nameOf(inference, node)}: the network ends in several places, and nothing says what this one answers. Add an Output to each.`,
      node,
      [...new Set(losses.map(({ answer }) => answer))].map(answer => ({
        title: `Add an Output for the ${answer}`,
        insertAfter: { kind: 'Output', params: { answer } },
      })),
    ),
  );
  if (found.length > 0) return found;
  for (const { node, answer } of answering) {
    if (losses.some(term => term.answer === answer)) continue;
    const usual = lossKindsOf(answer)[0]!.kind;
    const message = `${nameOf(inference, node)} answers the ${answer}, but no loss judges it: add one, as ${usual}.`;
    found.push(error('answer-without-loss', message, node, [{ title: 'Remove it', remove: true }]));
  }
  return [...losses.flatMap(term => diagnoseTerm(inference, dataset, answering, losses, term)), ...found];
}

function diagnoseTerm(
  inference: Inference,
  dataset: DatasetFacts,
  answering: readonly HeadAnswers[],
  losses: readonly LossTerm[],
  { answer, kind: name, params }: LossTerm,
): Diagnosis[] {
  const loss = lossKind(name)!;
  const head = answering.find(each => each.answer === answer);
  if (!head) {
    const message = `${name} asks for a ${answer}, but no Output of the network answers it.`;
    return [
      error('no-output-for-answer', message, null, outputRepairs(inference, losses, answering, answer)),
    ];
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
  const context = ruleContextOf(inference);
  const isOnlyClass = answer === 'class' && answering.length === 1 && fault.code !== 'wrong-weight-count';
  const mending = isOnlyClass
    ? scoreRepairs(context, output, truth.classes)
    : fault.code === 'wrong-mask-classes'
      ? channelRepairs(inference, head.node, truth.classes)
      : [];
  const ownRepairs =
    fault.code === 'wrong-class-count' ? widthRepairs(inference, head.node, truth.classes) : fault.repairs;
  const repairs = mending.length > 0 ? mending : ownRepairs;
  return [{ node: head.node, severity: 'error', ...fault, repairs }];
}

/** Repairs that give an Output the right number of channels, by the layer before it or an added one. */
function widthRepairs(inference: Inference, head: NodeId, classes: number): Repair[] {
  const into = edgesInto(inference.graph.edges);
  const passes = (id: NodeId) => inference.nodes.get(id)!.kind!.family === 'io' && into.has(id);
  let node = head;
  while (passes(node)) node = into.get(node)![0]!.source;
  const params = { outFeatures: classes };
  return 'outFeatures' in inference.nodes.get(node)!.kind!.fields
    ? [{ title: `Give ${classes} outputs`, setParams: params, node }]
    : [{ title: `Add Linear with ${classes} outputs`, insertAfter: { kind: 'Linear', params }, node }];
}

/**
 * Repairs that provide a missing answer: by an Output whose answer is not trained, or by a new branch before the last
 * layer with weights.
 */
function outputRepairs(
  inference: Inference,
  losses: readonly LossTerm[],
  answering: readonly HeadAnswers[],
  answer: Answer,
): Repair[] {
  const idle = answering
    .filter(each => !losses.some(term => term.answer === each.answer))
    .map(({ node }) => ({
      title: `Let ${nameOf(inference, node)} answer the ${answer}`,
      setParams: { answer },
      node,
    }));
  const source = answering[0] && branchPoint(inference, answering[0].node, answer);
  if (source === undefined) return idle;
  const title = `Add an Output for the ${answer} behind ${nameOf(inference, source)}`;
  return [...idle, { title, join: { kind: 'Output', params: { answer } }, sources: [source] }];
}

/**
 * The source of the last layer with weights before an output; for a mask the last image as large as the Input. Not
 * within a block, as the branch would be in all its copies.
 */
function branchPoint(inference: Inference, end: NodeId, answer: Answer): NodeId | undefined {
  const into = edgesInto(inference.graph.edges);
  const extentsAt = (id: NodeId) => inference.nodes.get(id)!.figures!.shape.slice(1).join();
  const [input] = inputsOf(inference);
  const isLarge = (id: NodeId) => id !== input && extentsAt(id) === extentsAt(input!);
  for (let at: NodeId | undefined = end; at !== undefined; ) {
    const source: NodeId | undefined = into.get(at)?.[0]?.source;
    const fits =
      answer === 'mask' ? source && isLarge(source) : inference.nodes.get(at)!.figures!.weights.length;
    if (fits) return source?.includes('/') ? undefined : source;
    at = source;
  }
  return undefined;
}

/** For a network that ends in a convolution: sets its channels to the number of classes. */
function channelRepairs(inference: Inference, node: NodeId, classes: number): readonly Repair[] {
  const { kind, node: end } = inference.nodes.get(node)!;
  if (!kind || !('outChannels' in kind.fields)) return [];
  return [{ title: `Give ${end.name} ${classes} channels`, setParams: { outChannels: classes } }];
}

const nameOf = (inference: Inference, node: NodeId) => inference.nodes.get(node)!.node.name;

function missingTruth({ name, boxes, maskClasses = [] }: DatasetFacts, answer: Answer): string | undefined {
  if (answer === 'box' && !boxes)
    return `${name} has no boxes to learn from: a dataset is needed in which each image has one.`;
  if (answer === 'mask' && maskClasses.length === 0)
    return `${name} has no masks to learn from: a dataset is needed in which each image has one.`;
  return undefined;
}
