/**
 * Limits the connections to the server. When there are too many, unauthenticated ones are closed first, oldest first,
 * so that idle or half-open connections keep nobody out.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A browser has six, and one per window. */
export const MOST_CONNECTIONS = 256;

export class Connections {
  #open = 0;
  /** Unauthenticated connections, oldest first. */
  readonly #strangers = new Set<Duplex>();

  constructor(server: Server) {
    server.on('connection', socket => this.#take(socket));
  }

  /** Marks a connection as authenticated. */
  admit(socket: Duplex): void {
    this.#strangers.delete(socket);
  }

  #take(socket: Duplex): void {
    this.#open++;
    this.#strangers.add(socket);
    socket.once('close', () => {
      this.#open--;
      this.#strangers.delete(socket);
    });
    if (this.#open <= MOST_CONNECTIONS) return;
    const [oldest] = this.#strangers;
    this.#strangers.delete(oldest!);
    oldest!.destroy();
  }
}
