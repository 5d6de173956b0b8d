/**
 * Lowers an inferred graph to instructions: forward in topological order, then the losses, then each layer's backward
 * instructions in reverse. Layers lower themselves (`LayerKind.lower`); losses are in lowerLosses.ts, updates in
 * lowerUpdate.ts.
 */
import type { GraphNode, NodeId } from '../graph/document.ts';
import type { Inference } from '../graph/inference.ts';
import { edgesInto } from '../graph/wiring.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import { PANEL } from '../layers/kernelConstants.ts';
import type { Weight } from '../layers/layer.ts';
import type { Gradient, Lowering, Tensor } from '../layers/lowering.ts';
import { type Shape, sizeOf } from '../layers/shape.ts';
import { hashName } from './hashName.ts';
import { CompileError, type Instruction, type Parameter } from './program.ts';

/**
 * In how many partial sums a reduction over a weight is computed: enough for many workers, and independent of their
 * number, so that results are too.
 */
export const GRADIENT_PARTS = 16;

/** Creates the tensors of a model; a tensor's id is its index. */
export class Tensors {
  readonly all: Tensor[] = [];

  make(name: string, type: Tensor['type'], count: number): Tensor {
    const tensor = { id: this.all.length, name, type, count };
    this.all.push(tensor);
    return tensor;
  }
}

/** How many numbers are stored for a weight: the last panel of output channels is padded to PANEL. */
export function storedCount({ shape, layout, groups }: Weight): number {
  if (layout !== 'panels') return sizeOf(shape);
  const rows = sizeOf(shape.slice(1));
  return groups * Math.ceil(shape[0]! / groups / PANEL) * PANEL * rows;
}

/** The learned tensors of a network, in topological order. */
export function makeParameters(
  inference: Inference,
  tensors: Tensors,
  { training, accumulates, watches = false, decayAll }: Learning,
): Parameter[] {
  return inference.order.flatMap(id => {
    const { node, kind, figures } = inference.nodes.get(id)!;
    return figures!.weights.map(weight => {
      const name = `${node.name}.${weight.name}`;
      const make = (suffix: string) => tensors.make(name + suffix, 'real', storedCount(weight));
      const learns = training && weight.learning === 'trained';
      return {
        name,
        weight,
        tensor: make(''),
        gradient: learns ? make('.grad') : null,
        accumulated: learns && accumulates ? make('.accumulated') : null,
        squares: learns && watches ? tensors.make(`${name}.squares`, 'float64', 3 * GRADIENT_PARTS) : null,
        decays: decayAll || (kind!.family !== 'normalisation' && weight.name !== 'bias'),
        slots: {},
      };
    });
  });
}

/** The settings of training that decide which tensors belong to a parameter. */
export interface Learning {
  readonly training: boolean;
  /** Whether gradients are accumulated over several runs per update. */
  readonly accumulates: boolean;
  /** Whether the size of each update is measured. */
  readonly watches?: boolean;
  /** Whether weight decay includes normalisation weights and biases. */
  readonly decayAll: boolean;
}

export interface Context {
  readonly inference: Inference;
  readonly tensors: Tensors;
  readonly batch: number;
  readonly training: boolean;
  readonly fast: boolean;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly instructions: Instruction[];
  /** Called with each node's output, right after the instructions that compute it. */
  readonly watch?: (node: NodeId, value: Tensor) => void;
  /**
   * Where given, gradients of every value and of the image are computed, whether anything learns or not; filled in
   * here: value to gradient.
   */
  readonly traced?: Map<Tensor, Tensor>;
}

/** Emits the losses of the network's answers, after the forward pass. */
export interface LossEmitter {
  /**
   * Emits the metrics and losses of one head's output. Each loss adds to the gradient of the output: `gradient` says
   * where.
   */
  emitLosses(node: NodeId, output: Tensor, gradient: () => Gradient): void;
  /** Called after the last head. */
  finish(): void;
}

/** The gradient of a value: each consumer of the value adds to it, the first one overwrites. */
interface AccumulatedGradient {
  readonly tensor: Tensor;
  written: boolean;
}

/**
 * Emits the forward pass, the losses, and for training the backward pass. @returns each node's output, in topological
 * order
 */
