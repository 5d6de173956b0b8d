/**
 * A channel within one process, for tests and for clients in the studio's process. Messages are copied and delivered
 * asynchronously, in order.
 */
import { type Channel, messageChannel } from './channel.ts';
import { FrameEnd } from './end.ts';

/** Two ends of one channel. */
export function queueChannels(): [Channel, Channel] {
  const left: FrameEnd = new FrameEnd({
    send: frame => later(() => right.received(frame)),
    close: fault => void later(async () => right.closed(fault)),
  });
  const right: FrameEnd = new FrameEnd({
    send: frame => later(() => left.received(frame)),
    close: fault => void later(async () => left.closed(fault)),
  });
  return [messageChannel(left), messageChannel(right)];
}

function later(deliver: () => Promise<void>): Promise<void> {
  return Promise.resolve().then(deliver);
}
