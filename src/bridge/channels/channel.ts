/**
 * A two-way pipe for whole messages: what rpc.ts needs of a MessagePort, a WebSocket or a queue. Transports carry
 * frames, the bytes of messages; whoever only passes them on looks into none.
 */
import { decode, encode } from '../codec.ts';

export interface Channel<Message = unknown> {
  /**
   * Resolves once the other side has taken it: its listener's work is done, or where that cannot be known, it left
   * this process. Resolves too when the channel closes. Sending on a closed channel does nothing.
   *
   * @throws MessageError where it cannot be sent
   */
  send(message: Message): Promise<void>;
  /** What a listener returns a promise for is at work; with much at work, the other side is held back. */
  onMessage(listener: (message: Message) => unknown): void;
  /** Called once, whichever side closed it. */
  onClose(listener: () => void): void;
  close(fault?: string): void;
  /** Why it was closed, if that was a fault. */
  readonly fault: string | undefined;
}

export type FrameChannel = Channel<Uint8Array>;

/** Messages over frames. A frame that is no message closes the channel: whoever sent it does not speak our protocol. */
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

/** Joins two channels end to end: what one receives the other sends, as fast as the slower takes it; both close together. */
export function pipe<Message>(left: Channel<Message>, right: Channel<Message>): void {
  left.onMessage(message => right.send(message));
  right.onMessage(message => left.send(message));
  left.onClose(() => right.close(left.fault));
  right.onClose(() => left.close(right.fault));
}
