/**
 * The losses and metrics of a network's heads. Each loss term of a head adds to the loss of every image and to the
 * gradient of the head's output.
 */

import type { LossTerm, NodeId } from '../graph/document.ts';
import type { HeadAnswers } from '../graph/headAnswers.ts';
import type { InstructionName, Operands } from '../layers/instructions.ts';
import type { Gradient, Tensor } from '../layers/lowering.ts';
import type { Shape } from '../layers/shape.ts';
import { extentsOf } from '../losses/loss.ts';
import { lossKind } from '../losses/registry.ts';
import { type Context, emitInto, type LossEmitter, type Tensors } from './lower.ts';
import { type Constant, forEachProgram, type ModelHead, type ProgramName } from './program.ts';
import { validated } from './validatedKind.ts';

/** Numbers of a box: left, top, right, bottom. */
const BOX_NUMBERS = 4;

/** A head whose outputs are filled in as its programs are lowered. */
export type MutableHead = Omit<ModelHead, 'outputs'> & {
  readonly outputs: Record<ProgramName, Tensor | null>;
};

/** Makes the tensors of a head. */
export function makeHead(
  { node, answer }: HeadAnswers,
  shape: Shape,
  batch: number,
  tensors: Tensors,
): MutableHead {
  const count = batch * (answer === 'box' ? BOX_NUMBERS : extentsOf(shape).positions);
  const make = (name: string, type: Tensor['type'], size: number) =>
    tensors.make(`${answer}.${name}`, type, size);
  return {
    node,
    answer,
    shape,
    outputs: forEachProgram<Tensor | null>(() => null),
    targets: make('targets', answer === 'box' ? 'real' : 'int32', count),
    predictions: answer === 'box' ? null : make('predictions', 'int32', count),
    scores: make('scores', 'real', batch),
  };
}

/** Emits metrics and loss terms of one program's heads. Constants are shared by all programs. */
export class HeadLossEmitter implements LossEmitter {
  readonly #context: Context;
  readonly #heads: ReadonlyMap<NodeId, MutableHead>;
  readonly #terms: readonly LossTerm[];
  readonly #losses: Tensor;
  readonly #constants: Map<string, Constant>;
  #emittedTerms = 0;

  constructor(
    context: Context,
    heads: readonly MutableHead[],
    terms: readonly LossTerm[],
    losses: Tensor,
    constants: Map<string, Constant>,
  ) {
    this.#context = context;
    this.#heads = new Map(heads.map(head => [head.node, head]));
    this.#terms = terms;
    this.#losses = losses;
    this.#constants = constants;
  }

  emitLosses(node: NodeId, output: Tensor, gradient: () => Gradient): void {
    const head = this.#heads.get(node)!;
    const { training, traced } = this.#context;
    // Not in a pass that is traced for gradients of the image: there only the loss is of interest.
    if (!traced) this.#measure(head, output);
    for (const [index, term] of this.#terms.entries()) {
      if (term.answer !== head.answer) continue;
      this.#emitTerm(head, `loss${index}`, term, output, training || traced ? gradient() : null);
    }
  }

  finish(): void {
    if (this.#context.training) this.#emit('guardLosses', { losses: this.#losses });
  }

  #measure({ answer, shape, targets, predictions, scores }: MutableHead, output: Tensor): void {
    if (answer === 'box') this.#emit('scoreBoxes', { output, targets, scores });
    else
      this.#emit('scoreClasses', { output, targets, predictions: predictions!, scores, ...extentsOf(shape) });
  }

  #emitTerm(
    { answer, shape, targets }: MutableHead,
    name: string,
    term: LossTerm,
    output: Tensor,
    gradient: Gradient | null,
  ): void {
    const { kind, params } = validated(lossKind(term.kind), term, 'loss');
    const { batch, tensors } = this.#context;
    kind.lower(params, {
      batch,
      answer,
      outputShape: shape,
      output,
      targets,
      term: {
        losses: this.#losses,
        termWeight: term.weight,
        addLoss: this.#emittedTerms++ > 0 ? 1 : 0,
        accumulate: gradient?.accumulate ?? 0,
      },
      gradient: gradient?.tensor ?? null,
      constant: (part, values) => this.#constant(`${name}.${part}`, values),
      temporary: (part, count, type = 'real') => tensors.make(`${name}.${part}`, type, count),
      emit: (instruction, operands) => this.#emit(instruction, operands),
    });
  }

  #constant(name: string, values: readonly number[]): Tensor {
    const known = this.#constants.get(name);
    if (known) return known.tensor;
    const tensor = this.#context.tensors.make(name, 'real', values.length);
    this.#constants.set(name, { tensor, values });
    return tensor;
  }

  #emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void {
    emitInto(this.#context.instructions, name, operands);
  }
}
