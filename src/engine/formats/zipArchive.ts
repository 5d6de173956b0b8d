/**
 * Looks into ZIP archives whose entries are stored as they are, which is how torch.save writes them. The central
 * directory says what there is, also in its 64-bit form; nothing is unpacked, so that no archive can grow.
 * PKWARE: “.ZIP File Format Specification” (APPNOTE.TXT), 6.3.10.
 */
import type { ByteSource } from './safetensors.ts';
import { WeightsError } from './weightsError.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Where its local header begins. */
  readonly headerAt: number;
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;

const LOCAL_BYTES = 30;
const CENTRAL_BYTES = 46;
const END_BYTES = 22;
const LOCATOR64_BYTES = 20;
const END64_BYTES = 56;
const LONGEST_COMMENT = 0xffff;
/** What a 32-bit field says where the number is in the 64-bit form. */
const IN_ZIP64 = 0xffffffff;

/** Of the directory: more than a hundred thousand tensors have. */
const MOST_DIRECTORY_BYTES = 16 * 2 ** 20;

const cutOff = () =>
  new WeightsError('The file is cut off: the list at the end of its archive is missing. Fetch it again.');
const damaged = () =>
  new WeightsError('The file is damaged: its archive does not hold together. Fetch it again.');

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A part of the file. @throws WeightsError where the file has no such part */
function part(file: ByteSource, begin: number, count: number): DataView {
  if (!(begin >= 0) || begin + count > file.length) throw damaged();
  return viewOf(file.read(begin, begin + count));
}

const big = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

/** @returns the entries by name. @throws WeightsError */
export function zipEntries(file: ByteSource): ReadonlyMap<string, ZipEntry> {
  const { at, bytes, count } = directoryOf(file);
  if (bytes > MOST_DIRECTORY_BYTES) throw damaged();
  const view = part(file, at, bytes);
  const entries = new Map<string, ZipEntry>();
  for (let from = 0, i = 0; i < count; i++) {
    if (from + CENTRAL_BYTES > bytes || view.getUint32(from, true) !== CENTRAL_HEADER) throw damaged();
    const nameBytes = view.getUint16(from + 28, true);
    const extraBytes = view.getUint16(from + 30, true);
    const next = from + CENTRAL_BYTES + nameBytes + extraBytes + view.getUint16(from + 32, true);
    if (next > bytes) throw damaged();
    const entry = entryAt(view, from, nameBytes, extraBytes);
    entries.set(entry.name, entry);
    from = next;
  }
  return entries;
}

/** Where the directory lies, and how many entries it says to have. */
function directoryOf(file: ByteSource): { at: number; bytes: number; count: number } {
  const tail = Math.min(file.length, END_BYTES + LONGEST_COMMENT);
  const view = viewOf(file.read(file.length - tail, file.length));
  let end = tail - END_BYTES;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw cutOff();
  const plain = {
    at: view.getUint32(end + 16, true),
    bytes: view.getUint32(end + 12, true),
    count: view.getUint16(end + 10, true),
  };
  const locatorAt = end - LOCATOR64_BYTES;
  if (locatorAt < 0 || view.getUint32(locatorAt, true) !== LOCATOR64) return plain;
  const large = part(file, big(view, locatorAt + 8), END64_BYTES);
  if (large.getUint32(0, true) !== END64) throw damaged();
  return { at: big(large, 48), bytes: big(large, 40), count: big(large, 32) };
}

function entryAt(view: DataView, from: number, nameBytes: number, extraBytes: number): ZipEntry {
  const nameAt = from + CENTRAL_BYTES;
  const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + nameAt, nameBytes));
  const fields = [24, 20, 42].map(offset => view.getUint32(from + offset, true));
  const [size, packed, headerAt] = inFull(view, fields, nameAt + nameBytes, extraBytes) as [
    number,
    number,
    number,
  ];
  const isCompressed = view.getUint16(from + 10, true) !== 0 || packed !== size;
  return { name, size, headerAt, isCompressed, isEncrypted: (view.getUint16(from + 8, true) & 1) !== 0 };
}

/** Sizes and place of an entry: those that have no room in 32 bits follow one another in an extra field. */
function inFull(view: DataView, fields: readonly number[], from: number, bytes: number): number[] {
  const end = from + bytes;
  for (let at = from; at + 4 <= end; ) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id !== 1) {
      at += 4 + length;
      continue;
    }
    let place = at + 4;
    const last = Math.min(end, place + length);
    return fields.map(field => {
      if (field !== IN_ZIP64) return field;
      if (place + 8 > last) throw damaged();
      place += 8;
      return big(view, place - 8);
    });
  }
  return [...fields];
}

/** An entry's bytes, as a source of their own. @throws WeightsError where they are packed, or not all there */
export function storedEntry(file: ByteSource, entry: ZipEntry): ByteSource {
  const { name, size, headerAt, isCompressed, isEncrypted } = entry;
  if (isCompressed || isEncrypted) {
    throw new WeightsError(
      `The archive's entry “${name.slice(0, 100)}” is ${isEncrypted ? 'encrypted' : 'compressed'}, as torch.save leaves none: load the file in PyTorch and save its state_dict with torch.save.`,
    );
  }
  const header = part(file, headerAt, LOCAL_BYTES);
  if (header.getUint32(0, true) !== LOCAL_HEADER) throw damaged();
  const dataAt = headerAt + LOCAL_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
  if (dataAt + size > file.length) throw damaged();
  return { length: size, read: (begin, end) => file.read(dataAt + begin, dataAt + end) };
}
