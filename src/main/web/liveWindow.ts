/**
 * A window served from sources with hot module replacement, for `npm run dev` (scripts/dev.ts). The packaged program
 * has none.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface LiveWindow {
  /** The token of the page's hot-reload connection, which is the studio's token as well. */
  readonly token: string;
  /** The CSP nonce of inline scripts. */
  readonly nonce: string;
  page(): Promise<string>;
  /** Serves the page's modules. */
  serve(request: IncomingMessage, response: ServerResponse): void;
  /** Accepts the hot-reload connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}
