/** A web host and its studio as two living processes, for tests that send them what no window of ours would. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { webSocketChannel } from '../../src/bridge/channels/webSocket.ts';
import type { StudioCalls } from '../../src/bridge/contract.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';
import { startWebHostProcess, studioPid, webHostEntries } from '../webHostProcess.ts';

export interface LivingStudio {
  /** `http://127.0.0.1:PORT` */
  origin: string;
  port: number;
  /** What lets in, as a header's value. */
  cookie: string;
  workspace: string;
  /** The folder that its windows may pick from; empty. */
  root: string;
  /** A window's socket, to send by hand. */
  openSocket(): Promise<WebSocket>;
  /** A window of ours. */
  openWindow(): Promise<StudioCalls>;
  /** MiB that host and studio have now. */
  memory(): Memory;
  /** Whether the processes are those that were started. */
  isUnharmed(): boolean;
}

export interface Memory {
  host: number;
  studio: number;
}

/** It ends with the test. Its windows can pick from one empty folder alone. */
export async function startLivingStudio(): Promise<LivingStudio> {
  const folder = await mkdtemp(join(tmpdir(), 'receptive-living-'));
  const [workspace, root] = [join(folder, 'workspace'), join(folder, 'root')];
  mkdirSync(root);
  const host = await startWebHostProcess(
    workspace,
    ['--root', root, '--workers', '1'],
    webHostEntries.source,
  );
  onTestFinished(async () => {
    await host.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const { origin, port, searchParams } = new URL(host.address);
  const cookie = `receptive-${port}=${searchParams.get('token')}`;
  const studio = studioPid(workspace);
  const openSocket = async () => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/studio`, { origin, headers: { cookie } });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    socket.on('error', () => {});
    return socket;
  };
  return {
    origin,
    port: Number(port),
    cookie,
    workspace,
    root,
    openSocket,
    openWindow: async () => connectWindow(webSocketChannel(await openSocket()), { event: () => {} }),
    memory: () => ({ host: residentMiB(host.process.pid!), studio: residentMiB(studio) }),
    isUnharmed: () => host.process.exitCode === null && studioPid(workspace) === studio,
  };
}

/** 0 where there is no such process any more. */
function residentMiB(pid: number): number {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return Math.round(Number(stdout) / 1024);
}
