/**
 * Messages as bytes, for transports that cannot clone: MessagePack, by msgpackr. Every message stands alone (no
 * shared record structures), so that either side may reconnect at any message, and no code is generated from
 * what arrives: the window's content security policy forbids it.
 */
import { Packr } from 'msgpackr';

const packr = new Packr({ useRecords: false, moreTypes: true, int64AsType: 'number' });

export function encode(message: unknown): Uint8Array<ArrayBuffer> {
  return packr.pack(message) as Uint8Array<ArrayBuffer>;
}

/** Throws where the bytes are no message. */
export function decode(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}
