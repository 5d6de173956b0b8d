/** A database that is not what it should be: one sentence with a way out, and all that is sound goes on. */
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { newDocument } from '../../src/engine/graph/document.ts';
import { simpleCnn } from '../../src/engine/zoo/simpleCnn.ts';
import { backupsIn } from '../../src/main/database/backups.ts';
import { restoreBackup } from '../../src/main/database/restoreBackup.ts';
import { openWorkspace } from '../../src/main/database/workspace.ts';
import { Projects } from '../../src/main/studio/projectService.ts';
import { idOf } from '../ids.ts';
import { openFor, temporaryFolder } from './temporary.ts';

const document = newDocument('net', simpleCnn.build([3, 32, 32], 10));

/** A workspace with two of each, closed as a studio closes it. */
function made(): string {
  const folder = temporaryFolder();
  const workspace = openWorkspace(folder, { mode: 'write' });
  const projects = new Projects(workspace, () => {});
  for (const name of ['good', 'bad']) {
    projects.create({ ...document, name });
    const plain = { project: null, projectName: 'net', datasetId: null, dataset: 'shapes', error: null };
    const counts = { seed: 1, epochs: 1, steps: 1, epoch: 0, step: 0, parameters: 1, seconds: 0 };
    const texts = { dataFingerprint: 'f', notes: '', tags: [], environment: {}, weightHash: null };
    const rest = { startedAt: 1, endedAt: 2, archived: false, sweep: null, queuePlace: null, origin: null };
    workspace.runs.insertRun({
      ...{
        id: idOf(name === 'good' ? 1 : 2),
        name,
        state: 'finished',
        document,
        settings: { epochs: 1 },
        metrics: { 'val.loss': 1 },
      },
      ...{ ...plain, ...counts, ...texts, ...rest },
    });
  }
  workspace.close('sealed');
  return folder;
}

const fileIn = (folder: string) => join(folder, 'receptive.sqlite');

/** Another program writes to it. */
function meddle(folder: string, sql: string): void {
  const db = new Sqlite(fileIn(folder));
  db.pragma('foreign_keys = OFF');
  db.exec(sql);
  db.close();
}

function refusal(folder: string, mode: 'write' | 'read' = 'write'): string {
  try {
    openWorkspace(folder, { mode }).close();
  } catch (error) {
    expect((error as Error).name).toBe('UserError');
    return (error as Error).message;
  }
  throw new Error('It opened.');
}

test.each([
  ['settings', '{"epochs"'],
  ['metrics', 'null'],
  ['tags', '{}'],
])('one run whose %s cannot be read leaves the others', (column, garbage) => {
  const folder = made();
  meddle(folder, `UPDATE runs SET ${column} = '${garbage}' WHERE name = 'bad'`);
  const { runs, notice } = openFor(folder);
  expect(notice).toMatch(/was changed since Receptive closed it.*receptive restore/);
  const [good, bad] = ['good', 'bad'].map(name => runs.listRuns().find(run => run.name === name)!);
  expect(good).toMatchObject({ state: 'finished', error: null, settings: { epochs: 1 } });
  expect(bad).toMatchObject({ name: 'bad', state: 'failed', settings: {}, metrics: {} });
  expect(bad!.error).toMatch(/^Its record cannot be read \(its (settings|metrics|tags) cannot be told\)/);
  expect(runs.getRun(idOf(1))!.document).toEqual(document);
  expect(() => runs.getRun(idOf(2))).toThrow(/^bad: Its record cannot be read/);
});

