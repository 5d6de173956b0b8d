/**
 * Checks frames (encoded messages) for size, depth, memory and types of values, before sending and before decoding,
 * without recursion or creating values. So no frame can overflow the stack or exhaust memory, and what one end sends
 * the other can read. The format is MessagePack (github.com/msgpack/msgpack/blob/master/spec.md).
 */

/** The largest frame, in bytes: a project file with room to spare. */
export const MOST_FRAME_BYTES = 64 * 2 ** 20;
/** Nesting of lists and records. Projects need fourteen. */
export const MOST_LEVELS = 100;
/** The most memory of a message's values, in bytes; a project of a hundred thousand layers takes most of it. */
const MOST_MEMORY = 128 * 2 ** 20;

/** JavaScript's memory for a list or record, for a list's item, and for a record's entry, at most. */
const CONTAINER = 64;
const ITEM_BYTES = 8;
const ENTRY_BYTES = 64;
/** Large records are hash tables, whose entries take more memory, and a microsecond or more to create. */
const LARGE_RECORD = 1024;
const TABLE_ENTRY = 256;

/** The extension types used by msgpackr: undefined, and typed arrays. */
const UNDEFINED = 0x00;
const TYPED_ARRAY = 0x74;

/** A message that cannot be sent, or an invalid frame. Its name makes it a user error, so that the message is shown. */
export class MessageError extends Error {
  override readonly name = 'UserError';
}

export const tooDeep = `What is sent between window and studio can be nested ${MOST_LEVELS} levels deep at most, and this is deeper: the values of a parameter are meant to be numbers, words and short lists.`;
const tooLarge = `What is sent between window and studio can have ${MOST_FRAME_BYTES / 2 ** 20} MiB at most, and this is larger: make it smaller or divide it.`;
const tooMuch =
  'What is sent between window and studio holds more values than fit into memory: make it smaller or divide it.';
const broken = 'These bytes are no message of window or studio.';

/**
 * For each open list or record the number of missing items, and whether it is a record, whose keys and values
 * alternate.
 */
const left = new Float64Array(MOST_LEVELS + 1);
const isRecord = new Uint8Array(MOST_LEVELS + 1);

/** @throws MessageError where the frame holds no message, or one beyond the limits */
export function checkFrame(frame: Uint8Array): void {
  if (frame.length > MOST_FRAME_BYTES) throw new MessageError(tooLarge);
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  let at = 0;
  let level = 0;
  let memory = 0;
  left[0] = 1;
  isRecord[0] = 0;

  /** An unsigned number of one, two or four bytes. */
  const length = (bytes: number): number => {
    if (at + bytes > frame.length) throw new MessageError(broken);
    at += bytes;
    if (bytes === 1) return view.getUint8(at - 1);
    return bytes === 2 ? view.getUint16(at - 2) : view.getUint32(at - 4);
  };
  const skip = (bytes: number): void => {
    at += bytes;
    if (at > frame.length) throw new MessageError(broken);
  };
  const open = (items: number, record: boolean): void => {
    // Each item has at least one byte: a longer announced length is invalid.
    if (items > frame.length - at) throw new MessageError(broken);
    const entry = items / 2 > LARGE_RECORD ? TABLE_ENTRY : ENTRY_BYTES;
    memory += CONTAINER + (record ? (items / 2) * entry : items * ITEM_BYTES);
    if (memory > MOST_MEMORY) throw new MessageError(tooMuch);
    if (++level > MOST_LEVELS) throw new MessageError(tooDeep);
    left[level] = items;
    isRecord[level] = record ? 1 : 0;
  };
  const extension = (bytes: number): void => {
    const type = length(1);
    if (type !== TYPED_ARRAY && !(type === UNDEFINED && bytes === 1)) throw new MessageError(broken);
    skip(bytes);
  };

  for (;;) {
    while (level > 0 && left[level] === 0) level--;
    if (left[level] === 0) break;
    const isKey = isRecord[level] === 1 && left[level]! % 2 === 0;
    left[level]!--;
    const token = length(1);
    if (isKey && !isString(token)) throw new MessageError(broken);
    if (token < 0x80 || token >= 0xe0) continue;
    if (token < 0x90) open((token & 0x0f) * 2, true);
    else if (token < 0xa0) open(token & 0x0f, false);
    else if (token < 0xc0) skip(token & 0x1f);
    else {
      switch (token) {
        case 0xc0: // null
        case 0xc2: // false
        case 0xc3: // true
          break;
        case 0xc4: // bytes
        case 0xd9: // string
          skip(length(1));
          break;
        case 0xc5:
        case 0xda:
          skip(length(2));
          break;
        case 0xc6:
        case 0xdb:
          skip(length(4));
          break;
        case 0xc7: // extension
          extension(length(1));
          break;
        case 0xc8:
          extension(length(2));
          break;
        case 0xc9:
          extension(length(4));
          break;
        case 0xcc: // numbers of one, two, four and eight bytes
        case 0xd0:
          skip(1);
          break;
        case 0xcd:
        case 0xd1:
          skip(2);
          break;
        case 0xca:
        case 0xce:
        case 0xd2:
          skip(4);
          break;
        case 0xcb:
        case 0xcf:
        case 0xd3:
          skip(8);
          break;
        case 0xd4: // extension of one, two, four, eight and sixteen bytes
        case 0xd5:
        case 0xd6:
        case 0xd7:
        case 0xd8:
          extension(2 ** (token - 0xd4));
          break;
        case 0xdc: // list
          open(length(2), false);
          break;
        case 0xdd:
          open(length(4), false);
          break;
        case 0xde: // record
          open(length(2) * 2, true);
          break;
        case 0xdf:
          open(length(4) * 2, true);
          break;
        default:
          throw new MessageError(broken);
      }
    }
  }
  if (at !== frame.length) throw new MessageError(broken);
}

function isString(token: number): boolean {
  return (token >= 0xa0 && token < 0xc0) || (token >= 0xd9 && token <= 0xdb);
}
