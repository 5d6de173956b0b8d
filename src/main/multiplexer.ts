/**
 * Multiplexes channels over one message stream: a child process has a single one to its parent, and each window needs a
 * channel.
 */
import { type Channel, type FrameChannel, messageChannel } from '../bridge/channels/channel.ts';
import { type Bounds, unbounded } from '../bridge/channels/end.ts';
import { type Parcel, ParcelEnd } from '../bridge/channels/parcels.ts';

/** A message of the stream. Channel 0 always exists; the side that opens channels numbers them. */
export type MultiplexerFrame =
  | { type: 'opened'; channel: number }
  | { type: 'closed'; channel: number; fault: string | undefined }
  | { type: 'parcel'; channel: number; parcel: Parcel };

export class Multiplexer {
  /** Channel 0. */
  readonly control: Channel;
  readonly #send: (frame: MultiplexerFrame) => void;
  readonly #onOpen: ((channel: FrameChannel) => void) | undefined;
  readonly #ends = new Map<number, ParcelEnd>();
  #last = 0;

  /** `onOpen` is called for each channel that the other side opens; only one side may open channels. */
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

  /** The stream has ended, and with it all channels. */
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
