/**
 * The web host: one supervised studio behind one local server. It is given its options and prints nothing but
 * what it is asked to; its two callers are web/main.ts and the command `receptive serve`.
 */
import type { FrameChannel } from '../../bridge/channels/channel.ts';
import { rendererFolder } from '../entries.ts';
import { fetchHandler } from '../fetchHandler.ts';
import { Supervisor } from '../supervisor.ts';
import type { LiveWindow } from './liveWindow.ts';
import { startWebServer } from './server.ts';
import { launchStudioChild } from './studioChild.ts';

export interface WebHostOptions {
  /** 0: any that is free. */
  port: number;
  workspace: string;
  /** The folders that a window may pick from. */
  roots: string[];
  workers: number | null;
  /** The window from its sources; without it, the one that was built. */
  live?: LiveWindow;
  /** The studio died and could not be opened again. */
  onLost(error: Error): void;
}

export interface WebHost {
  /** `http://127.0.0.1:PORT/?token=…` */
  readonly address: string;
  /** An address that works once. */
  ticketAddress(): string;
  /** Starts the studio anew, as where its files changed. */
  restartStudio(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with a UserError where port or workspace cannot be had. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const { port, workspace, roots, workers, live, onLost } = options;
  // The port comes first, so that where it cannot be had the workspace is left alone.
  const server = await startWebServer({
    port,
    handle: fetchHandler({
      root: rendererFolder(),
      page: 'web.html',
      live,
      media: path => supervisor.media(path),
      upload: (path, parts) => supervisor.upload(path, parts),
    }),
    live,
    onWindow: window => supervisor.join(window).catch(() => window.close()),
  });
  const supervisor = new Supervisor<FrameChannel>({
    studio: { workspace, roots, workers },
    launch: launchStudioChild,
    onLost,
  });
  const close = async () => {
    await supervisor.close();
    await server.close();
  };
  try {
    await supervisor.opened();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    address: server.access.address(),
    ticketAddress: () => server.access.ticketAddress(),
    restartStudio: () => supervisor.restart(),
    close,
  };
}
