/** Opening a workspace: one writer, readers beside it, old and new schemas, folders that are none. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { migrate, readSchemaVersion } from '../../src/main/database/migrate.ts';
import { MIGRATIONS } from '../../src/main/database/schema.ts';
import { openWorkspace, type Workspace } from '../../src/main/database/workspace.ts';
import { openFor, temporaryFolder } from './temporary.ts';

/** Another process that holds the workspace. */
async function holdElsewhere(folder: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'holdWorkspace.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

function messageOf(open: () => Workspace): string {
  try {
    open().close();
  } catch (error) {
    expect((error as Error).name).toBe('UserError');
    return (error as Error).message;
  }
  throw new Error('It opened.');
}

test('a second writer is refused and told who the first is; a reader is let in', async () => {
  const folder = temporaryFolder();
  const first = await holdElsewhere(folder);
  const message = messageOf(() => openWorkspace(folder, { mode: 'write' }));
  expect(message).toContain('the first studio');
  expect(message).toContain(`process ${first.pid} on ${hostname()}`);
  const reader = openFor(folder, 'read');
  expect(reader.runs.listRuns()).toEqual([]);
  expect(() => reader.requireWrite()).toThrow(/reading only/);
});

test('a killed writer leaves no lock behind', async () => {
  const folder = temporaryFolder();
  const first = await holdElsewhere(folder);
  first.kill('SIGKILL');
  await once(first, 'exit');
  expect(existsSync(join(folder, 'owner.json'))).toBe(true);
  openFor(folder, 'write', 'the second studio');
  expect(readFileSync(join(folder, 'owner.json'), 'utf8')).toContain('the second studio');
});

test('one that was cut off while its database was made opens again', () => {
  const [whole, cut] = [temporaryFolder(), temporaryFolder()];
  const db = new Sqlite(join(whole, 'receptive.sqlite'));
  // Has its first page and no table, and the journal of what was begun, as a process that is killed leaves them.
  db.pragma('synchronous = OFF');
  db.exec('CREATE TABLE begun (it); DROP TABLE begun; BEGIN; CREATE TABLE begun (it)');
  for (const name of readdirSync(whole)) cpSync(join(whole, name), join(cut, name));
  db.close();
  expect(readdirSync(cut)).toContain('receptive.sqlite-journal');
  openFor(cut).setFact('greeting', 'hello');
  expect(openFor(cut, 'read').fact('greeting')).toBe('hello');
});

test('closing gives the workspace back', () => {
  const folder = temporaryFolder();
  openWorkspace(folder, { mode: 'write' }).close();
  expect(readdirSync(folder).sort()).toEqual(['lock.sqlite', 'receptive.sqlite']);
  openFor(folder).setFact('greeting', 'hello');
  expect(openFor(folder, 'read').fact('greeting')).toBe('hello');
});

test('an older schema is brought up in one transaction, and what was there is kept beside it', () => {
  const file = join(temporaryFolder(), 'receptive.sqlite');
  const db = new Sqlite(file);
  onTestFinished(() => void db.close());
  migrate(db, file);
  db.prepare("INSERT INTO facts VALUES ('before', 'yes')").run();
  const next = [...MIGRATIONS, 'CREATE TABLE notes (text TEXT NOT NULL) STRICT'];
  migrate(db, file, next);
  expect(readSchemaVersion(file, next.length)).toBe(next.length);
  const backup = new Sqlite(`${file}.v${MIGRATIONS.length}.backup`, { readonly: true });
  onTestFinished(() => void backup.close());
  expect(backup.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
  expect(backup.prepare('SELECT value FROM facts').pluck().all()).toEqual(['yes']);
});

test('datasets of the first version are there as before; the sample has its boxes and masks', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'receptive.sqlite');
  const db = new Sqlite(file);
  migrate(db, file, MIGRATIONS.slice(0, 1));
  const insert = db.prepare(
    `INSERT INTO datasets VALUES (?, ?, NULL, ?, 'ready', 1, 3, 32, 32, '["a","b"]', 2, 0, 9, '[]', '[]', '', 1, 'f')`,
  );
  insert.run('1', 'shapes', 'shapes');
  insert.run('2', 'pets', 'folders');
  db.prepare("INSERT INTO images VALUES ('1', 0, 'a/0', 0, 'train', x'00', '[8,4,16,8]')").run();
  db.close();
  const { datasets } = openFor(folder, 'write');
  const [shapes, pets] = [datasets.byName('shapes')!, datasets.byName('pets')!];
  expect(shapes).toMatchObject({ boxes: true, maskClasses: ['ground', 'shape'], count: 2 });
  expect(pets).toMatchObject({ boxes: false, maskClasses: [], format: 'folders' });
  expect([...datasets.boxes(shapes)]).toEqual([0.25, 0.125, 0.75, 0.375]);
});

test('a migration that fails changes nothing', () => {
  const file = join(temporaryFolder(), 'receptive.sqlite');
  const db = new Sqlite(file);
  onTestFinished(() => void db.close());
  migrate(db, file);
  const before = db.prepare('SELECT name, sql FROM sqlite_schema').all();
  const broken = [...MIGRATIONS, 'CREATE TABLE notes (text TEXT) STRICT; CREATE TABLE facts (again TEXT)'];
  expect(() => migrate(db, file, broken)).toThrow(/already exists/);
  expect(db.prepare('SELECT name, sql FROM sqlite_schema').all()).toEqual(before);
  expect(db.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
});

test('a newer schema is refused, and not a byte of it changes', () => {
  const folder = temporaryFolder();
  openWorkspace(folder, { mode: 'write' }).close();
  const file = join(folder, 'receptive.sqlite');
  const db = new Sqlite(file);
  db.pragma(`user_version = ${MIGRATIONS.length + 1}`);
  db.close();
  const before = readFileSync(file);
  for (const mode of ['write', 'read'] as const) {
    expect(messageOf(() => openWorkspace(folder, { mode }))).toMatch(/Update Receptive/);
  }
  expect(readFileSync(file).equals(before)).toBe(true);
  expect(readdirSync(folder).filter(name => name.includes('backup'))).toEqual([]);
});

test('what is no workspace is told as such', () => {
  const folder = temporaryFolder();
  expect(messageOf(() => openWorkspace(join(folder, 'none'), { mode: 'read' }))).toMatch(/no workspace/);
  expect(existsSync(join(folder, 'none'))).toBe(false);
  writeFileSync(join(folder, 'file'), '');
  expect(messageOf(() => openWorkspace(join(folder, 'file'), { mode: 'write' }))).toMatch(/cannot be made/);
  writeFileSync(join(folder, 'receptive.sqlite'), 'this is a text, not a database');
  expect(messageOf(() => openWorkspace(folder, { mode: 'write' }))).toMatch(/cannot be read/);
  const foreign = temporaryFolder();
  const db = new Sqlite(join(foreign, 'receptive.sqlite'));
  db.exec('CREATE TABLE theirs (x)');
  db.close();
  expect(messageOf(() => openWorkspace(foreign, { mode: 'write' }))).toMatch(/not a database of Receptive/);
});
