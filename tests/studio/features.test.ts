/** Features of runs in a workspace: what is said of them, what they take, what goes first, what goes with a dataset. */
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import { newDocument, type ProjectDocument } from '../../src/engine/graph/document.ts';
import { setFrozen } from '../../src/engine/graph/freezing.ts';
import { measure } from '../../src/engine/runtime/measureTraining.ts';
import type { FeatureReport } from '../../src/engine/runtime/trainerMessages.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { featureBytes, makeRoom } from '../../src/main/studio/datasets/cache/featureFiles.ts';
import { featureLine } from '../../src/main/studio/featureLine.ts';
import { openServices } from '../../src/main/studio/services.ts';
import { temporaryFolder } from '../database/temporary.ts';

/** For the sample, with a head alone that learns. */
function frozenNetwork(): ProjectDocument {
  const drawn = newDocument('net', simpleCnn.build([3, 32, 32], 10));
  const ids = Object.keys(drawn.graph.nodes).filter(id => id !== 'head');
  const training = { ...drawn.training, epochs: 3 };
  return { ...drawn, graph: setFrozen(drawn.graph, ids, true), dataset: 'shapes', training };
}

it('a run says what it keeps, the dataset what that takes, and clearing its cache clears both', async () => {
  const said: string[] = [];
  const emit = (event: StudioEvent) => {
    if (event.type === 'run' && event.run.features) said.push(event.run.features);
  };
  const options = { roots: [], workers: 2, yields: false, what: 'a test', emit };
  const services = await openServices({ workspace: temporaryFolder(), ...options });
  await services.datasets.ensureSample();
  const document = frozenNetwork();
  const start = async (features: boolean) => {
    const { training } = document;
    const computing = { ...training.computing, features };
    const { id } = services.runs.start({
      document: { ...document, training: { ...training, computing } },
      ...{ project: null, name: null },
    });
    await services.runs.ended(id);
    return services.runs.detail(id);
  };
  const plain = await start(false);
  expect(plain.state).toBe('finished');
  expect(said).toEqual([]);
  const run = await start(true);
  expect(run.weightHash).toBe(plain.weightHash);
  expect(said.at(0)).toMatch(/^features of [\d,]+ images kept on disk, in [\d.]+ [kM]B$/);
  expect(said.at(-1)).toMatch(/^features of [\d,]+ images kept: [\d.]+ s an epoch instead of [\d.]+ s$/);
  expect(run.environment.features).toBe(said.at(-1));

  const { id, count } = services.datasets.list()[0]!;
  const detail = services.datasets.detail(id);
  expect(detail.featureBytes).toBeGreaterThan(0.9 * count * 4 * 128);
  const folder = dirname(services.datasets.trainingData('shapes').imagesPath);
  expect(readdirSync(folder).filter(name => name.startsWith('features-'))).toHaveLength(1);
  await services.datasets.clearCache(id);
  expect(services.datasets.detail(id).featureBytes).toBe(0);
  await services.close();
});

it('what is measured before a run tells the first epoch from those on kept features', async () => {
  const services = await openServices({
    ...{ workspace: temporaryFolder(), roots: [], workers: 2, yields: false, what: 'a test' },
    emit: () => {},
  });
  await services.datasets.ensureSample();
  const document = frozenNetwork();
  const data = services.datasets.trainingData('shapes');
  expect(measure(document, data, 2).keptEpoch).toBeGreaterThan(0);
  const learning = {
    ...document,
    graph: setFrozen(document.graph, Object.keys(document.graph.nodes), false),
  };
  expect(measure(learning, data, 2).keptEpoch).toBeNull();
  await services.close();
});

it('what was used longest ago goes first, nothing else goes, and what is wanted stays', async () => {
  const datasets = temporaryFolder();
  const MEGABYTE = 2 ** 20;
  const file = (dataset: string, digit: string, age: number) => {
    mkdirSync(join(datasets, dataset), { recursive: true });
    const path = join(datasets, dataset, `features-${digit.repeat(32)}.bin`);
    writeFileSync(path, Buffer.alloc(MEGABYTE, 1));
    const at = Date.now() / 1000 - age;
    utimesSync(path, at, at);
    return path;
  };
  const [oldest, old, recent, wanted] = [
    file('one', 'a', 400),
    file('two', 'b', 300),
    file('one', 'c', 200),
    file('two', 'd', 900),
  ] as const;
  const others = ['images.bin', 'features-x.bin', `features-${'e'.repeat(31)}.bin`].map(name =>
    join(datasets, 'one', name),
  );
  for (const path of others) writeFileSync(path, Buffer.alloc(9 * MEGABYTE));
  symlinkSync(others[0]!, join(datasets, 'one', `features-${'f'.repeat(32)}.bin`));
  expect(featureBytes(join(datasets, 'one'))).toBe(2 * MEGABYTE);
  const there = () => [oldest, old, recent, wanted].map(existsSync);
  await makeRoom(datasets, wanted, 2 * MEGABYTE, 5 * MEGABYTE);
  expect(there()).toEqual([true, true, true, true]);
  await makeRoom(datasets, wanted, 2 * MEGABYTE, 3 * MEGABYTE);
  expect(there()).toEqual([false, false, true, true]);
  await makeRoom(datasets, wanted, 9 * MEGABYTE, MEGABYTE);
  expect(there()).toEqual([false, false, false, true]);
  expect(others.map(existsSync)).toEqual([true, true, true]);
  await makeRoom(join(datasets, 'nowhere'), wanted, 1, 0);
});

it('each line says what is so and what follows', () => {
  const report: FeatureReport = {
    ...{ type: 'features', path: '/w/datasets/1/features.bin', bytes: 3 * 2 ** 20, images: 2062 },
    ...{ seconds: { computed: 38.2, read: 0.41 }, refused: null },
  };
  const line = (change: Partial<FeatureReport>) => featureLine({ ...report, ...change }, '/w');
  expect(line({})).toBe('features of 2,062 images kept: 0.41 s an epoch instead of 38 s');
  expect(line({ seconds: { computed: null, read: 1.26 } })).toBe(
    'features of 2,062 images kept: 1.3 s an epoch',
  );
  expect(line({ seconds: { computed: 38.2, read: null } })).toBe(
    'features of 2,062 images kept on disk, in 3.0 MB',
  );
  expect(line({ refused: 'room' })).toMatch(/not kept: they would take 3\.0 MB, more than there is room for/);
  expect(line({ refused: 'augmented' })).toMatch(/not kept: images are augmented/);
  expect(line({ refused: { code: 'ENOSPC', syscall: 'write', path: report.path } })).toMatch(
    /disk.*full.*not kept: the run goes on without/i,
  );
});
