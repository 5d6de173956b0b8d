/**
 * Every option and argument of every command, given what it does not want: each is answered by one sentence and an
 * exit code of its own, nothing is written, and no call hangs on what is no file.
 */
import { execFile, execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/main/cli/commandLine.ts';
import { parseServeOptions } from '../../src/main/web/serve.ts';
import { type Result, receptive } from './inProcess.ts';

const main = fileURLToPath(new URL('../../src/main/cli/main.ts', import.meta.url));
const isWindows = process.platform === 'win32';

let folder: string;
let workspace: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-fuzz-'));
  workspace = at('workspace');
  for (const [name, bright] of [
    ['dark', 20],
    ['light', 220],
  ] as const) {
    mkdirSync(join(at('pictures'), name), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const create = {
        width: 16,
        height: 16,
        channels: 3,
        background: { r: bright + i, g: bright, b: bright },
      } as const;
      await sharp({ create })
        .png()
        .toFile(join(at('pictures'), name, `${i}.png`));
    }
  }
  const made = await receptive(
    ...['new', '--model', 'lenet', '--classes', '2', '--input', '3x16x16'],
    ...['-o', at('net.json')],
  );
  expect(made).toMatchObject({ code: 0, stderr: '' });
  const given = ['--workspace', workspace];
  expect(await receptive('import', at('pictures'), '--name', 'pictures', ...given)).toMatchObject({
    code: 0,
  });
  const trained = await receptive(
    ...['train', at('net.json'), '--data', 'pictures', '--epochs', '1', '--workers', '1'],
    ...['--name', 'trained', ...given],
  );
  expect(trained).toMatchObject({ code: 0 });
  // What an option names relative to where it is given stays in here.
  mkdirSync(at('here'));
  process.chdir(at('here'));
}, 300_000);

