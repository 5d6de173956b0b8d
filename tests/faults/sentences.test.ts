/** Damage as a person meets it: real processes, which answer in one line and never by a stack. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { formatDocument, newDocument } from '../../src/engine/graph/document.ts';
import { chain } from '../../src/engine/zoo/zoo.ts';
import { putClasses } from '../datasets/workshop.ts';

const main = new URL('../../src/main/cli/main.ts', import.meta.url).pathname;
const SLOW = 300_000;

let folder: string;
const workspace = () => join(folder, 'workspace');
const database = () => join(workspace(), 'receptive.sqlite');
let sound: Buffer;
let seal: Buffer;

function receptive(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise(resolve => {
    execFile(process.execPath, [main, ...args, '--workspace', workspace()], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}

/** What is refused: one line, exit code 2. */
async function refused(...args: string[]): Promise<string> {
  const { code, stderr } = await receptive(...args);
  expect([code, stderr.trim().split('\n').length, stderr]).toEqual([
    2,
    1,
    expect.not.stringMatching(/\bat .*:\d+/),
  ]);
  return stderr;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-sentences-'));
  await putClasses(join(folder, 'pictures'), { a: 12, b: 12 });
  const graph = chain([
    ['Input', 'input', { shape: [3, 12, 12] }],
    ['Flatten', 'flatten'],
    ['Linear', 'head', { outFeatures: 2 }],
  ]);
  const plain = newDocument('net', graph);
  const document = { ...plain, training: { ...plain.training, epochs: 1, batchSize: 8 } };
  writeFileSync(join(folder, 'net.json'), formatDocument(document));
  expect((await receptive('import', join(folder, 'pictures'), '--name', 'pictures')).code).toBe(0);
  for (const name of ['good', 'bad'])
    expect(
      (await receptive('train', join(folder, 'net.json'), '--data', 'pictures', '--name', name)).code,
    ).toBe(0);
  sound = readFileSync(database());
  seal = readFileSync(`${database()}.seal`);
}, SLOW);
beforeEach(() => {
  writeFileSync(database(), sound);
  writeFileSync(`${database()}.seal`, seal);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it(
  'a garbled run is shown as damaged; the other is evaluated',
  async () => {
    const db = new Sqlite(database());
    db.exec(`UPDATE runs SET document = '{"gar', settings = '{' WHERE name = 'bad'`);
    db.close();
    const listed = await receptive('runs', '--json');
    expect(listed.code).toBe(0);
    expect(listed.stderr).toMatch(/was changed since Receptive closed it.*receptive restore/);
    const runs = JSON.parse(listed.stdout) as { name: string; state: string; error: string | null }[];
    expect(runs.find(({ name }) => name === 'bad')!.error).toMatch(/^Its record cannot be read/);
    expect((await receptive('evaluate', 'good', '--split', 'train')).code).toBe(0);
    expect(await refused('evaluate', 'bad', '--split', 'train')).toMatch(/^bad: Its record cannot be read/);
    expect(await refused('resume', 'bad')).toMatch(/bad/);
  },
  SLOW,
);

it(
  'a dropped table and a damaged page are refused, also by the host, and the backup is put back',
  async () => {
    const db = new Sqlite(database());
    db.exec('DROP TABLE checkpoints');
    db.close();
    for (const args of [['runs'], ['datasets'], ['evaluate', 'good']])
      expect(await refused(...args)).toMatch(/checkpoints\.run is missing.*receptive restore/);
    const page = Buffer.from(sound);
    page.fill(0x77, 2 * 4096, 4 * 4096);
    writeFileSync(database(), page);
    expect(await refused('runs')).toMatch(/is damaged and cannot be read.*receptive restore/);
    const host = spawn(process.execPath, [main, 'serve', '--no-open', '--workspace', workspace()], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    host.stderr.on('data', chunk => {
      said += chunk;
    });
    const [code] = await once(host, 'exit');
    expect([code, said.trim().split('\n').length]).toEqual([2, 1]);
    expect(said).toMatch(/is damaged and cannot be read.*receptive restore/);
    const restored = await receptive('restore');
    expect([restored.code, restored.stdout]).toEqual([
      0,
      expect.stringMatching(/^The backup of .* is put back/),
    ]);
    const { code: listed, stdout, stderr } = await receptive('runs');
    expect([listed, stderr, stdout]).toEqual([0, '', expect.stringMatching(/good/)]);
  },
  SLOW,
);

it(
  'a checkpoint that is cut off, or gone, is told',
  async () => {
    const runs = JSON.parse((await receptive('runs', '--json')).stdout) as { id: string; name: string }[];
    const { id } = runs.find(({ name }) => name === 'good')!;
    const checkpoints = join(workspace(), 'runs', id);
    const files = readdirSync(checkpoints).map(name => join(checkpoints, name));
    for (const length of [300, 100, 4]) {
      for (const file of files) truncateSync(file, length);
      expect(await refused('evaluate', 'good', '--split', 'train')).toMatch(
        /cannot be used, (its checksum|the file is)/,
      );
    }
    for (const file of files) rmSync(file);
    expect(await refused('evaluate', 'good', '--split', 'train')).toMatch(/its file is not there/);
  },
  SLOW,
);
