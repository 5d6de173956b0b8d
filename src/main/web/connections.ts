/**
 * The connections to the server. Their number is bounded, and whoever has not shown yet that it may come in makes room
 * first: connections that say nothing, or half of something, keep nobody out.
 */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A browser has six, and one for each window. */
export const MOST_CONNECTIONS = 256;

export class Connections {
  #open = 0;
  /** In the order in which they came. */
  readonly #strangers = new Set<Duplex>();

  constructor(server: Server) {
    server.on('connection', socket => this.#take(socket));
  }

  /** This one has shown that it may come in. */
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
