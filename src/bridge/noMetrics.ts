/** The curves of a run of which nothing is known yet: new columns each time, to be appended to. Pure. */
import type { RunMetrics } from './runCalls.ts';

export function noMetrics(): RunMetrics {
  return {
    steps: { step: [], loss: [], accuracy: [], learningRate: [], seconds: [] },
    epochs: {
      epoch: [],
      step: [],
      trainLoss: [],
      trainAccuracy: [],
      valLoss: [],
      valAccuracy: [],
      metrics: [],
    },
  };
}
