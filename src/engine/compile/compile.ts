/**
 * From a document to a model that can run: instructions for training and for evaluation, and one plan of the
 * memory that they share. Exact: the model's `end` is the memory it takes.
 */

import { diagnoseChoices } from '../graph/choices.ts';
import { diagnose } from '../graph/diagnostics/diagnose.ts';
import type { NodeId, Training } from '../graph/document.ts';
import { headAnswersOf, inputsOf } from '../graph/headAnswers.ts';
import type { Inference } from '../graph/inference.ts';
import { LINE_BYTES } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Shape, sizeOf } from '../layers/shape.ts';
import { extentsOf } from '../losses/loss.ts';
import { encode, encodedLength } from './encode.ts';
import { fuse } from './fuse.ts';
import { lowerLossGradient } from './lossGradient.ts';
import { type Context, lowerNetwork, makeParameters, Tensors } from './lower.ts';
import { lowerInput } from './lowerInput.ts';
import { HeadLossEmitter, type MutableHead, makeHead } from './lowerLosses.ts';
import { lowerAccumulation, lowerUpdates } from './lowerUpdate.ts';
import { GUARD_LINES, linesOf, placeByLifetime, placeInOrder } from './plan.ts';
import {
  type Activity,
  CompileError,
  type Constant,
  type Features,
  forEachProgram,
  type Instruction,
  type Model,
  type ProgramName,
  programNames,
  tensorsOf,
} from './program.ts';
import { shareGradients } from './shareGradients.ts';
import { type Divisible, partsOf, splitAtFeatures } from './splitFeatures.ts';
import { type Plan, verify } from './verify.ts';

/** What of a document's training shows in its programs. */
export type CompiledTraining = Pick<Training, 'losses' | 'optimizer' | 'regularisation' | 'augmentations'> &
  Partial<Pick<Training, 'rates'>>;

export interface CompileOptions {
  readonly inference: Inference;
  readonly training: CompiledTraining;
  /** Images of one run: where an update learns from several runs, a part of the batch. */
  readonly batch: number;
  /** `uint8`: images as the cache holds them, normalised in the program. `real`: normalised already. */
  readonly input: 'uint8' | 'real';
  readonly programs: readonly ProgramName[];
  readonly realBytes: 4 | 8;
  /** Where the model's memory begins, in bytes: a multiple of a line, behind what the host keeps there. */
  readonly start: number;
  /** Whether every node's output of the training program keeps a place of its own, to be looked at. */
  readonly keepsOutputs?: boolean;
  /** Whether the next batch is read while a program runs, to a place of its own. */
  readonly stages?: boolean;
  /** Whether programs begin behind what does not learn, where that pays: with features that the host may keep. */
  readonly keepsFeatures?: boolean;
  /** Whether no tensor shares its place and `GUARD_LINES` lie free behind each, in which an overrun shows: for tests. */
  readonly guards?: boolean;
}

/** A model while its programs are being made. */
interface Making {
  readonly options: CompileOptions;
  readonly tensors: Tensors;
  readonly ports: ModelPorts;
  readonly staged: NonNullable<Model['staged']> | null;
  readonly heads: readonly MutableHead[];
  readonly constants: Map<string, Constant>;
  readonly instructions: Record<ProgramName, Instruction[]>;
  parameters: Model['parameters'];
  outputsOfNodes: Model['outputsOfNodes'];
  activity: Activity[];
  /** What flows out of each node while it evaluates. */
  values: ReadonlyMap<NodeId, Tensor>;
  features: Features | null;
}

