/**
 * Many channels over one pipe: a child process has a single message stream to its parent, and every window
 * needs a channel of its own. It orders nothing between channels and looks into no message.
 */
import type { Channel } from '../bridge/channels/channel.ts';
import { ChannelEnd } from '../bridge/channels/end.ts';

/** What crosses the pipe. Channel 0 is there from the start; the side that opens the others numbers them. */
export type Frame =
  | { type: 'opened' | 'closed'; channel: number }
  | { type: 'message'; channel: number; message: unknown };

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
    const channel = ++this.#last;
    this.#send({ type: 'opened', channel });
    return this.#end(channel);
  }

  received(frame: Frame): void {
    const { type, channel } = frame;
    if (type === 'opened') this.#onOpen?.(this.#end(channel));
    else if (type === 'message') this.#ends.get(channel)?.received(frame.message);
    else {
      this.#ends.get(channel)?.closed();
      this.#ends.delete(channel);
    }
  }

  /** The pipe broke: so did every channel. */
  closed(): void {
    for (const end of this.#ends.values()) end.closed();
    this.#ends.clear();
  }

  #end(channel: number): ChannelEnd {
    const end = new ChannelEnd({
      send: message => this.#send({ type: 'message', channel, message }),
      close: () => {
        this.#ends.delete(channel);
        this.#send({ type: 'closed', channel });
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
