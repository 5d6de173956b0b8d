import type { Gradient, Tensor } from './lowering.ts';

/** Emits a layer's backward instructions. `dx` is null where the gradient of the input is not needed. */
export type Backward = (dy: Tensor, dx: Gradient | null) => void;
