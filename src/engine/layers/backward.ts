import type { Gradient, Tensor } from './lowering.ts';

/** Emits a layer's backward instructions: `dx` is null where nobody wants the gradient of its input. */
export type Backward = (dy: Tensor, dx: Gradient | null) => void;
