/**
 * The compiler as a layer sees it while it emits instructions. Types only: compile/lower.ts implements them, so that
 * layers need not import the compiler.
 */
import type { InstructionName, Operands } from './instructions.ts';
import type { Shape } from './shape.ts';

/**
 * A tensor before it has an address. `real` is float32 on the fast backends and float64 on the reference backend;
 * `float64` is used for sums over many numbers.
 */
export interface Tensor {
  readonly id: number;
  readonly name: string;
  readonly type: 'real' | 'float64' | 'int32' | 'uint8';
  /** Number of elements, over the whole batch. */
  readonly count: number;
}

export interface Gradient {
  readonly tensor: Tensor;
  /** 1: add to the gradient, as another consumer of the value has written to it before; 0: overwrite. */
  readonly accumulate: 0 | 1;
}

export interface Lowering {
  /** The most images of one run. */
  readonly batch: number;
  /** Whether the program has a backward pass. */
  readonly training: boolean;
  /** Whether faster algorithms with more rounding error may be used: on all backends but the reference. */
  readonly fast: boolean;
  /** Whether the layer is frozen: weights and running statistics stay unchanged. */
  readonly frozen: boolean;
  readonly inputShape: Shape;
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** The first input: `batch × height × width × channels`, or `batch × features`. */
  readonly input: Tensor;
  /** All inputs, in the order of the edges. */
  readonly inputs: readonly Tensor[];
  /** The key of this layer's random stream. */
  readonly randomKey: number;
  /** Makes the output tensor. */
  output(): Tensor;
  /** Makes the input tensor the output, without an instruction. */
  passThrough(): void;
  weight(name: string): Tensor;
  /** A tensor that is used by this layer only, alive from its first write to its last read. */
  temporary(name: string, count: number, type?: Tensor['type']): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
  /**
   * Registers what emits the backward pass. `dy` is the gradient of the output, `dx` that of the first input, `dxs`
   * those of all inputs; null where it is not needed. Not called in programs without training.
   */
  backward(emit: (dy: Tensor, dx: Gradient | null, dxs: readonly (Gradient | null)[]) => void): void;
  /** Aborts the compilation, for what shapes do not show, such as a batch that is too small. */
  refuse(code: string, message: string): never;
  /** The gradient of a weight; null where it is frozen. */
  weightGradient(name: string): Tensor | null;
}
