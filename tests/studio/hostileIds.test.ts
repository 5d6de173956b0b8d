/** An id is sixteen hexadecimal digits, for every call: nothing else reaches a path, a query or an address. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Id } from '../../src/bridge/ids.ts';
import { newDocument } from '../../src/engine/graph/document.ts';
import { idOf } from '../ids.ts';
import { temporaryStudios } from './temporaryStudios.ts';

const { workspace, open } = temporaryStudios();

const HOSTILE = [
  '../../..',
  '..',
  '.',
  '',
  '/etc',
  `${'a'.repeat(16)}/../..`,
  'ABCDEF0123456789',
  '0'.repeat(17),
];

/** Every call that takes an id, with other arguments that are sound. */
const CALLS: Record<string, (id: Id) => unknown[]> = {
  openProject: id => [id],
  updateProject: id => [id, newDocument('a'), 1],
  saveProject: id => [id],
  deleteProject: id => [id],
  exportProject: id => [id],
  findLearningRate: id => [{ project: id }],
  deleteLibraryBlock: id => [id],
  importDataset: id => [{ path: '/nowhere', name: 'a', like: id }],
  renewDataset: id => [id],
  editImages: id => [id, []],
  splitDataset: id => [id, { by: 'ratio', val: 0.1, test: 0.1, seed: 1 }],
  restoreVersion: id => [id, 1],
  clearCache: id => [id],
  previewAugmentations: id => [id, { images: [0], augmentations: [], seed: 1, epoch: 0 }],
  finishUpload: id => [id],
  cancelUpload: id => [id],
  dataset: id => [id],
  maskCounts: id => [id],
  datasetImages: id => [id, { split: null, label: null, offset: 0, limit: 10 }],
  datasetImage: id => [id, 0],
  deleteDataset: id => [id],
  cancelJob: id => [id],
  startRun: id => [{ project: id, name: null }],
  pauseRun: id => [id],
  resumeRun: id => [id],
  stopRun: id => [id],
  setLearningRate: id => [id, 0.1],
  run: id => [id],
  earlierRuns: id => [{ startedAt: 0, id }],
  runMetrics: id => [id, { step: 0, epoch: 0 }],
  runHealth: id => [id, 0],
  runEvaluation: id => [id, 'test'],
  runSamples: id => [id],
  renameRun: id => [id, 'a'],
  queueRuns: id => [{ project: id, seeds: 1 }],
  fineTune: id => [{ project: idOf(1), origin: id, frozen: [], learningRate: 0.1 }],
  extendRun: id => [id, 3],
  moveQueued: id => [idOf(1), id],
  cancelQueued: id => [[id]],
  startSweep: id => [
    {
      project: id,
      name: null,
      plan: {
        fields: [{ path: 'training.seed', values: [1] }],
        strategy: 'grid',
        samples: null,
        seed: 1,
        repeats: 1,
        halving: null,
      },
    },
  ],
  restoreRun: id => [id],
  answeredImages: id => [id, { split: 'test', label: null, answered: null, offset: 0, limit: 10 }],
  pairedAnswers: id => [idOf(1), id, 'test'],
  annotateRuns: id => [[id], { notes: 'a' }],
  deleteRuns: id => [[id]],
  bringBackRuns: id => [[id]],
  cancelExplain: id => [id],
};

it('every call refuses every other text, and nothing on the disk changes', async () => {
  // Above the workspace: what `cancelUpload("../../..")` once removed.
  const above = join(workspace(), 'above');
  mkdirSync(join(above, 'folder'), { recursive: true });
  writeFileSync(join(above, 'folder', 'file'), 'precious');
  const { calls } = await open();
  for (const [name, argumentsWith] of Object.entries(CALLS)) {
    const call = calls[name as keyof typeof calls] as unknown as (...args: unknown[]) => Promise<unknown>;
    for (const hostile of HOSTILE) {
      const refused = await call(...argumentsWith(hostile as Id)).then(
        () => 'answered',
        (error: Error) => error.message,
      );
      expect(refused, `${name} of ${JSON.stringify(hostile)}`).toContain(
        'an id has sixteen hexadecimal digits',
      );
    }
  }
  expect(readdirSync(join(above, 'folder'))).toEqual(['file']);
  expect(readdirSync(dirname(workspace()))).toContain(workspace().split('/').at(-1));
});
