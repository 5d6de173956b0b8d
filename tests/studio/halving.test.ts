/** A halving goes on at the next start where its process died between a round's end and the plan of the next. */
import { expect, it } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { openServices } from '../../src/main/studio/services.ts';
import { temporaryFolder } from '../database/temporary.ts';

const drawn = newDocument('net', simpleCnn.build([3, 32, 32], 10));

/** A halving of four whose first round has ended, and of which nobody planned the second. */
async function endedRound() {
  const options = { roots: [], workers: 1, yields: false, what: 'a test', emit: () => {} };
  const services = await openServices({ workspace: temporaryFolder(), ...options });
  await services.datasets.ensureSample();
  const { workspace, sweeps } = services;
  const ids = sweeps.start({
    document: { ...drawn, dataset: 'shapes' },
    project: null,
    name: null,
    plan: {
      fields: [{ path: 'learningRate', values: [0.1, 0.05, 0.02, 0.01] }],
      strategy: 'halving',
      samples: null,
      seed: 1,
      repeats: 1,
      halving: { epochs: 1, full: 4, factor: 2 },
    },
  });
  for (const [i, id] of ids.entries()) {
    const metrics = { 'val.accuracy': i / 10 };
    workspace.runs.updateRun(id, { state: 'finished', step: 38, metrics, queuePlace: null });
  }
  return { services, ids };
}

it('the better half goes on to the epochs of the next round, once', async () => {
  const { services, ids } = await endedRound();
  services.sweeps.goOn();
  services.sweeps.goOn();
  const runs = ids.map(id => services.runs.summary(id));
  expect(runs.map(({ state }) => state)).toEqual(['finished', 'finished', 'queued', 'queued']);
  expect(runs.map(({ epochs }) => epochs)).toEqual([1, 1, 2, 2]);
  await services.close();
});

it('a round of which a run was interrupted waits for it', async () => {
  const { services, ids } = await endedRound();
  services.workspace.runs.updateRun(ids[0]!, { state: 'crashed' });
  services.sweeps.goOn();
  expect(ids.map(id => services.runs.summary(id).state)).toEqual([
    'crashed',
    'finished',
    'finished',
    'finished',
  ]);
  await services.close();
});
