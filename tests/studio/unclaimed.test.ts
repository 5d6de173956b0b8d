/** A database that is moved away, or put back, costs nothing that lies beside it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { idOf } from '../ids.ts';
import { sampleReady, temporaryStudios } from './temporaryStudios.ts';

const { workspace, studios, open } = temporaryStudios();

const DATABASE = ['receptive.sqlite', 'receptive.sqlite-wal', 'receptive.sqlite-shm'];

function move(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of DATABASE) if (existsSync(join(from, name))) renameSync(join(from, name), join(to, name));
}

it('caches and checkpoints are put aside, reported, and return with the database', async () => {
  const first = await open();
  await sampleReady(first.calls);
  const [dataset] = (await first.calls.snapshot()).datasets;
  await studios.pop()!.close();
  const cache = join(workspace(), 'datasets', dataset!.id, 'images.bin');
  const pixels = readFileSync(cache);
  const run = join(workspace(), 'runs', '00000000000000ab');
  mkdirSync(run, { recursive: true });
  writeFileSync(join(run, 'last-7.safetensors'), 'weights');
  mkdirSync(join(workspace(), 'uploads', 'no id at all'), { recursive: true });
  writeFileSync(join(workspace(), 'uploads', 'no id at all', 'photograph.jpg'), 'pixels');

  move(workspace(), join(workspace(), 'kept'));
  const second = await open();
  const { notice } = await second.calls.snapshot();
  expect(notice).toMatch(
    /3 folders that the workspace's database does not know were put aside into .*unclaimed/,
  );
  const aside = join(workspace(), 'unclaimed');
  expect(readFileSync(join(aside, 'datasets', dataset!.id, 'images.bin')).equals(pixels)).toBe(true);
  expect(readFileSync(join(aside, 'runs', '00000000000000ab', 'last-7.safetensors'), 'utf8')).toBe('weights');
  expect(readdirSync(join(aside, 'uploads', 'no id at all'))).toEqual(['photograph.jpg']);
  await sampleReady(second.calls);
  await studios.pop()!.close();

  move(workspace(), join(workspace(), 'newer'));
  move(join(workspace(), 'kept'), workspace());
  const third = await open();
  expect((await third.calls.snapshot()).notice).toContain('A folder that had been put aside was put back');
  expect(readFileSync(cache).equals(pixels)).toBe(true);
  // What the other database knew is put aside in its turn, and the run that none knows stays where it is.
  expect(readdirSync(join(aside, 'datasets'))).toHaveLength(1);
  expect(readFileSync(join(aside, 'runs', '00000000000000ab', 'last-7.safetensors'), 'utf8')).toBe('weights');
});

it('what was given up is gone, and an upload that nobody finished goes with the next start', async () => {
  const first = await open();
  await sampleReady(first.calls);
  const [dataset] = (await first.calls.snapshot()).datasets;
  const upload = await first.calls.beginUpload('holiday');
  await first.calls.deleteDataset(dataset!.id);
  expect(existsSync(join(workspace(), 'datasets', dataset!.id))).toBe(false);
  expect(existsSync(join(workspace(), 'uploads', upload))).toBe(true);
  await studios.pop()!.close();
  const { calls } = await open();
  expect((await calls.snapshot()).notice).toBeNull();
  expect(readdirSync(join(workspace(), 'uploads'))).toEqual([]);
  expect(existsSync(join(workspace(), 'unclaimed'))).toBe(false);
});

it('what a process died over before it was gone goes with the next start; a path that leads elsewhere never', async () => {
  const folder = workspace();
  const kept = openWorkspace(folder, { mode: 'write' });
  const given = join(folder, 'datasets', idOf(1));
  mkdirSync(given, { recursive: true });
  writeFileSync(join(folder, 'precious'), 'outside of all of them');
  kept.removals.note('datasets', idOf(1));
  kept.close();
  const db = new Sqlite(join(folder, 'receptive.sqlite'));
  for (const path of ['precious', '../..', 'runs/../precious', `runs/${idOf(2)}/../../precious`])
    db.prepare('INSERT INTO removals VALUES (?, 0)').run(path);
  db.close();
  await open();
  expect(existsSync(given)).toBe(false);
  expect(existsSync(join(folder, 'precious'))).toBe(true);
});
