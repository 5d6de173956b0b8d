/**
 * A bidirectional message channel, as rpc.ts needs it, over a MessagePort, a WebSocket or a queue. Transports carry
 * frames, the encoded messages, which intermediaries do not decode.
 */
import { decode, encode } from '../codec.ts';

export interface Channel<Message = unknown> {
  /**
   * Resolves when the other side has processed the message, or, where that is unknown, when it has left this process;
   * also when the channel closes. Sending on a closed channel has no effect.
   *
   * @throws MessageError where it cannot be sent
   */
  send(message: Message): Promise<void>;
  /**
   * A message is being processed until the listener's promise resolves; with many in progress, the other side has to
   * wait.
   */
  onMessage(listener: (message: Message) => unknown): void;
  /** Called once, whichever side closed it. */
  onClose(listener: () => void): void;
  close(fault?: string): void;
  /** The error for which it was closed, if any. */
  readonly fault: string | undefined;
}

export type FrameChannel = Channel<Uint8Array>;

/** Encodes messages as frames. A frame that cannot be decoded closes the channel. */
export function messageChannel(frames: FrameChannel): Channel {
  return {
    send: message => frames.send(encode(message)),
    onMessage: listener => frames.onMessage(frame => listener(decode(frame))),
    onClose: listener => frames.onClose(listener),
    close: fault => frames.close(fault),
    get fault() {
      return frames.fault;
    },
  };
}

/** Connects two channels: each forwards what it receives to the other, with backpressure, and both close together. */
export function pipe<Message>(left: Channel<Message>, right: Channel<Message>): void {
  left.onMessage(message => right.send(message));
  right.onMessage(message => left.send(message));
  left.onClose(() => right.close(left.fault));
  right.onClose(() => left.close(right.fault));
}
