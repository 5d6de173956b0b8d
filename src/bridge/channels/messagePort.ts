/**
 * A channel over a MessagePort: an EventTarget in the window, an EventEmitter in Electron's processes. Chromium does
 * not report that the other end is gone; whoever passed the port has to, and then the channel is closed.
 */
import { type Channel, messageChannel } from './channel.ts';
import { type Parcel, ParcelEnd } from './parcels.ts';

/** The port of a window or a worker. */
export interface TargetPort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
}

/** The port of Electron's main and utility processes, `MessagePortMain`. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  start(): void;
  close(): void;
  on(type: 'message', listener: (event: { data: unknown }) => void): unknown;
  on(type: 'close', listener: () => void): unknown;
}

export function messagePortChannel(port: TargetPort | EmitterPort): Channel {
  const end = new ParcelEnd({
    post: parcel => port.postMessage(alone(parcel)),
    close: () => port.close(),
  });
  const onMessage = (event: { data: unknown }) => end.received(event.data);
  const onClose = () => end.channel.closed();
  if ('addEventListener' in port) {
    port.addEventListener('message', onMessage);
    port.addEventListener('close', onClose);
  } else {
    port.on('message', onMessage);
    port.on('close', onClose);
  }
  port.start();
  return messageChannel(end.channel);
}

/** Copies a view, since posting it would copy the whole buffer behind it. */
function alone(parcel: Parcel): Parcel {
  return 'frame' in parcel ? { ...parcel, frame: new Uint8Array(parcel.frame) } : parcel;
}
