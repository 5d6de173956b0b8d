/** What the command line says of features that a run keeps, and how they are turned off. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formatDocument, newDocument } from '../../src/engine/graph/document.ts';
import { setFrozen } from '../../src/engine/graph/freezing.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { temporaryFolder } from '../database/temporary.ts';
import { receptive } from './inProcess.ts';

it('says what is kept and what that saves; without features it ends in the same weights', async () => {
  const workspace = temporaryFolder();
  const drawn = newDocument('net', simpleCnn.build([3, 32, 32], 10));
  const frozen = Object.keys(drawn.graph.nodes).filter(id => id !== 'head');
  const file = join(workspace, 'net.json');
  writeFileSync(file, formatDocument({ ...drawn, graph: setFrozen(drawn.graph, frozen, true) }));
  const trained = (...options: string[]) =>
    receptive('train', file, '--data', 'shapes', '--epochs', '2', '--workspace', workspace, ...options);
  const weightsOf = ({ stdout }: { stdout: string }) => /weights [0-9a-f]{64}/.exec(stdout)?.[0];

  const kept = await trained();
  expect(kept.code, kept.stderr).toBe(0);
  expect(kept.stderr).toMatch(/features of 2,700 images kept on disk, in 1\.5 MB/);
  expect(kept.stderr).toMatch(/features of 2,700 images kept: [\d.]+ s an epoch instead of [\d.]+ s/);
  const plain = await trained('--no-features');
  expect(plain.stderr).not.toContain('features');
  expect(weightsOf(plain)).toBe(weightsOf(kept));

  const events = (await trained('--json')).stdout.split('\n').filter(line => line.includes('"features"'));
  expect(events.map(line => JSON.parse(line))).toMatchObject([
    { event: 'features', images: 2700, isKept: true, seconds: { computed: null, read: null } },
    { event: 'features', images: 2700, isKept: true, seconds: { computed: null } },
  ]);
  const augmented = await trained('--set', 'augmentations=["RandomHorizontalFlip"]');
  expect(augmented.stderr).toMatch(/Features are not kept: images are augmented/);
  const shown = await receptive('dataset', 'shapes', '--workspace', workspace);
  expect(shown.stdout).toMatch(/features that runs keep: 1\.5 MB/);
});
