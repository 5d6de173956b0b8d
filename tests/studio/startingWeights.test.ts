/** Runs that begin with weights that come with the program, and runs that go on from those. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { pretrainedWeights } from '../../src/engine/graph/pretrained.ts';
import { resource } from '../../src/engine/runtime/fileLocation.ts';
import { fromPretrained } from '../../src/engine/zoo/fromPretrained.ts';
import { zooModel } from '../../src/engine/zoo/registry.ts';
import { sizeFor } from '../../src/engine/zoo/zoo.ts';
import { reaches, sampleReady, state, temporaryStudios } from './temporaryStudios.ts';

const { open } = temporaryStudios();
const [weights] = pretrainedWeights();
if (!weights) throw new Error('no weights come with the program');

test('a run remembers the weights that it began with; one that goes on from it takes what they want with them', async () => {
  const { calls } = await open();
  await sampleReady(calls);
  const [dataset] = (await calls.snapshot()).datasets;
  const size = sizeFor(zooModel(weights.name)!, dataset!);
  const empty = { ...newDocument('transferred'), dataset: dataset!.name };
  const { training, ...rest } = fromPretrained(empty, weights, size);
  const short = { ...training, epochs: 1, batchSize: 64 };
  const project = await calls.createProject({ ...rest, training: short });

  const head = await calls.startRun({ project: project.id, name: 'head' });
  await reaches(calls, head.id, 'finished');
  const { environment, document } = await calls.run(head.id);
  const file = readFileSync(resource(`pretrained/${weights.name}.safetensors`));
  const digest = createHash('sha256').update(file).digest('hex');
  expect(environment.startingWeights).toBe(`${weights.name}, SHA-256 ${digest}`);
  expect(document.training.start).toEqual({ weights: weights.name, normalization: weights.normalization });

  // The project has other numbers by now: what the weights were trained on comes with them.
  const other = { ...short, start: { weights: 'none', normalization: 'dataset' as const } };
  await calls.updateProject(project.id, { ...rest, training: other }, 1);
  const manner = { origin: head.id, frozen: [], learningRate: 0.001 };
  const tuned = await calls.fineTune({ project: project.id, ...manner });
  await reaches(calls, tuned.id, 'finished');
  expect(await state(calls, tuned.id)).toMatchObject({ origin: head.id, error: null });
  const after = await calls.run(tuned.id);
  expect(after.document.training.start).toEqual({ weights: 'none', normalization: weights.normalization });
  expect(after.environment.startingWeights).toBeUndefined();
  const losses = async (id: Id) => (await calls.runMetrics(id, { step: 0, epoch: 0 })).steps.loss;
  expect((await losses(tuned.id))[0]).toBeLessThan((await losses(head.id))[0]!);
});
