/**
 * A channel over a WebSocket, of a browser or of the package `ws`. A frame that is no message closes the
 * channel: whoever sent it does not speak our protocol.
 */
import { decode, encode } from '../codec.ts';
import type { Channel } from './channel.ts';
import { ChannelEnd } from './end.ts';

/** What the WebSockets of browsers, of Node and of `ws` have in common. */
export interface OpenSocket {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

/** `WebSocket.OPEN`, which `ws` and browsers share. */
const OPEN = 1;

/** A channel over a socket that is open already. */
export function webSocketChannel(socket: OpenSocket): Channel {
  const end = new ChannelEnd({
    send: message => {
      if (socket.readyState === OPEN) socket.send(encode(message));
    },
    close: () => socket.close(),
  });
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    const frame = read(data);
    if (frame) end.received(frame.message);
    else end.close();
  });
  socket.addEventListener('close', () => end.closed());
  // A close always follows an error; without a listener, `ws` would throw it.
  socket.addEventListener('error', () => {});
  return end;
}

/** What a frame says; undefined when it is not a message of ours. */
function read(data: unknown): { message: unknown } | undefined {
  if (!(data instanceof ArrayBuffer)) return undefined;
  try {
    return { message: decode(new Uint8Array(data)) };
  } catch {
    return undefined;
  }
}

/** Opens a socket. Rejects when the other side does not answer or refuses. */
export function openWebSocket(url: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(webSocketChannel(socket)), { once: true });
    socket.addEventListener('close', () => reject(new Error('The studio does not answer.')), { once: true });
  });
}
