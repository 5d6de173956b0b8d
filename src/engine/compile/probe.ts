/**
 * A network to be inspected: its forward pass in evaluation mode (no dropout, running statistics), with the outputs of
 * chosen nodes kept, and optionally a backward pass from one node, whose output gradient the host sets, to every node
 * before it and to the image. There are no losses and no gradients of weights.
 */

import { diagnose } from '../graph/diagnostics/diagnose.ts';
import type { NodeId } from '../graph/document.ts';
import { inputsOf } from '../graph/headAnswers.ts';
import type { Inference } from '../graph/inference.ts';
import { LINE_BYTES } from '../layers/kernelConstants.ts';
import type { Tensor } from '../layers/lowering.ts';
import { sizeOf } from '../layers/shape.ts';
import { encode, encodedLength } from './encode.ts';
import { type Context, emitInto, type LossEmitter, lowerNetwork, makeParameters, Tensors } from './lower.ts';
import { linesOf, placeByLifetime, placeInOrder } from './plan.ts';
import { CompileError, forEachProgram, type Instruction, type Model } from './program.ts';
import { verify } from './verify.ts';

export interface ProbeOptions {
  readonly inference: Inference;
  /** The most images per run. */
  readonly batch: number;
  /** The nodes whose outputs are kept. */
  readonly keep: readonly NodeId[] | 'all';
  /** The node that the backward pass starts from; null without a backward pass. */
  readonly from: NodeId | null;
  readonly realBytes: 4 | 8;
  /** Where the model's memory begins, in bytes. */
  readonly start: number;
}

export interface ProbeModel {
  /** `evaluate` runs forward, `train` forward and backward. There are no heads. */
  readonly model: Model;
  readonly outputs: ReadonlyMap<NodeId, Tensor>;
  /** The gradient of the output of `from`, which the host sets. */
  readonly seed: Tensor | null;
  /** Gradients of nodes' outputs: of `from` and of the nodes before it. */
  readonly gradients: ReadonlyMap<NodeId, Tensor>;
  readonly imageGradient: Tensor | null;
}

/** @throws CompileError where the network has a fault */
export function compileProbe(options: ProbeOptions): ProbeModel {
  const { inference, batch, keep, from, realBytes } = options;
  const fault = diagnose(inference).find(({ severity }) => severity === 'error');
  const [input] = inputsOf(inference);
  if (fault || input === undefined) throw new CompileError(fault?.message ?? 'The network has no Input.');
  const tensors = new Tensors();
  const parameters = makeParameters(inference, tensors, NOTHING_LEARNS);
  const images = tensors.make('images', 'real', batch * sizeOf(inference.nodes.get(input)!.figures!.shape));
  const seed =
    from === null
      ? null
      : tensors.make('seed', 'real', batch * sizeOf(inference.nodes.get(from)!.figures!.shape));
  const instructions = forEachProgram((): Instruction[] => []);
  const traced = new Map<Tensor, Tensor>();
  const context: Context = {
    inference,
    tensors,
    batch,
    training: false,
    fast: realBytes === 4,
    parameters: new Map(parameters.map(parameter => [parameter.name, parameter])),
    instructions: instructions[from === null ? 'evaluate' : 'train'],
    ...(from !== null && { traced }),
  };
  const outputs = lowerNetwork(context, images, from === null ? [] : [from], seedEmitter(context, seed));
  const kept = new Map(keep === 'all' ? outputs : keep.map(id => [id, outputs.get(id)!]));
  const gradients = new Map([...outputs].flatMap(([id, value]) => pair(id, traced.get(value))));
  const lines = new Int32Array(tensors.all.length);
  const program = from === null ? 'evaluate' : 'train';
  const first =
    options.start / LINE_BYTES + Math.ceil((encodedLength(instructions[program]) * 4) / LINE_BYTES);
  const weights = parameters.map(({ tensor }) => tensor);
  const losses = tensors.make('losses', 'real', 0);
  const indices = tensors.make('indices', 'int32', 0);
  const lasting = [images, ...(seed ? [seed] : []), ...weights];
  const shared = placeInOrder(lasting, first, realBytes, lines);
  const alive = new Set([...kept.values(), ...gradients.values(), ...traced.values()]);
  const end = placeByLifetime(instructions[program], alive, shared, realBytes, lines);
  verify({
    instructions: instructions[program],
    realBytes,
    given: lasting,
    read: alive,
    plan: { lines, from: first, end, lasting },
  });
  const bytes = (list: readonly Tensor[]) =>
    list.reduce((sum, tensor) => sum + linesOf(tensor, realBytes) * LINE_BYTES, 0);
  return {
    model: {
      batch,
      realBytes,
      parameters,
      images,
      indices,
      heads: [],
      losses,
      constants: [],
      activity: [],
      outputsOfNodes: [],
      normalization: null,
      instructions,
      programs: forEachProgram(name => (name === program ? encode(instructions[name], lines) : null)),
      lines,
      end: end * LINE_BYTES,
      sizes: { weights: bytes(weights), optimizer: 0, activations: (end - shared) * LINE_BYTES },
    },
    outputs: kept,
    seed,
    gradients,
    imageGradient: traced.get(images) ?? null,
  };
}

const NOTHING_LEARNS = { training: false, accumulates: false, decayAll: false };

const pair = (id: NodeId, gradient: Tensor | undefined) => (gradient ? [[id, gradient] as const] : []);

/** A loss emitter that starts the backward pass from a given gradient. */
function seedEmitter(context: Context, seed: Tensor | null): LossEmitter {
  return {
    emitLosses(_node, output, gradient) {
      const { tensor, accumulate } = gradient();
      const extents = { accumulate, count: output.count / context.batch };
      emitInto(context.instructions, 'copyBackward', { dy: seed!, dx: tensor, ...extents });
    },
    finish() {},
  };
}
