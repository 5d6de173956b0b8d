/**
 * Many channels over one pipe: a child process has a single message stream to its parent, and every window
 * needs a channel of its own. It orders nothing between channels and looks into no message.
 */
import { type Channel, type FrameChannel, messageChannel } from '../bridge/channels/channel.ts';
import { type Bounds, unbounded } from '../bridge/channels/end.ts';
import { type Parcel, ParcelEnd } from '../bridge/channels/parcels.ts';

/** What crosses the pipe. Channel 0 is there from the start; the side that opens the others numbers them. */
export type MultiplexerFrame =
  | { type: 'opened'; channel: number }
  | { type: 'closed'; channel: number; fault: string | undefined }
  | { type: 'parcel'; channel: number; parcel: Parcel };

export class Multiplexer {
  /** The channel that both sides have without opening it. */
  readonly control: Channel;
  readonly #send: (frame: MultiplexerFrame) => void;
  readonly #onOpen: ((channel: FrameChannel) => void) | undefined;
  readonly #ends = new Map<number, ParcelEnd>();
  #last = 0;

  /** `onOpen` hears of each channel that the other side opened; only one side may open any. */
  constructor(send: (frame: MultiplexerFrame) => void, onOpen?: (channel: FrameChannel) => void) {
    this.#send = send;
    this.#onOpen = onOpen;
    this.control = messageChannel(this.#end(0, unbounded));
  }

  open(): FrameChannel {
    const channel = ++this.#last;
    this.#send({ type: 'opened', channel });
    return this.#end(channel);
  }

  received(frame: MultiplexerFrame): void {
    const { type, channel } = frame;
    const end = this.#ends.get(channel);
    if (type === 'opened') this.#onOpen?.(this.#end(channel));
    else if (type === 'parcel') end?.received(frame.parcel);
    else {
      this.#ends.delete(channel);
      end?.channel.closed(frame.fault);
    }
  }

  /** The pipe broke: so did every channel. */
  closed(): void {
    for (const { channel } of this.#ends.values()) channel.closed();
    this.#ends.clear();
  }

  #end(channel: number, bounds?: Bounds): FrameChannel {
    const end = new ParcelEnd(
      {
        post: parcel => this.#send({ type: 'parcel', channel, parcel }),
        close: fault => {
          this.#ends.delete(channel);
          this.#send({ type: 'closed', channel, fault });
        },
      },
      bounds,
    );
    this.#ends.set(channel, end);
    return end.channel;
  }
}
