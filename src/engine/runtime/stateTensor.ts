/** A named tensor of a model in PyTorch's order: a weight, a gradient, or optimizer state. */
export interface StateTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
