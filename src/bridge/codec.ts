/**
 * Messages as bytes: MessagePack, by msgpackr. Every message stands alone (no shared record structures), so that
 * either side may reconnect at any message, and no code is generated from what arrives: the window's content
 * security policy forbids it. What frames.ts does not let pass is neither sent nor read.
 */
import { Packr } from 'msgpackr';
import { checkFrame, MessageError, tooDeep } from './messageFrames.ts';

const packr = new Packr({
  useRecords: false,
  moreTypes: true,
  int64AsType: 'number',
  // Records of more than 65,535 entries.
  variableMapSize: true,
  // A parameter called toJSON is a parameter.
  useToJSON: false,
  writeFunction: () => {
    throw new MessageError('A function cannot be sent: it could not be cloned.');
  },
});

/** Above this size (bytes) msgpackr does not keep its buffer for the messages that follow: it begins anew with this one. */
const LARGE_MESSAGE_BYTES = 2 ** 20;
const small = packr.pack(null);

/** @throws MessageError where the message is too large, too deep or holds what cannot be sent */
export function encode(message: unknown): Uint8Array<ArrayBuffer> {
  const frame = pack(message);
  // biome-ignore lint/correctness/useHookAtTopLevel: it is none of React's.
  if (frame.length > LARGE_MESSAGE_BYTES) packr.useBuffer(small);
  checkFrame(frame);
  return frame;
}

/** @throws MessageError where the bytes are no message */
export function decode(bytes: Uint8Array): unknown {
  checkFrame(bytes);
  try {
    return packr.unpack(bytes);
  } catch (error) {
    throw new MessageError(`These bytes are no message: ${(error as Error).message}.`);
  }
}

function pack(message: unknown): Uint8Array<ArrayBuffer> {
  try {
    return packr.pack(message) as Uint8Array<ArrayBuffer>;
  } catch (error) {
    if (error instanceof MessageError) throw error;
    // The stack is full: of what is deep, or of what holds itself.
    if (error instanceof RangeError) throw new MessageError(tooDeep);
    throw new MessageError(`This cannot be sent: ${(error as Error).message}.`);
  }
}
