/** What the system, SQLite and damaged files say, as sentences; and what stays a defect. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import Sqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { explained } from '../../src/main/errorSentences.ts';
import { DiskTrouble, UserError } from '../../src/main/userError.ts';

function folder(): string {
  const made = mkdtempSync(`${tmpdir()}/receptive-explained-`);
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** As Node makes them. */
function refused(code: string, path?: string): Error {
  const message = `${code}: refused, write${path ? ` '${path}'` : ''}`;
  return Object.assign(new Error(message), { code, errno: -1, syscall: 'write', path });
}

test.each([
  ['ENOSPC', /is full \(.* are free\): free some space/],
  ['EDQUOT', /share of the disk .* is used up/],
  ['EROFS', /mounted for reading only/],
  ['EIO', /failed to read or write/],
  ['EACCES', /permission denied/],
  ['EPERM', /permission denied/],
  ['EMFILE', /Too many files are open/],
])('%s passes, and is told with what to do', (code, sentence) => {
  const said = explained(refused(code, '/somewhere/images.bin'), folder());
  expect(said).toBeInstanceOf(DiskTrouble);
  expect(said.message).toMatch(sentence);
  // Of a file that was open already the system names no path.
  expect(explained(refused(code), folder())).toBeInstanceOf(DiskTrouble);
});

test.each([
  ['SQLITE_FULL', true, /is full/],
  ['SQLITE_IOERR_WRITE', true, /cannot be reached/],
  ['SQLITE_READONLY_DBMOVED', true, /cannot be written/],
  ['SQLITE_CANTOPEN', true, /cannot be reached/],
  ['SQLITE_BUSY', true, /held by another program/],
  ['SQLITE_CORRUPT_VTAB', false, /is damaged and cannot be read.*no backup/],
  ['SQLITE_NOTADB', false, /is damaged and cannot be read.*no backup/],
])('%s is told', (code, passes, sentence) => {
  const said = explained(new Sqlite.SqliteError('so SQLite says', code), folder());
  expect([said instanceof UserError, said instanceof DiskTrouble]).toEqual([true, passes]);
  expect(said.message).toMatch(sentence);
});

test('a table that is gone is damage; a query that is wrong is a defect, as is all else', () => {
  const db = new Sqlite(':memory:');
  onTestFinished(() => void db.close());
  const errorOf = (sql: string): unknown => {
    try {
      return db.exec(sql);
    } catch (error) {
      return error;
    }
  };
  expect(explained(errorOf('SELECT * FROM steps'), folder()).message).toMatch(/no such table: steps/);
  const wrong = errorOf('SELEKT 1');
  expect(explained(wrong, folder())).toBe(wrong);
  const defect = new TypeError('x is not a function');
  expect(explained(defect, folder())).toBe(defect);
  const own = new UserError('Choose a dataset first.');
  expect(explained(own, folder())).toBe(own);
});
