/**
 * What a layer sees of the compiler while it is turned into instructions. Types only: the compiler
 * (compile/lower.ts) implements it, the layers use it, and so neither imports the other's code.
 */
import type { InstructionName, Operands } from './instructions.ts';
import type { Shape } from './shape.ts';

/**
 * A place in memory, still without address. `real` is float32 on the fast backends and float64 on the
 * reference; sums over many numbers are `float64` on all.
 */
export interface Tensor {
  readonly id: number;
  readonly name: string;
  readonly type: 'real' | 'float64' | 'int32' | 'uint8';
  /** Elements, the batch included. */
  readonly count: number;
}

export interface Gradient {
  readonly tensor: Tensor;
  /** 1 where another consumer of the same value has already written its share, else 0. */
  readonly accumulate: 0 | 1;
}

export interface Lowering {
  /** The largest batch that the program can run. */
  readonly batch: number;
  /** Whether a backward pass is wanted. */
  readonly training: boolean;
  /** Whether work may be saved at the cost of some rounding: everywhere but on the reference. */
  readonly fast: boolean;
  /** Whether its weights stay as they are: then its statistics do, too. */
  readonly frozen: boolean;
  readonly inputShape: Shape;
  readonly inputShapes: readonly Shape[];
  readonly outputShape: Shape;
  /** What flows in: `batch × height × width × channels`, or `batch × features`. */
  readonly input: Tensor;
  /** All that flows in, in the order of the inputs. */
  readonly inputs: readonly Tensor[];
  /** A number that tells this layer's random numbers from every other's. */
  readonly randomKey: number;
  /** Makes the tensor that flows out. */
  output(): Tensor;
  /** Says that what flows out is what flows in, in the same order. */
  passThrough(): void;
  weight(name: string): Tensor;
  /** A tensor of this layer's own, alive from its first writing to its last reading. */
  temporary(name: string, count: number, type?: Tensor['type']): Tensor;
  emit<N extends InstructionName>(name: N, operands: Operands<N, Tensor>): void;
  /**
   * Registers the layer's backward instructions. `dy` is the gradient of the output; `dx` tells where the
   * gradient of the input goes, or null where nobody wants it, and `dxs` the same of every input. Not called
   * for programs without training.
   */
  backward(emit: (dy: Tensor, dx: Gradient | null, dxs: readonly (Gradient | null)[]) => void): void;
  /** Ends the compilation: what shapes alone could not show, as a batch that is too small. */
  refuse(code: string, message: string): never;
  /** Where the gradient of a weight goes; null where it is frozen. */
  weightGradient(name: string): Tensor | null;
}
