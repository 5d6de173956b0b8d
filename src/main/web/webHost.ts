/** The web host: one supervised studio behind one local server. Used by web/main.ts and by `receptive serve`. */
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
  /** The folders that windows may browse. */
  roots: string[];
  workers: number | null;
  /** Serves the window from sources; by default the built one. */
  live?: LiveWindow;
  /** The studio died and could not be restarted. */
  onLost(error: Error): void;
}

export interface WebHost {
  /** `http://127.0.0.1:PORT/?token=…` */
  readonly address: string;
  /** An address that works once. */
  ticketAddress(): string;
  /** Restarts the studio, e.g. when its sources have changed. */
  restartStudio(): Promise<void>;
  close(): Promise<void>;
}

/** Rejects with a UserError where the port or the workspace is not available. */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const { port, workspace, roots, workers, live, onLost } = options;
  // The port comes first: if it is not available, the workspace is not touched.
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
