/** The web host as a process: opens, survives its studio, refuses in one sentence, leaves nothing behind. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { webSocketChannel } from '../../src/bridge/channels/webSocket.ts';
import type { StudioCalls, StudioEvent } from '../../src/bridge/contract.ts';
import { ConnectionClosed, connectWindow } from '../../src/bridge/rpc.ts';
import {
  outcome,
  startWebHostProcess,
  studioPid,
  type WebHostProcess,
  webHostEntries,
} from '../webHostProcess.ts';

let workspace: string;
const hosts: WebHostProcess[] = [];

beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'receptive-host-'));
});

afterEach(async () => {
  for (const host of hosts.splice(0)) await host.stop();
  await rm(workspace, { recursive: true, force: true });
});

async function start(args: string[] = []): Promise<WebHostProcess> {
  const host = await startWebHostProcess(workspace, args, webHostEntries.source);
  hosts.push(host);
  return host;
}

/** Starts a host that ends by itself. */
function run(args: string[]) {
  return outcome(spawn(process.execPath, [webHostEntries.source, '--no-open', ...args]));
}

/** A window of this host. */
async function openWindow(host: WebHostProcess) {
  const { origin, port, searchParams } = new URL(host.address);
  const cookie = `receptive-${port}=${searchParams.get('token')}`;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/studio`, { origin, headers: { cookie } });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const events: StudioEvent[] = [];
  const channel = webSocketChannel(socket);
  const studio: StudioCalls = connectWindow(channel, { event: event => void events.push(event) });
  return { studio, events, channel };
}

test('two windows share a studio: what one does the other hears', async () => {
  const host = await start();
  const [one, other] = [await openWindow(host), await openWindow(host)];
  const { projects, environment } = await one.studio.snapshot();
  expect(environment.workspace).toBe(workspace);
  const project = await one.studio.openProject(projects[0]!.id);
  const created = await one.studio.createProject({ ...project.document, name: 'Mine' });
  const announced = expect.objectContaining({ id: created.id });
  await vi.waitFor(
    () =>
      expect(other.events).toContainEqual(expect.objectContaining({ type: 'project', project: announced })),
    // A slow machine must not fail a sound test.
    { timeout: 30_000 },
  );
});

test('a studio that is killed comes back, says so, and has kept everything', async () => {
  const host = await start();
  const before = await openWindow(host);
  const { projects } = await before.studio.snapshot();
  const closed = new Promise<void>(resolve => before.channel.onClose(resolve));
  const first = studioPid(workspace);
  host.killStudio();
  await closed;
  await expect(before.studio.snapshot()).rejects.toBeInstanceOf(ConnectionClosed);
  const after = await openWindow(host);
  const snapshot = await after.studio.snapshot();
  expect(snapshot.notice).toMatch(/stopped|ended|crash/i);
  expect(snapshot.projects.map(project => project.id)).toEqual(projects.map(project => project.id));
  expect(studioPid(workspace)).not.toBe(first);
});

test('it comes back as often as it dies', async () => {
  const host = await start();
  for (let time = 0; time < 3; time++) {
    const { studio, channel } = await openWindow(host);
    await studio.snapshot();
    const closed = new Promise<void>(resolve => channel.onClose(resolve));
    host.killStudio();
    await closed;
  }
  const { studio } = await openWindow(host);
  expect((await studio.snapshot()).projects).not.toHaveLength(0);
});

test('a host that is killed takes its studio along', async () => {
  const host = await start();
  const pid = studioPid(workspace);
  host.process.kill('SIGKILL');
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 20_000 });
  hosts.length = 0;
  // The workspace is free again.
  await start();
});

test('a second studio on one workspace is refused by name, with exit code 2', async () => {
  await start();
  const { code, stdout, stderr } = await run(['--workspace', workspace]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.trim()).toMatch(/^The workspace [^\n]* already open in [^\n]*$/);
});

test('an occupied port is refused before the workspace is touched', async () => {
  const taken = createServer();
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const fresh = join(workspace, 'fresh');
  const { code, stderr } = await run(['--workspace', fresh, '--port', String(port)]);
  taken.close();
  expect(code).toBe(2);
  expect(stderr.trim()).toMatch(new RegExp(`^Port ${port} is used by another program[^\n]*$`));
  expect(existsSync(fresh)).toBe(false);
});

test.each([
  ['an unknown option', ['--frob']],
  ['a port that is none', ['--port', '70000']],
  ['a port that is a word', ['--port', 'http']],
  ['no workers', ['--workers', '0']],
  ['a root that is not there', ['--root', join(tmpdir(), 'receptive-not-there')]],
])('%s: one sentence, exit code 2, nothing written', async (_name, args) => {
  const { code, stdout, stderr } = await run(['--workspace', workspace, ...args]);
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(await readdir(workspace)).toEqual([]);
});
