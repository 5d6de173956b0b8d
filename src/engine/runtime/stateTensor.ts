/** A named tensor of the model in PyTorch's order: a weight, a gradient, or what the optimizer keeps. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
