/**
 * The line to the studio. It is kept for as long as the window lives: when the studio's process stops, the
 * host starts it again, and the window takes a new snapshot and goes on.
 */
import type { BirpcReturn } from 'birpc';
import type { StudioCalls, WindowCalls } from '../../bridge/contract.ts';
import { ConnectionClosed, connectWindow } from '../../bridge/rpc.ts';
import type { RunCursor, RunPage } from '../../bridge/runCalls.ts';
import { unpackRuns } from '../../bridge/runPages.ts';
import { host } from './currentHost.ts';
import { endHistory, type StudioState, takeEvent, takeRuns, takeSnapshot, useStudio } from './studioState.ts';

type Studio = BirpcReturn<StudioCalls, WindowCalls>;

/** Between two attempts to reach a studio that refuses; milliseconds. */
const RETRY_MS = 500;

let current: Studio | undefined;

/** The studio, to be called. @throws ConnectionClosed while there is none */
export function studio(): Studio {
  if (!current) throw new ConnectionClosed();
  return current;
}

/** Connects, and connects again, for ever. `onReady` is called after each snapshot. */
export async function stayConnected(onReady: () => void): Promise<never> {
  for (;;) {
    try {
      const channel = await host().connect();
      const closed = new Promise<void>(resolve => channel.onClose(resolve));
      const line = connectWindow(channel, { event: takeEvent });
      const snapshot = await line.snapshot();
      const before = useStudio.getState().runs;
      takeSnapshot(snapshot);
      current = line;
      onReady();
      await readHistory(line, snapshot.earlierRuns, before);
      await closed;
    } catch (error) {
      if (!(error instanceof ConnectionClosed)) console.warn('The studio could not be reached.', error);
      await new Promise(resolve => setTimeout(resolve, RETRY_MS));
    }
    current = undefined;
    if (useStudio.getState().connection === 'ready') useStudio.setState({ connection: 'lost' });
  }
}

/** Reads the earlier runs, while what is known of the others is shown already: a page is worked in while the next comes. */
async function readHistory(line: Studio, from: RunCursor | null, before: StudioState['runs']): Promise<void> {
  if (from === null) return;
  for (let page: Promise<RunPage> | null = line.earlierRuns(from); page; ) {
    const read: RunPage = await page;
    page = read.next && line.earlierRuns(read.next);
    // Where the line is lost meanwhile, waiting for it says so.
    page?.catch(() => {});
    // The window draws, and hears of hands, between two pages, and between what else came and a page.
    await new Promise(resolve => setTimeout(resolve));
    takeRuns(unpackRuns(read));
  }
  endHistory(before);
}
