/**
 * A channel inside one process: for tests, and for a client that shares the studio's process. Messages are
 * cloned and arrive later, in their order, as over any other transport.
 */
import type { Channel } from './channel.ts';
import { ChannelEnd } from './end.ts';

/** Two ends of one channel. */
export function queueChannels(): [Channel, Channel] {
  const left: ChannelEnd = new ChannelEnd({
    send: message => deliver(right, message),
    close: () => queueMicrotask(() => right.closed()),
  });
  const right: ChannelEnd = new ChannelEnd({
    send: message => deliver(left, message),
    close: () => queueMicrotask(() => left.closed()),
  });
  return [left, right];
}

function deliver(end: ChannelEnd, message: unknown): void {
  const copy: unknown = structuredClone(message);
  queueMicrotask(() => end.received(copy));
}
