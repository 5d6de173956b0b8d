/** Nothing that somebody put into a name, a path or a message is obeyed by a terminal. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newDocument } from '../src/engine/graph/document.ts';
import { table } from '../src/main/cli/command.ts';
import { lockWorkspace } from '../src/main/database/lock.ts';
import { openWorkspace } from '../src/main/database/workspace.ts';
import { printable } from '../src/main/terminal.ts';
import { receptive } from './cli/inProcess.ts';

const source = join(import.meta.dirname, '..', 'src', 'main');

/** What a terminal obeys: colours, titles, the clipboard, 8-bit sequences, the cursor, the direction of text. */
const HOSTILE = [
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07',
  '\x1b]52;c;ZXZpbA==\x07',
  '\x9b2J',
  'one\rtwo',
  'one\ntwo: a line of its own',
  'a\bb\x7f',
  'user\u202egnp.exe',
  '\u2066hidden\u2069',
  'a\u2028b\u2029c',
  '\ufeff\u200bnothing',
  '\u{e0041}\u{e0042}',
];
const OBEYED = /(?!\u200c|\u200d|\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-terminal-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('text on its way to a terminal', () => {
  it.each(HOSTILE)('%j is written out', text => {
    expect(printable(text)).not.toMatch(OBEYED);
    expect(printable(text)).not.toContain('\n');
    expect(printable(printable(text))).toBe(printable(text));
    // What is escaped within JSON still says the same.
    const json = printable(JSON.stringify({ [text]: text }));
    expect(json).not.toMatch(OBEYED);
    expect(JSON.parse(json)).toEqual({ [text]: text });
  });

  it('leaves words, accents, signs and emoji as they are', () => {
    for (const text of ['Größe × 3', '猫と犬', 'שלום', 'e\u0301', '👩‍👩‍👧 🇩🇪 👍🏽', 'C:\\new'])
      expect(printable(text)).toBe(text);
  });

  it('columns of a table still line up', () => {
    const lines = table(['name', 'n'], [['\x1b[2Ja', 1] as const, ['b', 22] as const]);
    expect(lines).toEqual(['name         n', '\\u001b[2Ja   1', 'b           22']);
  });

  it('has one way: nothing else of the processes writes to the terminal', () => {
    // It draws a bar over itself; it speaks to the process that started it.
    const own = ['terminal.ts', join('cli', 'progress.ts'), join('bench', 'engineContestant.ts')];
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(file =>
      /\.tsx?$/.test(file),
    );
    const others = files
      .filter(file => !own.includes(file))
      .filter(file => /\bconsole\.|process\.std(out|err)/.test(readFileSync(join(source, file), 'utf8')));
    expect(files.length).toBeGreaterThan(100);
    expect(others).toEqual([]);
  });
});

describe('what others wrote', () => {
  const owner = (fields: object) => ({
    pid: 1,
    host: 'h',
    what: 'a studio',
    since: '2026-01-02T03:04:05.000Z',
    ...fields,
  });

  it.each([
    ['a name that a terminal obeys', JSON.stringify(owner({ what: HOSTILE[0], host: HOSTILE[3] }))],
    ['a name of a megabyte', JSON.stringify(owner({ what: 'x'.repeat(2 ** 20) }))],
    ['a time that is none', JSON.stringify(owner({ since: `never${HOSTILE[5]}` }))],
    ['no JSON', '\x1b[2J'],
  ])('an owner file with %s', async (_, text) => {
    const workspace = join(folder, 'taken');
    openWorkspace(workspace, { mode: 'write', what: 'a test' }).close();
    const release = lockWorkspace(workspace, 'a test');
    try {
      writeFileSync(join(workspace, 'owner.json'), text);
      const { code, stderr } = await receptive('resume', 'r', '--workspace', workspace);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^The workspace .* is already open in /);
      expect(stderr).not.toMatch(OBEYED);
      expect(stderr.length).toBeLessThan(1000);
      expect(stderr).not.toContain('Invalid Date');
      expect(stderr.trim().split('\n')).toHaveLength(1);
    } finally {
      release();
    }
  });

  it.skipIf(process.platform === 'win32')('an owner file that is a pipe', async () => {
    const workspace = join(folder, 'piped');
    openWorkspace(workspace, { mode: 'write', what: 'a test' }).close();
    const release = lockWorkspace(workspace, 'a test');
    try {
      rmSync(join(workspace, 'owner.json'));
      execFileSync('mkfifo', [join(workspace, 'owner.json')]);
      const { code, stderr } = await receptive('resume', 'r', '--workspace', workspace);
      expect([code, stderr]).toEqual([2, expect.stringContaining('already open in another Receptive.')]);
    } finally {
      release();
    }
  });

  it.each(HOSTILE)('the arguments, names and files of a command: %j', async text => {
    const name = text.replaceAll('/', '');
    const document = newDocument(name, {
      nodes: {
        a: {
          kind: 'Input',
          name: 'input',
          position: { x: 0, y: 0 },
          params: { shape: [1, 8, 8] },
          comment: text,
        },
        b: { kind: 'Flatten', name, position: { x: 0, y: 0 }, params: {} },
      },
      edges: [],
    } as never);
    const [named, broken] = [join(folder, 'named.json'), join(folder, 'broken.json')];
    writeFileSync(named, JSON.stringify(document));
    writeFileSync(broken, `{"receptive": ${text}`);
    for (const args of [
      ['inspect', named],
      ['inspect', named, '--json'],
      ['inspect', broken],
      ['inspect', name],
      [name],
      ['new', '--model', name, '-o', join(folder, 'x.json')],
      ['solve', '--in', name],
      ['models', name],
      ['models', `--${name}`],
      ['serve', '--port', name],
    ]) {
      const { stdout, stderr, code } = await receptive(...args);
      expect([0, 2]).toContain(code);
      expect(stdout).not.toMatch(OBEYED);
      expect(stderr).not.toMatch(OBEYED);
      expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
    }
  });

  // Windows has no such file names.
  it.skipIf(process.platform === 'win32')('names from an import to a prediction', async () => {
    const hostile = '\x1b[31m\x9b2J\u202etxt';
    const workspace = join(folder, 'hostile');
    const pictures = join(folder, 'pictures');
    for (const [name, grey] of [
      [`a${hostile}`, 30],
      ['b\nnot used: everything', 200],
    ] as const) {
      mkdirSync(join(pictures, name), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const create = { width: 12, height: 12, channels: 3, background: { r: grey, g: i, b: i } } as const;
        await sharp({ create })
          .png()
          .toFile(join(pictures, name, `${i}${hostile}.png`));
      }
      writeFileSync(join(pictures, name, `bad${hostile}\n.png`), hostile);
    }
    const asked = async (...args: string[]) => {
      const { code, stdout, stderr } = await receptive(...args, '--workspace', workspace);
      expect(stdout + stderr).not.toMatch(OBEYED);
      expect(stdout).toMatch(/\\u001b\[31m|\{"event"/);
      // What came with an end of line would be a line of its own.
      expect(stdout).not.toMatch(/^not used: everything/m);
      return { code, stdout };
    };
    const project = join(folder, 'net.json');
    const shape = ['--classes', '2', '--input', '3x12x12'];
    await receptive('new', '--model', 'simple_cnn', ...shape, '-o', project);
    const name = `run${hostile}`;
    const data = `data${hostile}`;
    const picture = join(pictures, `a${hostile}`, `0${hostile}.png`);
    expect(await asked('import', pictures, '--name', data)).toMatchObject({ code: 0 });
    const train = ['train', project, '--data', data, '--epochs', '1', '--workers', '1'];
    expect(await asked(...train, '--name', name)).toMatchObject({ code: 0 });
    for (const args of [
      ['datasets'],
      ['dataset', data],
      ['runs'],
      ['evaluate', name, '--split', 'train'],
      ['predict', name, picture],
      ['compare', name, name],
    ]) {
      expect(await asked(...args), args[0]).toMatchObject({ code: 0 });
      const { stdout } = await asked(...args, '--json');
      expect(JSON.stringify(JSON.parse(stdout))).toContain(JSON.stringify(hostile).slice(1, -1));
    }
  });
});
