/** Runs that wait, sweeps, runs that go on and runs that begin with the weights of others. */
import { expect, test, vi } from 'vitest';
import type { RunSummary, SweepPlan } from '../../src/bridge/runCalls.ts';
import { isFrozen } from '../../src/engine/graph/freezing.ts';
import { type Calls, reaches, sample, state, temporaryStudios } from './temporaryStudios.ts';

const { studios, open } = temporaryStudios();

/** The runs by their names, once none waits or trains. */
async function whenDone(calls: Calls): Promise<Record<string, RunSummary>> {
  await vi.waitFor(
    async () => {
      const { runs } = await calls.snapshot();
      expect(runs.filter(run => ['queued', 'running'].includes(run.state))).toEqual([]);
    },
    { timeout: 120_000, interval: 50 },
  );
  const { runs } = await calls.snapshot();
  return Object.fromEntries(runs.map(run => [run.name, run]));
}

const names = async (calls: Calls, wanted: RunSummary['state']) =>
  (await calls.snapshot()).runs
    .filter(run => run.state === wanted)
    .sort((a, b) => a.queuePlace! - b.queuePlace!)
    .map(({ name }) => name);

const plan = (more: Partial<SweepPlan>): SweepPlan => ({
  fields: [],
  strategy: 'grid',
  samples: null,
  seed: 1,
  repeats: 1,
  halving: null,
  ...more,
});

test('runs wait for their turn, change places, are cancelled, and go on after a restart', async () => {
  const first = await open();
  const project = await sample(first.calls, { epochs: 40 });
  await first.calls.queueRuns({ project, seeds: 4 });
  const [one, two, three, four] = (await first.calls.snapshot()).runs.sort((a, b) =>
    a.name.localeCompare(b.name),
  ) as [RunSummary, RunSummary, RunSummary, RunSummary];
  expect([one.state, two.state]).toEqual(['running', 'queued']);
  expect([one, two, three].map(({ settings }) => settings.seed)).toEqual([1, 2, 3]);
  await first.calls.moveQueued(four.id, two.id);
  expect(await names(first.calls, 'queued')).toEqual([four.name, two.name, three.name]);
  await first.calls.cancelQueued([two.id]);
  expect(await names(first.calls, 'queued')).toEqual([four.name, three.name]);
  await studios.pop()!.close();

  const { calls } = await open();
  expect((await state(calls, one.id)).state).toBe('stopped');
  await reaches(calls, four.id, 'running');
  expect(await names(calls, 'queued')).toEqual([three.name]);
  await calls.stopRun(four.id);
  await reaches(calls, three.id, 'running');
  await calls.stopRun(three.id);
  await reaches(calls, three.id, 'stopped');
});

test('a sweep trains every combination; what is only of it is told among the settings', async () => {
  const { calls } = await open();
  const project = await sample(calls, { epochs: 1, batchSize: 256 });
  const fields = [
    { path: 'learningRate', values: [0.001, 0.05] },
    { path: 'conv1.outChannels', values: [4, 8] },
  ];
  const wrong = [{ path: 'optimizer.wings', values: [2] }];
  await expect(calls.startSweep({ project, name: null, plan: plan({ fields: wrong }) })).rejects.toThrow(
    'There is no setting optimizer.wings in this project.',
  );
  expect((await calls.snapshot()).runs).toEqual([]);
  await calls.startSweep({ project, name: null, plan: plan({ fields }) });
  const done = await whenDone(calls);
  expect(Object.keys(done).sort()).toEqual(['Sweep 1 · 1', 'Sweep 1 · 2', 'Sweep 1 · 3', 'Sweep 1 · 4']);
  expect(done['Sweep 1 · 2']).toMatchObject({ state: 'finished', sweepName: 'Sweep 1', project });
  expect(done['Sweep 1 · 2']!.settings).toMatchObject({ learningRate: 0.001, 'conv1.outChannels': 8 });
  expect(done['Sweep 1 · 1']!.parameters).toBeLessThan(done['Sweep 1 · 2']!.parameters);
  expect(done['Sweep 1 · 1']!.settings.network).toBe(done['Sweep 1 · 3']!.settings.network);
  expect(done['Sweep 1 · 1']!.settings.network).not.toBe(done['Sweep 1 · 2']!.settings.network);
});

test('halving lets the best of a round go on to more epochs, from where they were', async () => {
  const { calls } = await open();
  const project = await sample(calls, { epochs: 2, batchSize: 256 });
  const fields = [{ path: 'learningRate', values: [1e-6, 0.02, 1e-7, 2e-7] }];
  const halving = { epochs: 1, full: 4, factor: 2 };
  await calls.startSweep({ project, name: 'halved', plan: plan({ fields, strategy: 'halving', halving }) });
  const done = await whenDone(calls);
  const epochs = Object.values(done).map(run => run.epoch);
  expect(epochs.sort()).toEqual([1, 1, 2, 4]);
  expect(done['halved · 2']).toMatchObject({ epoch: 4, state: 'finished' });
  const { epochs: curve } = await calls.runMetrics(done['halved · 2']!.id, { step: 0, epoch: 0 });
  expect(curve.epoch).toEqual([1, 2, 3, 4]);
});

