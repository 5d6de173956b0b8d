/**
 * Encodes messages as MessagePack (msgpackr). Every message is self-contained (no shared record structures), so that
 * either side may reconnect at any time, and no code is generated at run time, which the window's content security
 * policy forbids. Limits are checked by messageFrames.ts before sending and reading.
 */
import { Packr } from 'msgpackr';
import { checkFrame, MessageError, tooDeep } from './messageFrames.ts';

const packr = new Packr({
  useRecords: false,
  moreTypes: true,
  int64AsType: 'number',
  // Records of more than 65,535 entries.
  variableMapSize: true,
  // `toJSON` may be the name of a parameter.
  useToJSON: false,
  writeFunction: () => {
    throw new MessageError('A function cannot be sent: it could not be cloned.');
  },
});

/** Above this size (bytes) msgpackr's buffer is not kept for later messages. */
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
    // A stack overflow: deeply nested or circular.
    if (error instanceof RangeError) throw new MessageError(tooDeep);
    throw new MessageError(`This cannot be sent: ${(error as Error).message}.`);
  }
}
