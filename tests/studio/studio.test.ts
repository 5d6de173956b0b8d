/** The studio as a window knows it: over a channel, with a real workspace, real threads and a real crash. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { chooseBackend } from '../../src/engine/runtime/chooseBackend.ts';
import { openStudio } from '../../src/main/studio/studio.ts';
import { idOf } from '../ids.ts';
import { reaches, sample, sampleReady, state, temporaryStudios } from './temporaryStudios.ts';

/** A slow machine must not fail a sound test. */
const PATIENT = { timeout: 30_000 };

const { workspace, studios, open, windowOf } = temporaryStudios();

describe('first start', () => {
  it('has a drawn dataset and two networks, and one call trains', async () => {
    const { calls, events } = await open();
    const project = await sample(calls, { epochs: 1 });
    const snapshot = await calls.snapshot();
    expect(snapshot.projects).toHaveLength(2);
    expect(snapshot.datasets[0]).toMatchObject({ name: 'shapes', count: 3000, imageShape: [3, 32, 32] });
    const run = await calls.startRun({ project, name: null });
    await reaches(calls, run.id, 'finished');
    const done = await state(calls, run.id);
    expect(done.metrics['test.accuracy']).toBeGreaterThan(0.2);
    const { steps, epochs } = await calls.runMetrics(run.id, { step: 0, epoch: 0 });
    expect(steps.step).toEqual(Array.from({ length: done.steps }, (_, i) => i + 1));
    expect(epochs.valAccuracy[0]).toBe(done.metrics['val.accuracy']);
    const later = await calls.runMetrics(run.id, { step: done.steps - 2, epoch: 1 });
    expect([later.steps.step.length, later.epochs.epoch.length]).toEqual([2, 0]);
    expect(events.filter(event => event.type === 'run').at(-1)?.run).toEqual(done);

    const health = await calls.runHealth(run.id, 0);
    const layers = Object.fromEntries(health!.nodes.map(({ node, ...figures }) => [node, figures]));
    expect(layers.conv1).toEqual({
      gradientNorm: expect.any(Number),
      weightNorm: expect.any(Number),
      updateRatio: expect.any(Number),
    });
    expect(layers.relu1).toEqual({ dead: expect.any(Number) });
    expect(await calls.runHealth(run.id, health!.step)).toBeNull();

    const evaluation = await calls.runEvaluation(run.id, 'test');
    expect(evaluation).toMatchObject({ split: 'test', epoch: 1, images: 300, dataset: expect.any(String) });
    const { confusion } = evaluation!.heads[0]!;
    const right = confusion.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(right / 300).toBeCloseTo(done.metrics['test.accuracy']!, 6);
    expect(await calls.runEvaluation(run.id, 'train')).toBeNull();

    const samples = await calls.runSamples(run.id);
    expect(samples).toMatchObject({ step: done.steps, dataset: evaluation!.dataset });
    expect(samples!.images).toHaveLength(12);
    for (const { index, label, box, mask, answers } of samples!.images) {
      const facts = await calls.datasetImage(samples!.dataset, index);
      expect(facts).toMatchObject({ label, split: 'val' });
      expect(box!.map(share => share * 32)[0]).toBeCloseTo(facts.box![0], 4);
      expect(mask).toHaveLength(32 * 32);
      expect(answers[0]!.values.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 5);
    }
  });

  it('makes no second sample, and none again where it was deleted', async () => {
    const first = await open();
    await sampleReady(first.calls);
    for (const { id } of (await first.calls.snapshot()).projects) await first.calls.deleteProject(id);
    await first.calls.deleteDataset((await first.calls.snapshot()).datasets[0]!.id);
    await studios.pop()!.close();
    const { projects, datasets, jobs } = await (await open()).calls.snapshot();
    expect({ projects, datasets, jobs }).toEqual({ projects: [], datasets: [], jobs: [] });
  });
});

describe('before a run', () => {
  it('is measured what it would take, with the largest batch that fits', async () => {
    const { calls } = await open();
    const project = await sample(calls, {});
    const { document } = await calls.openProject(project);
    const { step, epoch, imagesPerSecond, largest } = await calls.preflight(document);
    expect(step).toBeGreaterThan(0);
    // 2,400 images in batches of 64, and the validation.
    expect(epoch).toBeGreaterThan(38 * step);
    expect(imagesPerSecond).toBeCloseTo(64 / step, 3);
    expect(largest!.bytes).toBeLessThanOrEqual(largest!.limit);
    const withBatch = (batchSize: number) => ({
      ...document,
      training: { ...document.training, batchSize },
    });
    expect((await calls.forecast(withBatch(largest!.batchSize))).bytes).toBe(largest!.bytes);
    const tooLarge = (await calls.forecast(withBatch(largest!.batchSize + 1))).bytes;
    expect(largest!.all || tooLarge > largest!.limit).toBe(true);
    // The studio has two workers; each has a stack and scratch of its own.
    const withWorkers = async (workers: number) => {
      const computing = { ...document.training.computing, workers };
      return (await calls.forecast({ ...document, training: { ...document.training, computing } })).bytes;
    };
    expect(await withWorkers(2)).toBe(await withWorkers(0));
    expect(await withWorkers(3)).toBeGreaterThan(await withWorkers(2));
    await expect(calls.preflight({ ...document, dataset: null })).rejects.toThrow('Choose a dataset');
  });

  it('a learning rate is looked for, and a run that begins ends the search', async () => {
    const { calls, events } = await open();
    const project = await sample(calls, { epochs: 1 });
    const search = async () => (await calls.snapshot()).rateSearch;
    expect(await search()).toBeNull();
    await calls.findLearningRate({ project });
    await vi.waitFor(async () => expect((await search())?.state).toBe('done'), PATIENT);
    const done = (await search())!;
    expect(done.points.length).toBeGreaterThan(40);
    expect(done.suggestion).toBeGreaterThan(1e-4);
    expect(done.suggestion).toBeLessThan(1);
    const told = events.flatMap(event => (event.type === 'rateSearch' ? [event.search] : []));
    expect(told[0]).toMatchObject({ project, state: 'running', points: [] });
    expect(told.at(-1)).toEqual(done);

    await calls.findLearningRate({ project });
    // A window measures by itself: that ends no search that a person asked for.
    const { document } = await calls.openProject(project);
    await expect(calls.preflight(document)).rejects.toThrow('A learning rate is looked for');
    expect((await search())?.state).toBe('running');
    const { id } = await calls.startRun({ project, name: 'first' });
    expect((await search())?.state).toBe('cancelled');
    await expect(calls.findLearningRate({ project })).rejects.toThrow('first is under way');
    await calls.stopRun(id);
    await reaches(calls, id, 'stopped');
  });
});

