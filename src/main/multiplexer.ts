/**
 * Many channels over one pipe: a child process has a single message stream to its parent, and every window
 * needs a channel of its own. It orders nothing between channels and looks into no message.
 */
import type { Channel } from '../bridge/channels/channel.ts';
import { ChannelEnd } from '../bridge/channels/end.ts';

/** What crosses the pipe. Channel 0 is there from the start; the side that opens the others numbers them. */
export type Frame = { channel: number; message: unknown } | { channel: number; closed: true };

export class Multiplexer {
  /** The channel that both sides have without opening it. */
  readonly control: Channel;
  readonly #send: (frame: Frame) => void;
  readonly #onOpen: ((channel: Channel) => void) | undefined;
  readonly #ends = new Map<number, ChannelEnd>();
  #last = 0;

  /** `onOpen` hears of each channel that the other side opened; only one side may open any. */
  constructor(send: (frame: Frame) => void, onOpen?: (channel: Channel) => void) {
    this.#send = send;
    this.#onOpen = onOpen;
    this.control = this.#end(0);
  }

  open(): Channel {
    return this.#end(++this.#last);
  }

  received(frame: Frame): void {
    const { channel } = frame;
    if (channel > this.#last) {
      this.#last = channel;
      this.#onOpen?.(this.#end(channel));
    }
    const end = this.#ends.get(channel);
    if ('closed' in frame) {
      this.#ends.delete(channel);
      end?.closed();
    } else {
      end?.received(frame.message);
    }
  }

  /** The pipe broke: so did every channel. */
  closed(): void {
    for (const end of this.#ends.values()) end.closed();
    this.#ends.clear();
  }

  #end(channel: number): ChannelEnd {
    const end = new ChannelEnd({
      send: message => this.#send({ channel, message }),
      close: () => {
        this.#ends.delete(channel);
        this.#send({ channel, closed: true });
      },
    });
    this.#ends.set(channel, end);
    return end;
  }
}

/** Joins two channels end to end: what one receives the other sends, and both close together. */
export function pipe(left: Channel, right: Channel): void {
  left.onMessage(message => right.send(message));
  right.onMessage(message => left.send(message));
  left.onClose(() => right.close());
  right.onClose(() => left.close());
}
