/** `npm run dev`, over a copy of the sources: the window is let in by the token alone, and what changes is taken up. */
import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { outcome } from '../webHostProcess.ts';

const root = join(import.meta.dirname, '..', '..');

let folder: string;
let host: ChildProcess;
/** All that it has said. */
let said = '';
let address: URL;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'receptive-dev-'));
  const files = [
    'src',
    'scripts',
    'resources',
    'package.json',
    'electron.vite.config.ts',
    'tsconfig.base.json',
  ];
  for (const file of files) cpSync(join(root, file), join(folder, file), { recursive: true });
  mkdirSync(join(folder, 'workspace'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const args = ['--no-open', '--workspace', join(folder, 'workspace')];
  host = spawn(process.execPath, [join(folder, 'scripts/dev.ts'), ...args], { cwd: folder });
  const open = new Promise<string>(resolve => {
    for (const stream of [host.stdout!, host.stderr!])
      stream.on('data', data => {
        said += data;
        const match = /open at (http:\S+)/.exec(said);
        if (match) resolve(match[1]!);
      });
  });
  const ended = outcome(host).then(({ stderr }) => Promise.reject(new Error(stderr)));
  address = new URL(await Promise.race([open, ended]));
  ended.catch(() => {});
});

afterAll(async () => {
  const end = outcome(host);
  host.kill('SIGINT');
  await end;
  rmSync(folder, { recursive: true, maxRetries: 10 });
});

const at = (path: string) => new URL(path, address.origin);
const token = () => address.searchParams.get('token')!;
const cookie = async () => (await fetch(address)).headers.get('set-cookie')!.split(';')[0]!;

/** The page's own connection to Vite; resolves with its first message, or null where it was refused. */
function changes(path: string, headers: Record<string, string>): Promise<unknown> {
  const socket = new WebSocket(at(path).href.replace('http', 'ws'), 'vite-hmr', { headers });
  return new Promise(resolve => {
    socket.on('message', data => {
      socket.close();
      resolve(JSON.parse(String(data)));
    });
    socket.on('error', () => resolve(null));
  });
}

test('nothing of the window is given without the token', async () => {
  for (const path of ['/', '/web.tsx', '/@vite/client', `/@fs${join(folder, 'package.json')}`])
    expect((await fetch(at(path))).status, path).toBe(401);
  const origin = { Origin: address.origin };
  expect(await changes('/', origin)).toBeNull();
  expect(await changes('/?token=other', origin)).toBeNull();
  expect(await changes(`/?token=${token()}`, { Origin: 'http://evil.example' })).toBeNull();
});

test('with it the window comes from its sources, and hears of changes', async () => {
  const page = await fetch(address);
  const policy = page.headers.get('content-security-policy')!;
  const nonce = /'nonce-([^']+)'/.exec(policy)![1]!;
  const html = await page.text();
  expect(html.match(/<script/g)!.length).toBe(html.split(`nonce="${nonce}"`).length - 2);
  const headers = { Cookie: await cookie() };
  const code = await fetch(at('/web.tsx'), { headers });
  expect([code.status, code.headers.get('content-type')]).toEqual([200, 'text/javascript']);
  expect(code.headers.get('x-content-type-options')).toBe('nosniff');
  expect((await fetch(at('/nothing.tsx'), { headers })).status).toBe(404);
  const origin = { Origin: address.origin };
  expect(await changes(`/?token=${token()}`, origin)).toEqual({ type: 'connected' });
});

test('the studio starts anew when its files change, not when the window’s do', async () => {
  const times = () => said.split('the studio starts anew').length - 1;
  appendFileSync(join(folder, 'src/renderer/app.tsx'), '\n');
  writeFileSync(join(folder, 'src/main/studio/new.ts'), 'export const unused = 1;\n');
  appendFileSync(join(folder, 'src/main/studio/projectService.ts'), '\n');
  await expect.poll(times).toBe(1);
  expect(said).toContain('src/main/studio/projectService.ts changed: the studio starts anew.');
  expect(said).not.toContain('app.tsx changed');
  appendFileSync(join(folder, 'src/main/web/access.ts'), '\n');
  await expect.poll(() => said).toContain('access.ts changed: the host runs it as it was');
  expect(times()).toBe(1);
  const { status } = await fetch(at('/media/nothing'), { headers: { Cookie: await cookie() } });
  expect(status).toBe(404);
});