export function compile(options: CompileOptions): Model {
  const { inference, batch, realBytes, programs, training } = options;
  const wrong = programs.includes('train') ? diagnoseChoices(training) : [];
  const fault = [...diagnose(inference), ...wrong].find(({ severity }) => severity === 'error');
  const answering = headAnswersOf(inference, training.losses);
  if (fault || answering.length === 0)
    throw new CompileError(fault?.message ?? 'The network does not end in one place.');
  const tensors = new Tensors();
  const learning = {
    training: programs.includes('train'),
    accumulates: programs.includes('accumulate'),
    watches: programs.includes('watch'),
    decayAll: training.regularisation.decayAll,
  };
  const heads = answering.map(each =>
    makeHead(each, inference.nodes.get(each.node)!.figures!.shape, batch, tensors),
  );
  const making: Making = {
    options,
    tensors,
    ports: makePorts(options, tensors),
    staged: options.stages ? makeStaged(heads, options, tensors) : null,
    heads,
    constants: new Map(),
    instructions: forEachProgram(() => []),
    parameters: makeParameters(inference, tensors, learning),
    outputsOfNodes: [],
    activity: [],
    values: new Map(),
    features: null,
  };
  for (const program of inOrder(programs)) {
    lowerProgram(making, program);
    verifyProgram(making, program);
    if (realBytes === 8) continue;
    join(making, program);
    verifyProgram(making, program);
  }
  if (options.keepsFeatures && options.input === 'uint8' && realBytes === 4) divide(making);
  const { ports, staged, constants, instructions, parameters, outputsOfNodes, activity, features } = making;
  const { plan, ...placed } = place(making);
  const made = madeOf(making);
  for (const program of made) verifyProgram(making, program, plan);
  return {
    batch,
    realBytes,
    parameters,
    heads,
    constants: [...constants.values()],
    outputsOfNodes,
    activity,
    ...(staged && { staged }),
    ...(features && { features }),
    ...ports,
    instructions,
    programs: forEachProgram(name => (made.includes(name) ? encode(instructions[name], placed.lines) : null)),
    ...placed,
  };
}

/** As they lie in memory. */
const inOrder = (programs: readonly ProgramName[]) => programNames.filter(name => programs.includes(name));

function lowerProgram(making: Making, program: ProgramName): void {
  const { options, tensors, ports, heads, constants } = making;
  const context: Context = {
    inference: options.inference,
    tensors,
    batch: options.batch,
    training: program !== 'evaluate',
    fast: options.realBytes === 4,
    parameters: new Map(making.parameters.map(parameter => [parameter.name, parameter])),
    instructions: making.instructions[program],
    ...(program === 'watch' && { watch: (node, value) => watch(making, node, value) }),
  };
  const shape = imageShapeOf(options.inference);
  const { augmentations, losses: terms } = options.training;
  const lossGradient = (read: Tensor) => lowerLossGradient(context, read, { heads, terms, constants });
  const image = lowerInput(context, { ports, shape, heads, augmentations, constants, lossGradient });
  const judge = new HeadLossEmitter(context, heads, terms, ports.losses, constants);
  const ends = heads.map(({ node }) => node);
  const outputs = lowerNetwork(context, image, ends, judge);
  if (program === 'train' && options.keepsOutputs)
    making.outputsOfNodes = [...outputs].map(([node, tensor]) => ({ node, tensor }));
  for (const head of heads) head.outputs[program] = outputs.get(head.node)!;
  if (program === 'evaluate') making.values = outputs;
  if (program === 'evaluate') return;
  lowerAccumulation(context);
  if (program !== 'accumulate') making.parameters = lowerUpdates(context, options.training);
}

/** What the reference computes one by one, the others do in one go. */
function join({ instructions, tensors, heads, outputsOfNodes }: Making, program: ProgramName): void {
  const kept = new Set(heads.map(({ outputs }) => outputs[program]!));
  for (const { tensor } of outputsOfNodes) kept.add(tensor);
  instructions[program] = shareGradients(fuse(instructions[program], kept, tensors), kept);
}

