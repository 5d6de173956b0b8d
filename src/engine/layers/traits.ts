/**
 * What diagnoses ask of a kind instead of its name. Most follows from the family and the weights; a kind declares
 * only what does not.
 */
export type Trait =
  /** Nothing that flows out is below zero: ReLU, ReLU6. */
  | 'rectifies'
  /** Flat at both ends, so that little gradient passes where it is: Sigmoid, Tanh, Hardsigmoid. */
  | 'saturates'
  /** Scores become probabilities or their logarithms: Softmax, LogSoftmax. */
  | 'probabilities'
  /** Mixes pixels by fixed shares, as averages do: a pooling that no nonlinearity hides in. */
  | 'averages'
  /** Normalises by the statistics of the batch: a bias before it has no effect, and a batch of one no meaning. */
  | 'batchStatistics';
