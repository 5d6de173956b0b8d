/**
 * One end of a channel, as every transport needs it: who listens, what came before anyone did, and closing
 * once. It knows no transport; each gives it two functions and tells it what arrives.
 */
import type { Channel } from './channel.ts';

export interface Transport {
  send(message: unknown): void;
  close(): void;
}

export class ChannelEnd implements Channel {
  readonly #transport: Transport;
  readonly #messageListeners: ((message: unknown) => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];
  /** Messages from before the first listener, which get it in their order. */
  #early: unknown[] = [];
  #closed = false;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  send(message: unknown): void {
    if (!this.#closed) this.#transport.send(message);
  }

  onMessage(listener: (message: unknown) => void): void {
    this.#messageListeners.push(listener);
    const early = this.#early;
    this.#early = [];
    for (const message of early) listener(message);
  }

  onClose(listener: () => void): void {
    if (this.#closed) queueMicrotask(listener);
    else this.#closeListeners.push(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.closed();
    this.#transport.close();
  }

  /** The transport tells: this message came. */
  received(message: unknown): void {
    if (this.#closed) return;
    if (this.#messageListeners.length === 0) this.#early.push(message);
    for (const listener of this.#messageListeners) listener(message);
  }

  /** The transport tells: the other side is gone. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#early = [];
    for (const listener of this.#closeListeners) listener();
  }
}
