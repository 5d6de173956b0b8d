/**
 * One end of a channel of frames, shared by all transports: listeners, early messages, backpressure, closing once.
 *
 * Unprocessed data are bounded in both directions. With many received frames in progress, the other side has to wait,
 * if the transport supports that; if it does not, or if the other side does not read, the channel is closed: a window
 * then reconnects and requests a snapshot.
 */
import { MOST_FRAME_BYTES } from '../messageFrames.ts';
import type { FrameChannel } from './channel.ts';

export interface Transport {
  /** Resolves when the other side has processed it; possibly never if the transport is gone. */
  send(frame: Uint8Array): Promise<void>;
  close(fault: string | undefined): void;
  /** Tells the other side to wait, or to continue. Missing where that is not supported. */
  hold?(held: boolean): void;
}

export interface Bounds {
  /** The most unprocessed bytes per direction. */
  underWay: number;
  /** The most frames processed at once; others wait. */
  atWork: number;
}

/** Bytes in progress from which on the other side has to wait. */
const BYTES_AT_WORK = 16 * 2 ** 20;
/** Additional memory per frame, in bytes. */
const FRAME_OVERHEAD_BYTES = 1024;

/** Enough for a long burst of events over a slow line, and for all concurrent calls of a window. */
const windowBounds: Bounds = { underWay: 64 * 2 ** 20, atWork: 16 };
/** For channels between our own processes. */
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
  /** Received frames that wait for a listener or for others. */
  #queue: (() => Promise<void>)[] = [];
  #closed = false;
  /** Bytes sent but not processed, and who waits for them. */
  #sent = 0;
  readonly #senders = new Set<() => void>();
  #framesAtWork = 0;
  /** Bytes received but not processed. */
  #came = 0;
  #held = false;

  constructor(transport: Transport, bounds = windowBounds) {
    this.#transport = transport;
    this.#bounds = bounds;
  }

  send(frame: Uint8Array): Promise<void> {
    return new Promise(resolve => {
      if (this.#closed) return resolve();
      // A single frame of any size may be sent while little else is pending.
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

  /** Called by the transport for a received frame. Resolves when it has been processed. */
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

  /** Called by the transport when the other side is gone. */
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

  /** Processes waiting frames up to the limit, and holds the other side while there are more. */
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

  /** An error while processing a frame closes only this channel. */
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