test('a finished run goes on; another begins with its weights; a third, of another network, is refused', async () => {
  const { calls } = await open();
  const project = await sample(calls, { epochs: 2, batchSize: 128 });
  await calls.queueRuns({ project, seeds: 1 });
  const [base] = Object.values(await whenDone(calls)) as [RunSummary];
  await expect(calls.extendRun(base.id, 2)).rejects.toThrow('it goes on to more than those');
  await calls.extendRun(base.id, 3);
  const extended = (await whenDone(calls))[base.name]!;
  expect(extended).toMatchObject({ epoch: 3, epochs: 3, settings: { epochs: 3 } });

  const { document } = await calls.openProject(project);
  const manner = { origin: base.id, frozen: ['conv1'], learningRate: 0.001 };
  await calls.fineTune({ project, ...manner });
  const tuned = Object.values(await whenDone(calls)).find(({ origin }) => origin === base.id)!;
  expect(tuned).toMatchObject({ state: 'finished', settings: { learningRate: 0.001 } });
  const { graph } = (await calls.run(tuned.id)).document;
  expect(isFrozen(graph.nodes.conv1!)).toBe(true);
  // The project itself stays as it was.
  expect((await calls.openProject(project)).document).toEqual(document);
  const curve = async ({ id }: RunSummary) => (await calls.runMetrics(id, { step: 0, epoch: 0 })).steps.loss;
  expect((await curve(tuned))[0]).toBeLessThan((await curve(base))[0]! / 2);

  const renamed = Object.entries(document.graph.nodes).map(([id, node]) => [
    id,
    { ...node, name: `${node.name}_new` },
  ]);
  const other = await calls.createProject({
    ...document,
    graph: { ...document.graph, nodes: Object.fromEntries(renamed) },
  });
  await calls.fineTune({ project: other.id, ...manner });
  const refused = Object.values(await whenDone(calls)).find(run => run.project === other.id)!;
  expect(refused).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('no name and shape is the same'),
  });
});

test('a run is restored as a project; its answers are there, and compared on the same images', async () => {
  const { calls } = await open();
  const project = await sample(calls, { epochs: 1, batchSize: 128, learningRate: 0.03 });
  await calls.queueRuns({ project, seeds: 2 });
  const [first, second] = Object.values(await whenDone(calls)) as [RunSummary, RunSummary];
  const { project: restored, warning } = await calls.restoreRun(second.id);
  expect(warning).toBeNull();
  expect(restored.document.training).toMatchObject({ learningRate: 0.03, seed: second.settings.seed });

  const evaluation = (await calls.runEvaluation(first.id, 'test'))!;
  const [head] = evaluation.heads;
  const total = head!.confusion.flat().reduce((sum, each) => sum + each, 0);
  expect(total).toBe(evaluation.images);
  const all = { split: 'test', label: null, answered: null, offset: 0, limit: 1000 } as const;
  const { images } = await calls.answeredImages(first.id, all);
  expect(images).toHaveLength(evaluation.images);
  expect(images.map(({ loss }) => loss)).toEqual(images.map(({ loss }) => loss).sort((a, b) => b - a));
  for (const [label, row] of head!.confusion.entries()) {
    for (const [answered, count] of row.entries()) {
      expect(images.filter(each => each.label === label && each.answered === answered)).toHaveLength(count);
    }
  }
  const cell = await calls.answeredImages(first.id, { ...all, label: 0, answered: 0, limit: 1 });
  expect(cell.total).toBe(head!.confusion[0]![0]);

  const pairs = await calls.pairedAnswers(first.id, second.id, 'test');
  expect(pairs.images).toBe(evaluation.images);
  expect((pairs.bothRight + pairs.onlyFirst) / pairs.images).toBeCloseTo(first.metrics['test.accuracy']!);
  expect((pairs.bothRight + pairs.onlySecond) / pairs.images).toBeCloseTo(second.metrics['test.accuracy']!);
  expect(await calls.runEvaluation(first.id, 'train')).toBeNull();

  await calls.annotateRuns([first.id, second.id], { tags: ['a', 'a', 'b'], notes: 'both', archived: true });
  expect(await state(calls, first.id)).toMatchObject({ tags: ['a', 'b'], notes: 'both', archived: true });
  await calls.deleteRuns([first.id, second.id]);
  expect((await calls.snapshot()).runs).toEqual([]);
  await calls.bringBackRuns([second.id]);
  expect((await calls.snapshot()).runs.map(({ id }) => id)).toEqual([second.id]);
  expect((await calls.answeredImages(second.id, all)).total).toBe(evaluation.images);
});
