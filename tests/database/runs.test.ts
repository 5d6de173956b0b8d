/** What is remembered of runs: settings, curves with their gaps, checkpoints, and what a crash leaves. */
import { expect, test } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import type { RunRecord } from '../../src/main/database/runRecords.ts';
import { idOf } from '../ids.ts';
import { openFor, temporaryFolder } from './temporary.ts';

const [A, B, C] = [idOf(1), idOf(2), idOf(3)];

function newRun(id: Id, more: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    project: null,
    projectName: 'Digits',
    name: `run ${id}`,
    datasetId: null,
    dataset: 'shapes',
    state: 'running',
    error: null,
    document: newDocument('Digits'),
    settings: { 'optimizer.momentum': 0.9, 'optimizer.kind': 'SGD', nesterov: false },
    environment: { node: '24' },
    dataFingerprint: 'f00d',
    seed: 1,
    epochs: 2,
    steps: 10,
    epoch: 0,
    step: 0,
    parameters: 650,
    seconds: 0,
    startedAt: 1000,
    endedAt: null,
    weightHash: null,
    metrics: {},
    notes: '',
    tags: [],
    archived: false,
    sweep: null,
    queuePlace: null,
    origin: null,
    ...more,
  };
}

test('a run comes back as it was put in, and changes field by field', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A));
  expect(runs.getRun(A)).toEqual(newRun(A));
  runs.updateRun(A, {
    state: 'finished',
    endedAt: 2000,
    metrics: { 'val.accuracy': 0.9, 'train.loss': NaN },
  });
  runs.renameRun(A, 'best');
  expect(runs.getRun(A)).toEqual(
    newRun(A, {
      name: 'best',
      state: 'finished',
      endedAt: 2000,
      metrics: { 'val.accuracy': 0.9, 'train.loss': NaN },
    }),
  );
  expect(runs.getRun(B)).toBeUndefined();
});

test('runs are listed with the newest first', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A, { startedAt: 1 }));
  runs.insertRun(newRun(B, { startedAt: 3 }));
  runs.insertRun(newRun(C, { startedAt: 2 }));
  expect(runs.listRuns().map(({ id }) => id)).toEqual([B, C, A]);
});

test('curves are given from where the window stands; a loss that is no number stays none', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A));
  const step = (at: number, loss: number) => ({
    step: at,
    loss,
    accuracy: 0.5,
    learningRate: 0.1,
    seconds: at,
  });
  runs.appendSteps(A, [step(1, 2.3), step(2, NaN), step(3, Infinity)]);
  const epoch = { step: 3, trainLoss: 2, trainAccuracy: 0.4 };
  runs.appendEpoch(A, { epoch: 1, ...epoch, valLoss: null, valAccuracy: null, metrics: {} });
  runs.appendEpoch(A, { epoch: 2, ...epoch, valLoss: NaN, valAccuracy: 0.1, metrics: { f1: 0.2 } });
  const all = runs.metricsAfter(A, { step: 0, epoch: 0 });
  expect(all.steps.loss).toEqual([2.3, NaN, Infinity]);
  expect(all.epochs.valLoss).toEqual([null, NaN]);
  expect(all.epochs.metrics).toEqual([{}, { f1: 0.2 }]);
  const rest = runs.metricsAfter(A, { step: 2, epoch: 1 });
  expect(rest.steps).toEqual({
    step: [3],
    loss: [Infinity],
    accuracy: [0.5],
    learningRate: [0.1],
    seconds: [3],
  });
  expect(rest.epochs.epoch).toEqual([2]);
});

test('a run that goes on from a checkpoint forgets what came after it', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A));
  const points = [1, 2, 3, 4].map(step => ({
    step,
    loss: step,
    accuracy: 0,
    learningRate: 0.1,
    seconds: step,
  }));
  runs.appendSteps(A, points);
  const epoch = { trainLoss: 1, trainAccuracy: 1, valLoss: 1, valAccuracy: 1, metrics: {} };
  runs.appendEpoch(A, { epoch: 1, step: 2, ...epoch });
  runs.appendEpoch(A, { epoch: 2, step: 4, ...epoch });
  runs.truncateMetrics(A, 2);
  const left = runs.metricsAfter(A, { step: 0, epoch: 0 });
  expect(left.steps.step).toEqual([1, 2]);
  expect(left.epochs.epoch).toEqual([1]);
  runs.appendSteps(A, points.slice(1));
  expect(runs.metricsAfter(A, { step: 0, epoch: 0 }).steps.step).toEqual([1, 2, 3, 4]);
});

