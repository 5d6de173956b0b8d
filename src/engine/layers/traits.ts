/**
 * Properties by which diagnostics judge a kind, so that they need not know its name. Most follow from its family and
 * weights; a kind declares only the rest.
 */
export type Trait =
  /** The output is never negative: ReLU, ReLU6. */
  | 'rectifies'
  /** Has vanishing slopes at both ends: Sigmoid, Tanh, Hardsigmoid. */
  | 'saturates'
  /** Turns scores into probabilities or log-probabilities: Softmax, LogSoftmax. */
  | 'probabilities'
  /** Averages pixels with constant weights, e.g. a pooling: linear, so that it adds no nonlinearity. */
  | 'averages'
  /** Uses batch statistics: a bias before it has no effect, and it cannot train on a single value per channel. */
  | 'batchStatistics';
