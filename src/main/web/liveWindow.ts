/**
 * A window that is served from its sources and changes while it is open, as `npm run dev` has it (scripts/dev.ts). The
 * program that people get has none: there the window is files.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface LiveWindow {
  /** What the page shows when it connects to hear of changes; it opens the studio too, so that there is one token. */
  readonly token: string;
  /** Which inline scripts the page may run. */
  readonly nonce: string;
  page(): Promise<string>;
  /** Answers what the page asks for. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Takes the connection by which the page hears of changes. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}
