/**
 * Files of torch.save, `.pth` and `.pt`: the ZIP archive that PyTorch writes since 1.6, and the older row of pickles.
 * Tensors alone are read, each when it is asked for; what a file claims to have it has to have.
 * torch/serialization.py: _save, _legacy_save.
 */
import { elementBytes, readElements } from './elementTypes.ts';
import { PickledSequence, readPickle } from './pickle.ts';
import type { ByteSource } from './safetensors.ts';
import { namedTensors } from './stateDict.ts';
import { type PickledTensor, type Storage, TorchPickle } from './torchPickle.ts';
import { WeightsError } from './weightsError.ts';
import type { WeightsFile } from './weightsFile.ts';
import { storedEntry, type ZipEntry, zipEntries } from './zipArchive.ts';

/** The list of tensors: that of a large checkpoint with its optimizer has a tenth of it. */
const MOST_PICKLE_BYTES = 16 * 2 ** 20;

/** Where a storage's numbers lie. */
type StorageBytes = (storage: Storage) => ByteSource;

const cutOff = () =>
  new WeightsError('The file is cut off: the numbers of a tensor are missing. Fetch it again.');

/** @throws WeightsError where it is no archive of torch.save, or holds more than tensors */
export function readTorchArchive(file: ByteSource): WeightsFile {
  const entries = zipEntries(file);
  const list = [...entries.values()].find(({ name }) => /^[^/]+\/data\.pkl$/.test(name));
  if (!list) throw new WeightsError(foreignArchive([...entries.keys()]));
  const folder = list.name.slice(0, -'data.pkl'.length);
  if (
    entries.has(`${folder}constants.pkl`) ||
    [...entries.keys()].some(name => name.startsWith(`${folder}code/`))
  )
    throw new WeightsError(
      'The file is a TorchScript program, code with its weights: load it with torch.jit.load and save its state_dict with torch.save.',
    );
  requireLittleEndian(file, entries.get(`${folder}byteorder`));
  const pickle = wholeOf(storedEntry(file, list));
  const host = new TorchPickle();
  const { value } = readPickle(pickle, 0, host);
  const bytesOf: StorageBytes = ({ key, type, count }) => {
    const entry = entries.get(`${folder}data/${key}`);
    if (!entry || entry.size < count * elementBytes(type)) throw cutOff();
    return storedEntry(file, entry);
  };
  for (const storage of host.storages.values()) bytesOf(storage);
  return fileOf('PyTorch', value, bytesOf);
}

/** What an archive without a list of tensors seems to be. */
function foreignArchive(names: readonly string[]): string {
  const is = (pattern: RegExp) => names.some(name => pattern.test(name));
  const what = is(/\.npy$/)
    ? 'of NumPy (.npz)'
    : is(/^(config|metadata)\.json$|model\.weights\.h5$/)
      ? 'of Keras (.keras)'
      : is(/\.(pth|pt|safetensors)$/)
        ? 'in which a file of weights lies: unpack it first'
        : 'that torch.save did not write';
  return `The file is an archive ${what}; safetensors and files of torch.save are read.`;
}

function wholeOf(source: ByteSource): Uint8Array {
  if (source.length > MOST_PICKLE_BYTES)
    throw new WeightsError(
      `The file's list of tensors has ${source.length} bytes, of which at most ${MOST_PICKLE_BYTES} are read: save the state_dict alone with torch.save.`,
    );
  return source.read(0, source.length);
}

function requireLittleEndian(file: ByteSource, order: ZipEntry | undefined): void {
  if (!order) return;
  const source = storedEntry(file, order);
  if (new TextDecoder().decode(source.read(0, Math.min(source.length, 16))) === 'little') return;
  throw new WeightsError(
    'The file was written by a machine whose numbers begin with their largest byte: load it in PyTorch here and save it again.',
  );
}

/** What the first two pickles of the older format say. */
const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** @throws WeightsError where it is no file of torch.save, or holds more than tensors */
export function readTorchPickles(file: ByteSource): WeightsFile {
  const head = file.read(0, Math.min(file.length, MOST_PICKLE_BYTES));
  const host = new TorchPickle();
  let at = 0;
  const next = () => {
    const { value, end } = readPickle(head, at, host);
    at = end;
    return value;
  };
  if (next() !== MAGIC || next() !== PROTOCOL)
    throw new WeightsError(
      'The file is a pickle that torch.save did not write: load it in Python and save its tensors with torch.save.',
    );
  next(); // About the machine: sizes of C's types.
  const value = next();
  const keys = next();
  const places = storagePlaces(file, at, keys, host.storages);
  return fileOf('PyTorch before 1.6', value, storage => {
    const source = places.get(storage.key);
    if (!source) throw cutOff();
    return source;
  });
}

/** Behind the pickles: for each key how many numbers there are, in eight bytes, and the numbers. */
function storagePlaces(
  file: ByteSource,
  begin: number,
  keys: unknown,
  storages: ReadonlyMap<string, Storage>,
): ReadonlyMap<string, ByteSource> {
  if (!(keys instanceof PickledSequence)) throw cutOff();
  const places = new Map<string, ByteSource>();
  let at = begin;
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage || at + COUNT_BYTES > file.length) throw cutOff();
    const bytes = file.read(at, at + COUNT_BYTES);
    const count = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(0, true));
    const length = storage.count * elementBytes(storage.type);
    const from = at + COUNT_BYTES;
    if (count !== storage.count || from + length > file.length) throw cutOff();
    places.set(storage.key, { length, read: (a, b) => file.read(from + a, from + b) });
    at = from + length;
  }
  if ([...storages.keys()].some(key => !places.has(key))) throw cutOff();
  return places;
}

const COUNT_BYTES = 8;

function fileOf(format: WeightsFile['format'], value: unknown, bytesOf: StorageBytes): WeightsFile {
  const { tensors, within, beside } = namedTensors(value);
  const entries = [...tensors].map(([name, tensor]) => {
    const { shape, storage } = tensor;
    return [name, { name, shape, type: storage.type, read: () => numbersOf(tensor, bytesOf) }] as const;
  });
  return { format, tensors: new Map(entries), metadata: {}, within, beside };
}

/** A tensor's numbers, along its last axis first, whatever its strides are. */
function numbersOf({ storage, offset, shape, strides }: PickledTensor, bytesOf: StorageBytes) {
  const count = shape.reduce((product, extent) => product * extent, 1);
  if (count === 0) return new Float32Array();
  const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, offset);
  const bytes = elementBytes(storage.type);
  const source = bytesOf(storage);
  const stored = readElements(storage.type, source.read(offset * bytes, (last + 1) * bytes));
  if (isDense(shape, strides)) return stored;
  const numbers = stored instanceof Float32Array ? new Float32Array(count) : new Int32Array(count);
  const place = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < count; i++) {
    numbers[i] = stored[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++place[axis]! < shape[axis]!) break;
      from -= place[axis]! * strides[axis]!;
      place[axis] = 0;
    }
  }
  return numbers;
}

/** Whether its numbers follow one another; along an axis of one it does not matter how far apart they were. */
function isDense(shape: readonly number[], strides: readonly number[]): boolean {
  let dense = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== dense) return false;
    dense *= shape[axis]!;
  }
  return true;
}
