/**
 * One end of a channel of frames, as every transport needs it: who listens, what came before anyone did, how much is
 * under way, and closing once. It knows no transport; each gives it a few functions and tells it what arrives.
 *
 * What is under way is bounded both ways. With much of what came still at work, the other side is held back, where the
 * transport can do that; where it cannot, or where the other side does not take what it is sent, the channel is closed:
 * a window then connects anew and asks for a snapshot.
 */
import { MOST_FRAME_BYTES } from '../messageFrames.ts';
import type { FrameChannel } from './channel.ts';

export interface Transport {
  /** Resolves once the other side has taken it. When the transport is gone, it may never do so. */
  send(frame: Uint8Array): Promise<void>;
  close(fault: string | undefined): void;
  /** Whether the other side must wait. Absent where it cannot be told to. */
  hold?(held: boolean): void;
}

export interface Bounds {
  /** Bytes that may be under way, each direction by itself. */
  underWay: number;
  /** Frames that are at work at once: the next ones wait. */
  atWork: number;
}

/** Bytes at work from which on the other side waits. */
const BYTES_AT_WORK = 16 * 2 ** 20;
/** Bytes that a frame takes beside its own. */
const FRAME_OVERHEAD_BYTES = 1024;

/** Enough for a long burst of events to a window behind a slow line, and for all that a window asks at once. */
const windowBounds: Bounds = { underWay: 64 * 2 ** 20, atWork: 16 };
/** Between processes of ours, which both take what comes. */
export const unbounded: Bounds = {
  underWay: Number.POSITIVE_INFINITY,
  atWork: Number.POSITIVE_INFINITY,
};

const notTaken = 'It does not take what it is sent.';
const tooFast = 'It sends faster than it can be answered.';

type Listener = (frame: Uint8Array) => unknown;

export class FrameEnd implements FrameChannel {
  readonly #transport: Transport;
  readonly #bounds: Bounds;
  readonly #listeners: Listener[] = [];
  readonly #closeListeners: (() => void)[] = [];
  #fault: string | undefined;
  /** What came and waits, for a listener or for what is at work. */
  #queue: (() => Promise<void>)[] = [];
  #closed = false;
  /** Bytes that were sent and not taken, and whoever waits for that. */
  #sent = 0;
  readonly #senders = new Set<() => void>();
  #framesAtWork = 0;
  /** Bytes that came and are not worked off, waiting or at work. */
  #came = 0;
  #held = false;

  constructor(transport: Transport, bounds = windowBounds) {
    this.#transport = transport;
    this.#bounds = bounds;
  }

  send(frame: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      if (this.#closed) return resolve();
      // However large it is, a frame may be sent while little else is under way.
      if (this.#sent > this.#bounds.underWay) {
        this.close(notTaken);
        return resolve();
      }
      const size = frame.length + FRAME_OVERHEAD_BYTES;
      this.#sent += size;
      this.#senders.add(resolve);
      const taken = () => {
        this.#sent -= size;
        this.#senders.delete(resolve);
        resolve();
      };
      this.#transport.send(frame).then(taken, error => this.close(sentenceOf(error)));
    });
  }

  onMessage(listener: Listener): void {
    this.#listeners.push(listener);
    this.#work();
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  onClose(listener: () => void): void {
    if (this.#closed) queueMicrotask(listener);
    else this.#closeListeners.push(listener);
  }

  close(fault?: string): void {
    if (this.#closed) return;
    this.closed(fault);
    this.#transport.close(fault);
  }

  /** The transport tells: this frame came. Resolves when it was worked off. */
  received(frame: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      if (this.#closed) return resolve();
      const size = frame.length + FRAME_OVERHEAD_BYTES;
      this.#came += size;
      if (this.#came > this.#bounds.underWay + BYTES_AT_WORK + MOST_FRAME_BYTES) {
        this.close(tooFast);
        return resolve();
      }
      this.#queue.push(async () => {
        await this.#give(frame);
        this.#came -= size;
        resolve();
      });
      this.#work();
    });
  }

  /** The transport tells: the other side is gone. */
  closed(fault?: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#fault = fault;
    this.#queue = [];
    if (this.#held) this.#transport.hold?.(false);
    for (const taken of this.#senders) taken();
    this.#senders.clear();
    for (const listener of this.#closeListeners) listener();
  }

  /** Begins with as much of what waits as may be at work, and holds the other side back while there is more. */
  #work(): void {
    while (this.#listeners.length > 0 && this.#framesAtWork < this.#bounds.atWork) {
      const next = this.#queue.shift();
      if (!next) break;
      this.#framesAtWork++;
      next().then(() => {
        this.#framesAtWork--;
        this.#work();
      });
    }
    const held = this.#framesAtWork >= this.#bounds.atWork || this.#came >= BYTES_AT_WORK;
    if (held === this.#held || this.#closed) return;
    this.#held = held;
    this.#transport.hold?.(held);
  }

  /** A fault of what came, or of who answers it, ends this channel and nothing else. */
  async #give(frame: Uint8Array): Promise<void> {
    try {
      await Promise.all(this.#listeners.map(async listener => listener(frame)));
    } catch (error) {
      this.close(sentenceOf(error));
    }
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