test('checkpoints are listed with the latest first, replaced by path, deleted', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A));
  const checkpoint = (path: string, step: number) => ({
    path,
    step,
    epoch: 1,
    kind: 'last',
    createdAt: step,
  });
  runs.addCheckpoint(A, checkpoint('one', 5));
  runs.addCheckpoint(A, checkpoint('two', 10));
  runs.addCheckpoint(A, checkpoint('one', 15));
  expect(runs.listCheckpoints(A).map(({ path, step }) => [path, step])).toEqual([
    ['one', 15],
    ['two', 10],
  ]);
  runs.deleteCheckpoint(A, 'one');
  expect(runs.listCheckpoints(A)).toEqual([checkpoint('two', 10)]);
});

test('after a crash, what was under way is marked, and what had ended is not', () => {
  const folder = temporaryFolder();
  const { runs } = openFor(folder);
  const states = ['running', 'paused', 'finished', 'stopped'] as const;
  for (const [at, state] of states.entries()) {
    runs.insertRun(newRun(idOf(at), { state, endedAt: state === 'finished' ? 5 : null }));
  }
  const interrupted = runs.markInterrupted();
  expect(interrupted.map(({ id, state }) => [id, state]).sort()).toEqual([
    [idOf(0), 'crashed'],
    [idOf(1), 'crashed'],
  ]);
  expect(interrupted.every(({ endedAt }) => endedAt !== null)).toBe(true);
  expect(runs.getRun(idOf(2))).toMatchObject({ state: 'finished', endedAt: 5 });
  expect(runs.markInterrupted()).toEqual([]);
});

test('a deleted run is gone until it is brought back; the emptied bin takes its curves along', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A));
  runs.appendSteps(A, [{ step: 1, loss: 1, accuracy: 1, learningRate: 1, seconds: 1 }]);
  runs.setDeleted(A, 5);
  expect([runs.getRun(A), runs.summary(A), runs.listRuns()]).toEqual([undefined, undefined, []]);
  runs.setDeleted(A, null);
  expect(runs.getRun(A)).toEqual(newRun(A));
  expect(runs.purge()).toEqual([]);
  runs.setDeleted(A, 6);
  expect(runs.purge()).toEqual([A]);
  runs.insertRun(newRun(A));
  expect(runs.metricsAfter(A, { step: 0, epoch: 0 }).steps.step).toEqual([]);
});

test('runs outlive their project and keep its name', () => {
  const workspace = openFor(temporaryFolder());
  workspace.projects.insert(B, 'Digits', '{}', 1);
  workspace.runs.insertRun(newRun(A, { project: B }));
  workspace.projects.delete(B);
  expect(workspace.runs.getRun(A)).toMatchObject({ project: null, projectName: 'Digits' });
});

test('how a split was answered is kept, the latest; and how nodes fared, up to where the run goes on', () => {
  const { runs } = openFor(temporaryFolder());
  runs.insertRun(newRun(A));
  const heads = [
    {
      answer: 'class' as const,
      classes: ['x', 'y'],
      confusion: [
        [1, 0],
        [1, 1],
      ],
      perClass: [{ precision: 0.5, recall: 1, f1: 2 / 3, support: 1 }],
      scores: [1, 0, 1],
    },
  ];
  const losses = Float32Array.of(0.5, 2, Number.NaN);
  expect(runs.evaluation(A, 'test')).toBeUndefined();
  const first = { split: 'test' as const, epoch: 1, step: 5, heads, losses: Float32Array.of(9) };
  runs.putEvaluation(A, { ...first, predictions: null });
  expect(runs.evaluation(A, 'test')?.predictions).toBeNull();
  const latest = { ...first, epoch: 2, step: 10, losses, predictions: Uint16Array.of(0, 1, 40_000) };
  runs.putEvaluation(A, latest);
  expect(runs.evaluation(A, 'test')).toEqual(latest);

  expect(runs.latestHealth(A, 0)).toBeUndefined();
  const nodes = [
    { node: 'relu', dead: 0.25 },
    { node: 'conv', gradientNorm: Number.NaN },
  ];
  for (const step of [1, 101]) runs.appendHealth(A, step, nodes);
  expect(runs.latestHealth(A, 0)).toEqual({ step: 101, nodes });
  expect(runs.latestHealth(A, 101)).toBeUndefined();
  runs.truncateMetrics(A, 50);
  expect(runs.latestHealth(A, 0)).toEqual({ step: 1, nodes });
});