describe('a run', () => {
  it('pauses, takes another learning rate, resumes, stops, and can be taken up again', async () => {
    const { calls } = await open();
    const project = await sample(calls, { epochs: 3, batchSize: 32 });
    const { id } = await calls.startRun({ project, name: 'steered' });
    await expect(calls.startRun({ project, name: null })).rejects.toThrow('steered is under way');
    await vi.waitFor(async () => expect((await state(calls, id)).step).toBeGreaterThan(0), {
      timeout: 30_000,
    });
    await calls.pauseRun(id);
    await reaches(calls, id, 'paused');
    await calls.setLearningRate(id, 0.003);
    await calls.resumeRun(id);
    await reaches(calls, id, 'running');
    await calls.stopRun(id);
    await reaches(calls, id, 'stopped');
    const { step } = await state(calls, id);
    await calls.resumeRun(id);
    await reaches(calls, id, 'finished');
    const { steps } = await calls.runMetrics(id, { step: 0, epoch: 0 });
    expect(steps.step).toEqual(Array.from({ length: (await state(calls, id)).steps }, (_, i) => i + 1));
    expect(step).toBeLessThan(steps.step.length);
    expect(steps.learningRate.at(-1)).toBeCloseTo(0.003);
  });

  it('is refused in plain words where the network does not fit the data', async () => {
    const { calls } = await open();
    const project = await sample(calls, {});
    const { document } = await calls.openProject(project);
    const [id] = Object.entries(document.graph.nodes).find(([, { kind }]) => kind === 'Input')!;
    const nodes = { ...document.graph.nodes };
    nodes[id] = { ...nodes[id]!, params: { shape: [3, 28, 28] } };
    await calls.updateProject(project, { ...document, graph: { ...document.graph, nodes } }, 2);
    await expect(calls.startRun({ project, name: null })).rejects.toThrow(
      'The images of shapes are 3×32×32; the network’s Input is 3×28×28.',
    );
    expect((await calls.snapshot()).runs).toEqual([]);
  });

  it('survives the process: marked crashed, its history whole, and it can be resumed', async () => {
    const entry = fileURLToPath(new URL('./crashing.ts', import.meta.url));
    const child = fork(entry, [workspace()], { stdio: 'inherit' });
    const id = await new Promise<Id>(resolve => child.once('message', message => resolve(message as Id)));
    child.kill('SIGKILL');
    await new Promise(resolve => child.once('exit', resolve));

    const { calls } = await open(true);
    const { notice } = await calls.snapshot();
    expect(notice).toMatch(/stopped and was started again.*Interrupted: doomed/);
    const crashed = await state(calls, id);
    expect(crashed.state).toBe('crashed');
    const { steps } = await calls.runMetrics(id, { step: 0, epoch: 0 });
    expect(steps.step).toEqual(Array.from({ length: crashed.step }, (_, i) => i + 1));
    await calls.resumeRun(id);
    await reaches(calls, id, 'finished');
  });
});

describe('the door', () => {
  it('refuses what is not in the contract, and stays open', async () => {
    const { calls } = await open();
    const wrong = calls.$call as unknown as (name: string, ...args: unknown[]) => Promise<unknown>;
    await expect(wrong('openProject', 7)).rejects.toThrow('openProject was called wrongly at 0');
    await expect(wrong('createProject', { receptive: 1 })).rejects.toThrow(
      /createProject was called wrongly/,
    );
    await expect(wrong('startRun', {})).rejects.toThrow(/startRun was called wrongly/);
    await expect(wrong('constructor')).rejects.toThrow();
    await expect(calls.openProject(idOf(0xfeed))).rejects.toMatchObject({ name: 'UserError' });
    const { environment } = await calls.snapshot();
    const { title, note } = chooseBackend('auto');
    expect([environment.backend, environment.backendNote]).toEqual([title, note]);
  });

  it('sends events to every window, until it closes', async () => {
    const { studio, calls, events } = await open();
    const other = windowOf(studio);
    await calls.createProject(newDocument('first'));
    await vi.waitFor(() => expect(other.events.some(({ type }) => type === 'project')).toBe(true), PATIENT);
    other.close();
    const seen = other.events.length;
    await calls.createProject(newDocument('second'));
    await vi.waitFor(
      () => expect(events.filter(({ type }) => type === 'project').length).toBeGreaterThan(1),
      PATIENT,
    );
    expect(other.events.filter(({ type }) => type === 'project')).toHaveLength(
      other.events.slice(0, seen).filter(({ type }) => type === 'project').length,
    );
  });
});

it('refuses a second studio on the same workspace, naming the first', async () => {
  await open();
  await expect(
    openStudio({ workspace: workspace(), roots: [], workers: 1, restarted: false }),
  ).rejects.toThrow(new RegExp(`already open in .*${process.pid}`));
});
