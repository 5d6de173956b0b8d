/**
 * The safetensors format: eight bytes of header length, a JSON header, then the numbers, little-endian.
 * https://huggingface.co/docs/safetensors. Reads F32, F64, F16, BF16, integers and BOOL; writes F32 and I32.
 */
import { sizeOf } from '../layers/shape.ts';
import { type ElementType, elementBytes, readElements } from './elementTypes.ts';
import type { TensorEntry } from './weightsFile.ts';

export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** An invalid or damaged file. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
/** Of the written types. */
const ELEMENT_BYTES = 4;
/** The format's limit, in bytes. */
const LARGEST_HEADER = 100_000_000;

/** A float32 tensor that is read when it is written. */
export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  /** The result may be valid only until the next call. */
  read(): Float32Array;
}

const bytesOf = (values: Float32Array | Int32Array) =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const entries = tensors.map(({ name, shape, values }) => {
    return { name, shape, dtype: values instanceof Int32Array ? 'I32' : 'F32' } as const;
  });
  const header = headerOf(entries, metadata);
  const size = tensors.reduce((sum, { values }) => sum + values.byteLength, header.length);
  const file = new Uint8Array(size);
  file.set(header);
  let at = header.length;
  for (const { values } of tensors) {
    file.set(bytesOf(values), at);
    at += values.byteLength;
  }
  return file;
}

/** The bytes of a file in parts, one tensor in memory at a time. */
export function* safetensorsParts(
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array> {
  yield headerOf(
    tensors.map(({ name, shape }) => ({ name, shape, dtype: 'F32' })),
    metadata,
  );
  for (const tensor of tensors) yield bytesOf(tensor.read());
}

function headerOf(
  tensors: readonly { name: string; shape: readonly number[]; dtype: 'F32' | 'I32' }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape, dtype }) => {
    const begin = offset;
    offset += sizeOf(shape) * ELEMENT_BYTES;
    return [name, { dtype, shape, data_offsets: [begin, offset] }] as const;
  });
  const json = JSON.stringify({ __metadata__: metadata, ...Object.fromEntries(entries) });
  const unpadded = new TextEncoder().encode(json);
  const length = Math.ceil(unpadded.length / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(unpadded, LENGTH_BYTES);
  return header;
}

/** A source of bytes: a buffer, or a file read on demand. */
export interface ByteSource {
  readonly length: number;
  read(begin: number, end: number): Uint8Array;
}

/** A file whose tensors are read on demand. */
export interface OpenSafetensors {
  readonly tensors: ReadonlyMap<string, () => NamedTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** @throws SafetensorsError with what is wrong */
export function readSafetensors(file: Uint8Array): SafetensorsFile {
  const source = { length: file.length, read: (begin: number, end: number) => file.subarray(begin, end) };
  const { tensors, metadata } = openSafetensors(source);
  return { tensors: new Map([...tensors].map(([name, read]) => [name, read()])), metadata };
}

/** @throws SafetensorsError with what is wrong; for a tensor's data when it is read */
export function openSafetensors(file: ByteSource): OpenSafetensors {
  const { entries, data, metadata } = contentOf(file, LARGEST_HEADER);
  const tensors = entries.map(([name, entry]) => [name, () => readTensor(name, entry, data)] as const);
  return { tensors: new Map(tensors), metadata };
}

/**
 * What a file holds, the numbers of a tensor read when they are asked for.
 * @param largestHeader in bytes
 * @throws SafetensorsError saying what is wrong, also of a tensor whose numbers are not all there
 */
export function listSafetensors(
  file: ByteSource,
  largestHeader: number,
): { tensors: ReadonlyMap<string, TensorEntry>; metadata: Readonly<Record<string, string>> } {
  const { entries, data, metadata } = contentOf(file, largestHeader);
  const tensors = entries.map(([name, entry]) => {
    const { shape, type } = soundEntry(name, entry, data.length);
    return [name, { name, shape, type, read: () => readTensor(name, entry, data).values }] as const;
  });
  return { tensors: new Map(tensors), metadata };
}

function contentOf(file: ByteSource, largestHeader: number) {
  if (file.length < LENGTH_BYTES) throw new SafetensorsError('The file is too short to be safetensors.');
  const first = file.read(0, LENGTH_BYTES);
  const length = Number(new DataView(first.buffer, first.byteOffset, LENGTH_BYTES).getBigUint64(0, true));
  const dataAt = LENGTH_BYTES + length;
  if (length > largestHeader || dataAt > file.length) {
    throw new SafetensorsError('The file is no safetensors, or it is cut off in its header.');
  }
  const { __metadata__: metadata, ...entries } = parsedHeader(file.read(LENGTH_BYTES, dataAt));
  const data: ByteSource = {
    length: file.length - dataAt,
    read: (begin, end) => file.read(dataAt + begin, dataAt + end),
  };
  return { entries: Object.entries(entries), data, metadata: textsIn(metadata) };
}

/** Metadata are strings only. */
function textsIn(metadata: unknown): Record<string, string> {
  if (typeof metadata !== 'object' || metadata === null) return {};
  const texts = Object.entries(metadata).filter(([, value]) => typeof value === 'string');
  return Object.fromEntries(texts);
}

function parsedHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new SafetensorsError('The safetensors header is no JSON.');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new SafetensorsError('The safetensors header is no object.');
  }
  return header as Record<string, unknown>;
}

interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function isEntry(entry: unknown): entry is Entry {
  const { dtype, shape, data_offsets } = (entry ?? {}) as Partial<Entry>;
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  return (
    typeof dtype === 'string' &&
    Array.isArray(shape) &&
    shape.every(isCount) &&
    Array.isArray(data_offsets) &&
    data_offsets.length === 2 &&
    data_offsets.every(isCount)
  );
}

/** What the header says of a tensor, where that can be. @throws SafetensorsError */
function soundEntry(name: string, entry: unknown, dataBytes: number) {
  if (!isEntry(entry)) throw new SafetensorsError(`The entry of ${name} is malformed.`);
  const [begin, end] = entry.data_offsets;
  if (begin > end || end > dataBytes) throw new SafetensorsError(`The numbers of ${name} are cut off.`);
  const type = ELEMENT_TYPES.get(entry.dtype);
  if (!type) {
    const known = [...ELEMENT_TYPES.keys()].join(', ');
    throw new SafetensorsError(`${name} is of type ${entry.dtype.slice(0, 32)}; ${known} are read.`);
  }
  const held = (end - begin) / elementBytes(type);
  if (!Number.isInteger(held)) throw new SafetensorsError(`The numbers of ${name} are cut off.`);
  if (held !== sizeOf(entry.shape))
    throw new SafetensorsError(`${name} says ${entry.shape.join('×')} and holds ${held} numbers.`);
  return { begin, end, shape: entry.shape, type };
}

function readTensor(name: string, entry: unknown, data: ByteSource): NamedTensor {
  const { begin, end, shape, type } = soundEntry(name, entry, data.length);
  return { name, shape, values: readElements(type, data.read(begin, end)) };
}

/** The format's names of the types that are read. */
const ELEMENT_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);