/** Cuts all programs where the same that never changes is behind them, and makes one of what they began with. */
function divide(making: Making): void {
  const { options, instructions, tensors, ports, values } = making;
  const learning = options.programs.filter(name => name !== 'evaluate');
  const divisible = (name: ProgramName): Divisible => ({
    instructions: instructions[name],
    kept: keptBy(making, name),
  });
  const written = new Set<Tensor>();
  for (const name of options.programs)
    for (const instruction of instructions[name])
      for (const { tensor, isWritten } of tensorsOf(instruction)) if (isWritten) written.add(tensor);
  const weights = making.parameters.map(({ tensor }) => tensor).filter(tensor => !written.has(tensor));
  const still = new Set([ports.images, ...Object.values(ports.normalization ?? {}), ...weights]);
  const changing = new Set(
    [...lastingOf(making), ...making.parameters.map(({ tensor }) => tensor), ...learningOf(making)].filter(
      tensor => !still.has(tensor),
    ),
  );
  const split = splitAtFeatures({
    inference: options.inference,
    evaluate: divisible('evaluate'),
    others: learning.map(divisible),
    values,
    still,
    changing,
  });
  if (!split) return;
  const tensor = tensors.make('features', 'real', split.evaluate.tensor.count);
  making.features = { node: split.node, shape: split.shape, tensor };
  const cuts = [split.evaluate, ...split.others];
  for (const [i, name] of (['evaluate', ...learning] as const).entries()) {
    const [before, behind] = partsOf(instructions[name], cuts[i]!, tensor);
    instructions[name] = behind;
    // The one that watches looks at units on the way.
    if (name === 'evaluate' || name === 'watch') instructions.features = before;
  }
  const counted = new Set(instructions.features.flatMap(tensorsOf).map(use => use.tensor));
  making.activity = making.activity.map(each => ({ ...each, isBefore: counted.has(each.active) }));
}

/** Those that were asked for, and `features` where they were divided, as they lie in memory. */
function madeOf({ options, features }: Making): ProgramName[] {
  return inOrder(features ? [...options.programs, 'features'] : options.programs);
}

/** What the host reads after a run of a program that no other writes. */
function keptBy({ heads, outputsOfNodes }: Making, program: ProgramName): Set<Tensor> {
  const kept = new Set(heads.flatMap(({ outputs }) => outputs[program] ?? []));
  if (program === 'train') for (const { tensor } of outputsOfNodes) kept.add(tensor);
  return kept;
}

/** Counts which units of a layer that cuts off below zero are above it. */
function watch({ options, tensors, instructions, activity }: Making, node: NodeId, x: Tensor): void {
  const { kind, figures, node: drawn } = options.inference.nodes.get(node)!;
  if (!kind!.traits?.includes('rectifies')) return;
  const { positions: pixels, channels } = extentsOf(figures!.shape);
  const active = tensors.make(`${drawn.name}.active`, 'real', channels);
  activity.push({ node, active, isBefore: false });
  instructions.watch.push({ name: 'countActive', operands: { x, active, pixels, channels } });
}

type ModelPorts = Pick<Model, 'images' | 'indices' | 'losses' | 'normalization'>;

/** The tensors through which a host fills in a batch and reads what came out. */
function makePorts({ inference, batch, input }: CompileOptions, tensors: Tensors): ModelPorts {
  const shape = imageShapeOf(inference);
  const perChannel = (name: string) => tensors.make(name, 'real', shape[0]!);
  return {
    images: tensors.make('images', input, batch * sizeOf(shape)),
    indices: tensors.make('indices', 'int32', batch),
    losses: tensors.make('losses', 'real', batch),
    normalization: input === 'uint8' ? { scale: perChannel('scale'), shift: perChannel('shift') } : null,
  };
}

/** Room for the bytes of another batch. */
function makeStaged(
  heads: readonly MutableHead[],
  { inference, batch }: CompileOptions,
  tensors: Tensors,
): NonNullable<Model['staged']> {
  const mask = heads.find(({ answer }) => answer === 'mask');
  return {
    images: tensors.make('images.next', 'uint8', batch * sizeOf(imageShapeOf(inference))),
    masks: mask ? tensors.make('masks.next', 'uint8', mask.targets.count) : null,
  };
}

/** Of every Input: they all get the image. @throws CompileError where they differ */
function imageShapeOf(inference: Inference): Shape {
  const shapes = inputsOf(inference).map(id => inference.nodes.get(id)!.figures!.shape);
  const [first, ...others] = shapes as [Shape, ...Shape[]];
  if (others.some(shape => shape.join() !== first.join()))
    throw new CompileError('The Inputs have different shapes; all get the same image.');
  return first;
}

