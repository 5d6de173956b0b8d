/** A channel over a WebSocket, of a browser or of the package `ws`: each binary message is a frame. */
import { type Channel, type FrameChannel, messageChannel } from './channel.ts';
import { type Bounds, FrameEnd, type Transport, unbounded } from './end.ts';

/** The common interface of WebSockets in browsers, Node and `ws`. */
export interface OpenSocket {
  binaryType: string;
  readonly readyState: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { reason: string }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

/** What `ws` provides in addition: a callback after sending, and pausing. */
interface PausableSocket extends OpenSocket {
  send(data: Uint8Array<ArrayBuffer>, left?: () => void): void;
  pause(): void;
  resume(): void;
}

/** `WebSocket.OPEN`, which `ws` and browsers share. */
const WEB_SOCKET_OPEN = 1;
/** RFC 6455's close code for a policy violation, and the length limit of a reason. */
const POLICY_VIOLATION = 1008;
const LONGEST_REASON = 123;

/** A window's channel over an open socket. Its calls are queued, however slow the studio is. */
export function webSocketChannel(socket: OpenSocket): Channel {
  return messageChannel(webSocketFrames(socket, unbounded));
}

/** The same for an intermediary. */
export function webSocketFrames(socket: OpenSocket, bounds?: Bounds): FrameChannel {
  const pausable = 'pause' in socket ? (socket as PausableSocket) : undefined;
  const transport: Transport = {
    send: async bytes => {
      const frame = bytes as Uint8Array<ArrayBuffer>;
      if (socket.readyState !== WEB_SOCKET_OPEN) return;
      if (pausable) await new Promise<void>(left => pausable.send(frame, () => left()));
      else socket.send(frame);
    },
    close: fault => (fault === undefined ? socket.close() : socket.close(POLICY_VIOLATION, shortened(fault))),
    hold: held => (held ? pausable?.pause() : pausable?.resume()),
  };
  const end = new FrameEnd(transport, bounds);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) end.received(new Uint8Array(data));
    else end.close('Messages of window and studio are bytes, not text.');
  });
  socket.addEventListener('close', ({ reason }) => end.closed(reason || undefined));
  // `close` always follows `error`; without a listener `ws` would throw.
  socket.addEventListener('error', () => {});
  return end;
}

/** Opens a socket. Rejects when the other side does not answer or refuses. */
export function openWebSocket(url: string): Promise<Channel> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(webSocketChannel(socket)), { once: true });
    socket.addEventListener('close', () => reject(new Error('The studio does not answer.')), { once: true });
  });
}

/** A close reason is limited in length. */
function shortened(fault: string): string {
  let text = fault;
  while (new TextEncoder().encode(text).length > LONGEST_REASON) text = text.slice(0, -1);
  return text;
}
