/**
 * Frames over a transport without acknowledgements, such as a MessagePort or a process's message stream: frames are
 * numbered, and acknowledged by number.
 */
import { type Bounds, FrameEnd } from './end.ts';

export type Parcel = { number: number; frame: Uint8Array } | { taken: number };

export interface ParcelPipe {
  post(parcel: Parcel): void;
  close(fault: string | undefined): void;
}

export class ParcelEnd {
  readonly channel: FrameEnd;
  readonly #pipe: ParcelPipe;
  readonly #untaken = new Map<number, () => void>();
  #last = 0;

  constructor(pipe: ParcelPipe, bounds?: Bounds) {
    this.#pipe = pipe;
    const send = (frame: Uint8Array) =>
      new Promise<void>(resolve => {
        const number = ++this.#last;
        this.#untaken.set(number, resolve);
        pipe.post({ number, frame });
      });
    this.channel = new FrameEnd({ send, close: fault => pipe.close(fault) }, bounds);
  }

  /** Called by the transport. Anything but a parcel closes the channel. */
  received(parcel: unknown): void {
    if (!isParcel(parcel)) this.channel.close('This is no message of window or studio.');
    else if ('taken' in parcel) {
      this.#untaken.get(parcel.taken)?.();
      this.#untaken.delete(parcel.taken);
    } else {
      const taken = { taken: parcel.number };
      this.channel.received(parcel.frame).then(() => this.#pipe.post(taken));
    }
  }
}

function isParcel(value: unknown): value is Parcel {
  if (typeof value !== 'object' || value === null) return false;
  if ('taken' in value) return typeof value.taken === 'number';
  return (
    'frame' in value &&
    value.frame instanceof Uint8Array &&
    'number' in value &&
    typeof value.number === 'number'
  );
}
