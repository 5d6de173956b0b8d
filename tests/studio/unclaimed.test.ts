/** A database that is moved away, or put back, costs nothing that lies beside it. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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

it.each<[string, (folder: string) => void]>([
  ['a file', folder => writeFileSync(join(folder, 'unclaimed'), 'mine')],
  ['a link to nothing', folder => symlinkSync('/nowhere/at/all', join(folder, 'unclaimed'))],
  [
    'a folder whose parts are files',
    folder => {
      mkdirSync(join(folder, 'unclaimed'));
      for (const top of ['datasets', 'runs', 'uploads'])
        writeFileSync(join(folder, 'unclaimed', top), 'mine');
    },
  ],
])(
  'the place for what is unknown is %s: all stays where it is, is said, and the studio opens',
  async (_, put) => {
    const run = join(workspace(), 'runs', '00000000000000ab');
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'last-7.safetensors'), 'weights');
    put(workspace());
    const { calls } = await open();
    expect((await calls.snapshot()).notice).toMatch(
      /could not be moved to or from .*unclaimed and was left in place/,
    );
    expect(readFileSync(join(run, 'last-7.safetensors'), 'utf8')).toBe('weights');
  },
);

it('the place for what is unknown holds the same name already: both are kept', async () => {
  for (const [place, text] of [
    ['runs', 'second'],
    ['unclaimed/runs', 'first'],
  ] as const) {
    mkdirSync(join(workspace(), place, '00000000000000ab'), { recursive: true });
    writeFileSync(join(workspace(), place, '00000000000000ab', 'last-7.safetensors'), text);
  }
  symlinkSync('/nowhere/at/all', join(workspace(), 'unclaimed/runs/00000000000000ab-2'));
  await open();
  const aside = (name: string) =>
    readFileSync(join(workspace(), 'unclaimed/runs', name, 'last-7.safetensors'), 'utf8');
  expect([aside('00000000000000ab'), aside('00000000000000ab-3')]).toEqual(['first', 'second']);
});

it('of a folder that is shared by a link nothing is moved but what has an id', async () => {
  const shared = join(workspace(), 'elsewhere');
  mkdirSync(join(shared, 'photographs'), { recursive: true });
  mkdirSync(join(shared, '00000000000000ab'));
  symlinkSync(shared, join(workspace(), 'datasets'));
  await open();
  expect(readdirSync(shared)).toContain('photographs');
  expect(readdirSync(join(workspace(), 'unclaimed/datasets'))).toEqual(['00000000000000ab']);
});

it('what a database of another day gave up is not removed where this one has it', async () => {
  const first = await open();
  await sampleReady(first.calls);
  const [dataset] = (await first.calls.snapshot()).datasets;
  await studios.pop()!.close();
  const db = new Sqlite(join(workspace(), 'receptive.sqlite'));
  db.prepare('INSERT INTO removals VALUES (?, 0)').run(`datasets/${dataset!.id}`);
  db.close();
  await open();
  expect(existsSync(join(workspace(), 'datasets', dataset!.id, 'images.bin'))).toBe(true);
});