afterAll(() => {
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => {
  for (const file of readdirSync(at('here'))) rmSync(join(at('here'), file), { recursive: true });
});

/** A call of each command that ends before it computes anything, so that only what is tried can be wrong besides. */
const calls = (): Record<string, string[]> => ({
  models: [],
  new: ['--model', 'lenet', '-o', at('net.json')],
  inspect: [at('net.json')],
  weights: [at('net.json')],
  solve: ['--in', '28', '--kernel', '3'],
  compare: [at('net.json'), at('net.json')],
  import: [at('nowhere'), '--name', 'other', '--kind', 'coco'],
  datasets: [],
  dataset: ['nothing'],
  'find-lr': [at('net.json'), '--data', 'nothing'],
  train: [at('net.json'), '--data', 'nothing'],
  sweep: [at('net.json'), '--data', 'nothing', '--over', 'learningRate=0.1,0.01'],
  resume: ['nothing'],
  evaluate: ['nothing'],
  predict: ['nothing', at('pictures/dark/0.png')],
  runs: [],
  restore: ['2026-01-01'],
  step: [at('net.json'), '--weights', at('net.json'), '--batch', at('net.json'), '-o', at('here/out')],
  bench: ['--net', 'nothing'],
});

const LONG = 'x'.repeat(100_000);

/** No numbers that any option takes. */
const NO_NUMBERS = [
  ...[
    '',
    '   ',
    'NaN',
    'Infinity',
    '-Infinity',
    '1e999',
    '-1e999',
    '-1',
    '-0.1',
    '-.5',
    '-1e-3',
    '0x10',
    '1_000',
  ],
  ...[
    '1,5',
    'ten',
    LONG,
    '1\0',
    '1\n2',
    '😀',
    '−1',
    '--',
    '-x',
    '{}',
    '[1]',
    '__proto__',
    'constructor',
    '1e15',
  ],
];

/** What a name, a path or a word may be mistaken for. */
const ODD = [
  ...[
    '',
    '   ',
    LONG,
    'a\0b',
    'a\nb',
    '\x1b[2J',
    '\u202eabc',
    '--',
    '-x',
    '__proto__',
    'constructor',
    'null',
  ],
  ...[
    'NaN',
    '=1',
    'a=',
    'a.b=1',
    '../../nowhere',
    '/nowhere/at/all',
    '😀😀',
    '{"a":[',
    '%s%n',
    'a'.repeat(300),
  ],
];

const contents = () =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    // What SQLite keeps while it is open.
    .filter(name => !/sqlite|owner\.json/.test(name))
    .sort();

/** What every answer to a wrong value has in common. */
function expectOneSentence({ code, stdout, stderr }: Result, what: string): void {
  expect([1, 2], `${what}: ${stderr || stdout}`).toContain(code);
  expect(stdout, what).toBe('');
  expect(stderr, what).toMatch(/^[^\n]{5,2500}\n$/);
  expect(stderr, what).not.toMatch(/ {4}at |Receptive failed|Error:|undefined|\[object/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey is what is looked for.
  expect(stderr, what).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
}

const short = (value: string) => (value.length > 40 ? `${value.slice(0, 40)}…` : value);

const options = commands.flatMap(({ name, options }) =>
  Object.entries(options).map(([option, details]) => ({ name, option, ...details })),
);

it.each(options.filter(({ range }) => range))(
  '$name --$option with what is no such number',
  async ({ name, option }) => {
    const before = contents();
    for (const value of NO_NUMBERS) {
      const what = `${name} --${option} ${JSON.stringify(short(value))}`;
      const given = ['--workspace', workspace, `--${option}`, value];
      const result = await receptive(name, ...calls()[name]!, ...given);
      expectOneSentence(result, what);
      expect(result.code, what).toBe(2);
      if (!value.includes('\0')) expect(result.stderr, what).toContain(`--${option} `);
      if (/^-[\d.]/.test(value)) expect(result.stderr, what).toMatch(/takes a (whole )?number (from|above)/);
    }
    expect(contents()).toEqual(before);
  },
);

it.each(options.filter(({ type, range }) => type === 'string' && !range))(
  '$name --$option with odd words',
  async ({ name, option }) => {
    const before = contents();
    for (const value of [...ODD, at('pictures'), at('net.json'), at('missing/file')]) {
      const what = `${name} --${option} ${JSON.stringify(short(value))}`;
      const given = ['--workspace', workspace, `--${option}`, value];
      const result = await receptive(name, ...calls()[name]!, ...given);
      // A word may be right after all: runs are found by any, and a file may have any name.
      if (result.code === 0) expect(result.stderr, what).toBe('');
      else expectOneSentence(result, what);
    }
    const made = contents().filter(file => !before.includes(file));
    expect(option === 'output' ? made.filter(file => !file.startsWith('here')) : made).toEqual([]);
  },
);

it.each(commands.map(({ name, positionals }) => ({ name, most: positionals[1] })))(
  '$name with odd arguments, and odd workspaces',
  async ({ name, most }) => {
    const before = contents();
    const base = calls()[name]!;
    const values = [...ODD, at('pictures'), at('net.json'), at('missing/file')];
    const places = Array.from({ length: Math.min(most, 2) }, (_, i) => i);
    for (const value of values) {
      for (const place of places) {
        const result = await receptive(name, ...base.with(place, value), '--workspace', workspace);
        if (result.code !== 0) expectOneSentence(result, `${name}, argument ${place}: ${short(value)}`);
      }
      const elsewhere = await receptive(name, ...base, '--workspace', value);
      if (elsewhere.code !== 0) expectOneSentence(elsewhere, `${name} --workspace ${short(value)}`);
    }
    const surplus = await receptive(name, ...base, ...Array(200).fill('more'));
    if (most < 100) expectOneSentence(surplus, `${name} with too many`);
    expect(contents()).toEqual(before);
  },
);

it('every command is tried', () => {
  expect(Object.keys(calls()).sort()).toEqual(commands.map(({ name }) => name).sort());
  // An option that shows as a number is one.
  for (const option of options.filter(({ value }) => value !== undefined && /^[A-Z]$/.test(value)))
    expect(option.range, option.help).toBeDefined();
});

describe('a number with a minus', () => {
  it.each(['-0.1', '-.5', '-1e-3', '-1'])('%s is answered by the range', async value => {
    const ask = (...args: string[]) => receptive(...args, '--workspace', workspace);
    const train = ['train', at('net.json'), '--data', 'pictures'];
    const range = `--lr takes a number above 0, at most 1000; it got "${value}".\n`;
    expect(await ask(...train, '--lr', value)).toEqual({ code: 2, stdout: '', stderr: range });
    expect(await ask(...train, `--lr=${value}`)).toEqual({ code: 2, stdout: '', stderr: range });
    expect((await ask(...train, '--set', `learningRate=${value}`)).stderr).toMatch(
      /^training\.learningRate: /,
    );
    expect((await ask('solve', '--in', value)).stderr).toMatch(/^--in takes a whole number from 1 to /);
    for (const option of ['--port', '--workers'])
      expect(() => parseServeOptions([option, value])).toThrow(`${option} takes a whole number from `);
  });

  it('a name with one is written with =, which the sentence says', async () => {
    const asked = await receptive('train', at('net.json'), '--data', '-old', '--workspace', workspace);
    expect(asked.stderr).toMatch(/^--data is followed by "-old", an option: .* write --data=-old\.\n$/);
    const given = await receptive('train', at('net.json'), '--data=-old', '--workspace', workspace);
    expect(given.stderr).toMatch(/no dataset .*-old/);
  });
});

/** In a process of its own, ended when it takes too long. */
function inTime(...args: string[]): Promise<Result> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [main, args[0]!, '--workspace', workspace, ...args.slice(1)],
      { timeout: 120_000, killSignal: 'SIGKILL' },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

// Windows has neither pipes in folders nor devices.
describe.skipIf(isWindows)('what is no file', () => {
  beforeAll(() => {
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('endless'), '');
    truncateSync(at('endless'), 5 * 2 ** 30);
  });

  it.each(['/dev/zero', 'pipe', 'endless', 'pictures'])(
    '%s is not read',
    async name => {
      const path = name.startsWith('/') ? name : at(name);
      const before = contents();
      const tensors = ['--weights', path, '--batch', path, '-o', at('here/out')];
      for (const args of [
        ['inspect', path],
        ['weights', path],
        ['compare', at('net.json'), path],
        ['train', path, '--data', 'pictures'],
        ['step', at('net.json'), ...tensors],
        ['predict', 'trained', path],
        ['import', path, '--name', 'odd'],
      ]) {
        if (args[0] === 'import' && name === 'pictures') continue;
        const result = await inTime(...args);
        expect([1, 2], `${args.join(' ')}: ${result.stderr}`).toContain(result.code);
        expect(result.stdout + result.stderr).toMatch(/^[^\n]{5,2500}\n$/);
        expect(result.stderr).not.toMatch(/ {4}at /);
      }
      expect(contents()).toEqual(before);
    },
    900_000,
  );

  it.each(['/dev/zero', 'pipe', 'net.json'])(
    '%s is no workspace',
    async name => {
      const elsewhere = name.startsWith('/') ? name : at(name);
      const before = contents();
      for (const args of [['runs'], ['import', at('pictures'), '--name', 'p'], ['resume', 'trained']]) {
        const result = await inTime(...args, '--workspace', elsewhere);
        expectOneSentence(result, `${args[0]} --workspace ${name}`);
      }
      expect(contents()).toEqual(before);
    },
    300_000,
  );

  it.each(['receptive.sqlite', 'lock.sqlite', 'owner.json'])(
    'a pipe called %s is no part of a workspace',
    async name => {
      const elsewhere = at('piped');
      mkdirSync(elsewhere);
      execFileSync('mkfifo', [join(elsewhere, name)]);
      try {
        const asked = ['import', at('pictures'), '--name', 'p', '--workspace', elsewhere];
        const result = await inTime(...asked);
        // The owner's file only tells whom to name: it is written anew.
        if (name === 'owner.json') expect(result).toMatchObject({ code: 0, stderr: '' });
        else expectOneSentence(result, name);
      } finally {
        rmSync(elsewhere, { recursive: true });
      }
    },
    300_000,
  );

  it.runIf(existsSync('/dev/full'))(
    'a full disk behind the answer is told in a sentence',
    async () => {
      const [code, stderr] = await new Promise<[unknown, string]>(resolve =>
        execFile('sh', ['-c', '"$0" "$1" models > /dev/full', process.execPath, main], (error, _, text) =>
          resolve([error?.code, text]),
        ),
      );
      expect(code).toBe(1);
      expect(stderr).toMatch(/^What was to be said .*: the disk is full\.\n$/);
    },
    300_000,
  );

  it.each(['pipe', 'pictures', '/dev/zero'])(
    '%s is not written',
    async name => {
      const path = name.startsWith('/') ? name : at(name);
      expectOneSentence(await inTime('new', '--model', 'lenet', '-o', path), path);
    },
    300_000,
  );
});