export function lowerNetwork(
  context: Context,
  image: Tensor,
  ends: readonly NodeId[],
  losses: LossEmitter,
): Map<NodeId, Tensor> {
  const { inference, training, tensors, traced } = context;
  const into = edgesInto(inference.graph.edges);
  const values = new Map<NodeId, Tensor>();
  const learning = new Set<Tensor>();
  const gradients = new Map<Tensor, AccumulatedGradient>();
  const tape: (() => void)[] = [];

  const gradientOf = (value: Tensor): AccumulatedGradient => {
    const known = gradients.get(value);
    if (known) return known;
    const made = { tensor: tensors.make(`${value.name}.grad`, 'real', value.count), written: false };
    gradients.set(value, made);
    traced?.set(value, made.tensor);
    return made;
  };
  const contributionTo = (value: Tensor): Gradient => {
    const gradient = gradientOf(value);
    const accumulate = gradient.written ? 1 : 0;
    gradient.written = true;
    return { tensor: gradient.tensor, accumulate };
  };
  const inputGradient = (value: Tensor) => (traced || learning.has(value) ? contributionTo(value) : null);

  for (const id of inference.order) {
    const { node, kind, figures } = inference.nodes.get(id)!;
    const sources = (into.get(id) ?? []).map(({ source }) => values.get(source)!);
    const inputs = kind!.inputs === 0 ? [image] : sources;
    const inputShapes = kind!.inputs === 0 ? [figures!.shape] : figures!.inputs;
    const lowering = new LayerLowering(context, node, inputs, inputShapes, figures!.shape);
    kind!.lower(figures!.params, lowering);
    const value = lowering.result();
    values.set(id, value);
    context.watch?.(id, value);
    if (figures!.trainable > 0 || inputs.some(input => learning.has(input))) learning.add(value);
    const backward = lowering.backwardEmitter;
    if (!backward || !(traced || (training && learning.has(value)))) continue;
    tape.push(() => {
      const dy = gradients.get(value);
      if (!dy?.written) return;
      const inputGradients = inputs.map(inputGradient);
      backward(dy.tensor, inputGradients[0]!, inputGradients);
    });
  }

  for (const end of ends) {
    const output = values.get(end)!;
    losses.emitLosses(end, output, () => contributionTo(output));
  }
  losses.finish();
  for (const emit of tape.reverse()) emit();
  return values;
}

export function emitInto<N extends InstructionName>(
  instructions: Instruction[],
  name: N,
  operands: Operands<N, Tensor>,
): void {
  instructions.push({ name, operands } as Instruction);
}

class LayerLowering implements Lowering {
  readonly inputs: readonly Tensor[];
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  readonly frozen: boolean;
  backwardEmitter: Parameters<Lowering['backward']>[0] | undefined;
  readonly #context: Context;
  readonly #name: string;
  #output: Tensor | undefined;

  constructor(
    context: Context,
    { name, frozen }: Pick<GraphNode, 'name' | 'frozen'>,
    inputs: readonly Tensor[],
    inputShapes: readonly Shape[],
    outputShape: Shape,
  ) {
    this.#context = context;
    this.#name = name;
    this.frozen = frozen === true;
    this.inputs = inputs;
    this.inputShapes = inputShapes;
    this.outputShape = outputShape;
  }

  get input(): Tensor {
    return this.inputs[0]!;
  }

  get inputShape(): Shape {
    return this.inputShapes[0]!;
  }

  get randomKey(): number {
    return hashName(this.#name);
  }

  get batch(): number {
    return this.#context.batch;
  }

  get training(): boolean {
    return this.#context.training;
  }

  get fast(): boolean {
    return this.#context.fast;
  }

  output(): Tensor {
    this.#output ??= this.temporary('output', this.batch * sizeOf(this.outputShape));
    return this.#output;
  }

  passThrough(): void {
    this.#output = this.input;
  }

  result(): Tensor {
    if (!this.#output) throw new TypeError(`${this.#name} was lowered without an output`);
    return this.#output;
  }

  weight(name: string): Tensor {
    return this.#parameter(name).tensor;
  }

  weightGradient(name: string): Tensor | null {
    return this.#parameter(name).gradient;
  }

  temporary(name: string, count: number, type: Tensor['type'] = 'real'): Tensor {
    return this.#context.tensors.make(`${this.#name}.${name}`, type, count);
  }

  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void {
    emitInto(this.#context.instructions, name, operands);
  }

  backward(emit: Parameters<Lowering['backward']>[0]): void {
    this.backwardEmitter = emit;
  }

  refuse(code: string, message: string): never {
    throw new CompileError(`${this.#name}: ${message}`, code);
  }

  #parameter(name: string): Parameter {
    const parameter = this.#context.parameters.get(`${this.#name}.${name}`);
    if (!parameter) throw new TypeError(`${this.#name} asks for a weight that it did not declare, ${name}`);
    return parameter;
  }
}
