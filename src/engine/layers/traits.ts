/**
 * What diagnoses ask of a kind instead of its name. Most follows from the family and the weights; a kind declares
 * only what does not.
 */
export type Trait =
  /** Nothing that flows out is below zero: ReLU, ReLU6. */
  | 'rectifies'
  /** Scores become probabilities or their logarithms: Softmax, LogSoftmax. */
  | 'probabilities'
  /** Averages its input: a pooling that no nonlinearity hides in. */
  | 'averages';