/** @throws ProgramError where the compiler made a program that must not run */
function verifyProgram(making: Making, program: ProgramName, plan?: Plan): void {
  const { options, instructions, ports, heads, constants, parameters, outputsOfNodes, activity, features } =
    making;
  const { realBytes } = options;
  const normalization = Object.values(ports.normalization ?? {});
  const given = [ports.images, ports.indices, ...normalization, ...heads.map(({ targets }) => targets)];
  const isFeatures = program === 'features';
  if (features && !isFeatures) given.push(features.tensor);
  if (features && isFeatures) {
    const weights = parameters.map(({ tensor }) => tensor);
    const read = [features.tensor];
    verify({
      instructions: instructions.features,
      realBytes,
      given: [...given, ...weights],
      read,
      ...(plan && { plan }),
    });
    return;
  }
  const read = heads.flatMap(({ outputs, predictions, scores }) => [
    outputs[program]!,
    scores,
    ...(predictions ? [predictions] : []),
  ]);
  for (const { tensor } of constants.values()) given.push(tensor);
  // Of a head that no loss judges, nothing flows back: gradients stay the zeros that memory begins with.
  const isJudged = ({ answer }: MutableHead) => options.training.losses.some(term => term.answer === answer);
  const allFlow = heads.every(isJudged);
  if (heads.some(isJudged)) read.push(ports.losses);
  else given.push(ports.losses);
  for (const { tensor, gradient, accumulated, slots, squares } of parameters) {
    given.push(tensor, ...Object.values(slots), ...(gradient && !allFlow ? [gradient] : []));
    // The host clears it before the first run of an update.
    if (accumulated) given.push(accumulated);
    else if (gradient && program !== 'evaluate') read.push(gradient);
    if (squares && program === 'watch') read.push(squares);
  }
  if (program === 'train') for (const { tensor } of outputsOfNodes) read.push(tensor);
  if (program === 'watch')
    for (const { active, isBefore } of activity) (isBefore ? given : read).push(active);
  verify({ instructions: instructions[program], realBytes, given, read, ...(plan && { plan }) });
}

/** What keeps its place whichever program runs, but for what belongs to weights. */
function lastingOf({ ports, staged, features, heads, constants, activity, parameters }: Making): Tensor[] {
  return [
    ...[ports.images, ports.indices, ports.losses, ...Object.values(ports.normalization ?? {})],
    ...(features ? [features.tensor] : []),
    ...heads.flatMap(({ targets, predictions, scores }) => [
      targets,
      ...(predictions ? [predictions] : []),
      scores,
    ]),
    ...Object.values(staged ?? {}).filter(tensor => tensor !== null),
    ...[...constants.values()].map(({ tensor }) => tensor),
    ...activity.map(({ active }) => active),
    ...parameters.flatMap(({ squares }) => squares ?? []),
  ];
}

/** What belongs to weights that learn. */
function learningOf({ parameters }: Making): Tensor[] {
  return parameters.flatMap(({ gradient, accumulated, slots }) => [
    ...(gradient ? [gradient] : []),
    ...(accumulated ? [accumulated] : []),
    ...Object.values(slots),
  ]);
}

/** Places everything: programs, then what lasts, then what programs may write over each other. */
function place(making: Making): Pick<Model, 'lines' | 'end' | 'sizes'> & { plan: Plan } {
  const { tensors, instructions, parameters } = making;
  const { realBytes, start, guards = false } = making.options;
  const programs = madeOf(making);
  const lasting = lastingOf(making);
  const weights = parameters.map(parameter => parameter.tensor);
  const learning = learningOf(making);
  const lines = new Int32Array(tensors.all.length);
  let first = start / LINE_BYTES;
  for (const name of programs) first += Math.ceil((encodedLength(instructions[name]) * 4) / LINE_BYTES);
  const all = [...lasting, ...weights, ...learning];
  const gap = guards ? GUARD_LINES : 0;
  const shared = placeInOrder(all, first, realBytes, lines, gap);
  const others = tensors.all.filter(({ id }) => lines[id] === 0);
  let end = guards ? placeInOrder(others, shared, realBytes, lines, gap) : shared;
  for (const name of programs) {
    end = Math.max(end, placeByLifetime(instructions[name], keptBy(making, name), shared, realBytes, lines));
  }
  const bytes = (list: readonly Tensor[]) =>
    list.reduce((sum, tensor) => sum + linesOf(tensor, realBytes) * LINE_BYTES, 0);
  return {
    lines,
    end: end * LINE_BYTES,
    sizes: {
      weights: bytes(weights),
      optimizer: bytes(learning),
      activations: (end - shared) * LINE_BYTES + bytes(lasting),
    },
    plan: { lines, from: first, end, lasting: all },
  };
}
