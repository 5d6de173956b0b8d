/** A run as windows know it, for tests that only read. */
import type { RunSummary } from '../../src/bridge/runCalls.ts';
import { idOf } from '../ids.ts';

export function runSummary(more: Partial<RunSummary> = {}): RunSummary {
  return {
    id: idOf(1),
    name: 'run 1',
    project: null,
    projectName: 'Digits',
    dataset: 'shapes',
    state: 'finished',
    error: null,
    startedAt: Date.parse('2026-03-01'),
    endedAt: null,
    seconds: 10,
    epoch: 2,
    epochs: 2,
    step: 10,
    steps: 10,
    rate: 0,
    parameters: 650,
    settings: {},
    metrics: {},
    weightHash: null,
    notes: '',
    tags: [],
    archived: false,
    sweep: null,
    sweepName: null,
    queuePlace: null,
    origin: null,
    ...more,
  };
}