test('a garbled network of a run or a project is named, and the others open', () => {
  const folder = made();
  meddle(folder, `UPDATE runs SET document = substr(document, 40) WHERE name = 'bad'`);
  meddle(folder, `UPDATE projects SET document = '{"receptive": 1}' WHERE name = 'bad'`);
  const workspace = openFor(folder);
  expect(
    workspace.runs
      .listRuns()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['bad', 'good']);
  expect(() => workspace.runs.getRun(idOf(2))).toThrow(/^bad: Its record cannot be read \(.*no JSON/);
  const projects = new Projects(workspace, () => {});
  const named = Object.fromEntries(projects.list().map(({ name, id }) => [name, id]));
  expect(projects.open(named.good!).document).toEqual({ ...document, name: 'good' });
  expect(() => projects.open(named.bad!)).toThrow(/^bad: Its record cannot be read/);
});

test('a dataset whose row is damaged is shown as such, and stays as it is', () => {
  const folder = made();
  meddle(
    folder,
    `INSERT INTO datasets (id, name, format, state, created_at, channels, height, width, classes, count,
       reject_count, bytes, mean, std, preparation, split_seed, fingerprint)
     VALUES ('d', 'pets', 'folders', 'ready', 1, 3, 8, 8, '["cat', 2, 0, 9, '[]', '[]', '', 1, 'f')`,
  );
  const { datasets } = openFor(folder);
  const [pets] = datasets.list();
  expect(pets).toMatchObject({ id: 'd', name: 'pets', state: 'damaged', classes: [] });
  expect(() => datasets.put(pets!)).toThrow(/^pets: Its record cannot be read/);
});

test('a table or a column that is missing is named, with the backup to put back', () => {
  for (const [sql, lack] of [
    ['DROP TABLE steps', 'steps.run'],
    ['ALTER TABLE runs DROP COLUMN notes', 'runs.notes'],
  ] as const) {
    const folder = made();
    meddle(folder, sql);
    for (const mode of ['write', 'read'] as const)
      expect(refusal(folder, mode)).toMatch(
        new RegExp(`is damaged and cannot be read \\(${lack} is missing\\).*receptive restore`),
      );
    const { backup, kept } = restoreBackup(folder, undefined);
    expect(existsSync(join(kept!, 'receptive.sqlite'))).toBe(true);
    expect(backup).toBe(backupsIn(folder)[0]!.name);
    expect(openFor(folder).runs.listRuns()).toHaveLength(2);
  }
});

test('a damaged page, a file that is cut off or emptied, each is told in a sentence', () => {
  const folder = made();
  const bytes = readFileSync(fileIn(folder));
  const page = Buffer.from(bytes);
  page.fill(0x5a, 4096, 8192);
  writeFileSync(fileIn(folder), page);
  expect(refusal(folder)).toMatch(/is damaged and cannot be read/);
  for (const length of [0, 100, 5000, bytes.length - 4096]) {
    writeFileSync(fileIn(folder), bytes);
    truncateSync(fileIn(folder), length);
    expect(refusal(folder)).toMatch(/is damaged and cannot be read|cannot be read/);
  }
  // Also where no seal tells, as after a crash.
  rmSync(`${fileIn(folder)}.seal`);
  writeFileSync(fileIn(folder), page);
  expect(refusal(folder)).toMatch(/is damaged and cannot be read/);
  restoreBackup(folder, undefined);
  expect(openFor(folder, 'read').runs.listRuns()).toHaveLength(2);
});

test('a byte within a row is noticed, though SQLite takes it', () => {
  const folder = made();
  const bytes = readFileSync(fileIn(folder));
  const at = bytes.indexOf('"val.loss":1');
  bytes.write('"val.loss":7', at);
  writeFileSync(fileIn(folder), bytes);
  expect(openFor(folder, 'read').notice).toMatch(/was changed since Receptive closed it/);
  expect(backupsIn(folder)).toHaveLength(1);
  restoreBackup(folder, backupsIn(folder)[0]!.name);
  expect(openFor(folder, 'read').notice).toBeNull();
});

test('backups: one a day, a week of them, and a damaged one is passed over', () => {
  const folder = made();
  const [today] = backupsIn(folder);
  for (let day = 1; day <= 9; day++)
    copyFileSync(today!.path, join(folder, 'backups', `2020-01-0${day}.sqlite`));
  const workspace = openWorkspace(folder, { mode: 'write' });
  workspace.setFact('changed', 'yes');
  workspace.close('sealed');
  expect(backupsIn(folder).map(({ name }) => name)).toEqual([
    ...['2020-01-04', '2020-01-05', '2020-01-06', '2020-01-07', '2020-01-08', '2020-01-09'],
    today!.name,
  ]);
  truncateSync(today!.path, 6000);
  expect(restoreBackup(folder, undefined).backup).toBe('2020-01-09');
  expect(() => restoreBackup(folder, today!.name)).toThrow(/is damaged too/);
  expect(() => restoreBackup(folder, '1999-01-01')).toThrow(/There is no backup of 1999-01-01; there are/);
  const held = openFor(folder);
  expect(() => restoreBackup(folder, undefined)).toThrow(/already open/);
  expect(held.runs.listRuns()).toHaveLength(2);
  expect(readdirSync(folder).filter(name => name.startsWith('replaced'))).toHaveLength(1);
});

test('a damaged lock is told as such, and deleting it as the sentence says helps', () => {
  const folder = made();
  writeFileSync(join(folder, 'lock.sqlite'), 'this is no database at all');
  expect(refusal(folder)).toMatch(/lock of the workspace .* is damaged: delete its file lock\.sqlite/);
  rmSync(join(folder, 'lock.sqlite'));
  expect(openFor(folder).runs.listRuns()).toHaveLength(2);
});

test('a database that is begun anew, or another one, never takes the place of a backup', () => {
  const folder = made();
  const [real] = backupsIn(folder);
  const bytes = readFileSync(real!.path);
  for (let time = 0; time < 3; time++) {
    // Moved away, begun anew, and used: twice on the same day.
    rmSync(fileIn(folder));
    for (const session of ['first', 'second']) {
      const workspace = openWorkspace(folder, { mode: 'write' });
      workspace.setFact(session, String(time));
      workspace.close('sealed');
    }
  }
  const same = backupsIn(folder).filter(({ path }) => readFileSync(path).equals(bytes));
  expect(same.map(({ name }) => name)).toEqual([`${real!.name} before`]);
  // However many days pass.
  for (let day = 1; day <= 9; day++)
    copyFileSync(same[0]!.path, join(folder, 'backups', `2098-01-0${day}.sqlite`));
  const workspace = openWorkspace(folder, { mode: 'write' });
  workspace.setFact('changed', 'yes');
  workspace.close('sealed');
  restoreBackup(folder, same[0]!.name);
  expect(openFor(folder, 'read').runs.listRuns()).toHaveLength(2);
});

test('a link in the place of what is written first is not followed', () => {
  const folder = made();
  const precious = join(temporaryFolder(), 'precious');
  writeFileSync(precious, 'mine');
  const today = backupsIn(folder)[0]!.path;
  const partials = [fileIn(folder), `${fileIn(folder)}.seal`, join(folder, 'owner.json'), today];
  for (const path of partials) symlinkSync(precious, `${path}.partial`);
  const workspace = openWorkspace(folder, { mode: 'write' });
  workspace.setFact('changed', 'yes');
  workspace.close('sealed');
  restoreBackup(folder, undefined);
  expect(readFileSync(precious, 'utf8')).toBe('mine');
});

test('a log that SQLite would write into the backup is set aside with the database', () => {
  const folder = made();
  writeFileSync(`${fileIn(folder)}-journal`, 'whatever');
  const { kept } = restoreBackup(folder, undefined);
  expect(readdirSync(kept!)).toContain('receptive.sqlite-journal');
  expect(openFor(folder).runs.listRuns()).toHaveLength(2);
});

test.each(['../..', '..', '/', '', '2020-01-01/../../x', '__proto__', 'a\u001b[31mb', 'x'.repeat(10_000)])(
  'to put back the backup of %j is refused in a sentence',
  wanted => {
    const folder = made();
    expect(() => restoreBackup(folder, wanted)).toThrow(/^There is no backup of .*; there are: /);
    expect(openFor(folder).runs.listRuns()).toHaveLength(2);
  },
);
