/**
 * What a pickle of torch.save may ask for: tensors and their storages, parameters, and the containers that hold them.
 * The list is all there is; what it does not name is refused by its name, and none of it is ever run.
 * torch/_utils.py (_rebuild_tensor_v2 and others), torch/serialization.py (persistent_id), PyTorch 2.
 */
import type { ElementType } from './elementTypes.ts';
import { PickledDict, PickledGlobal, PickledSequence, type PickleHost } from './pickle.ts';
import { WeightsError } from './weightsError.ts';

/** Numbers in a row, which tensors look into. */
export interface Storage {
  readonly key: string;
  readonly type: ElementType;
  /** How many numbers it says to have. */
  readonly count: number;
}

/** Where a storage of the older format is a part of another one: where it begins there. */
export interface StoragePart {
  readonly storage: Storage;
  readonly offset: number;
}

/** A tensor as it was pickled: a view into a storage. */
export class PickledTensor {
  readonly storage: Storage;
  /** Where its first number lies, and how far apart the numbers along each axis are, in numbers. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];

  /** @throws WeightsError where that does not lie in the storage */
  constructor(
    { storage, offset }: StoragePart,
    { begin, shape, strides }: { begin: number; shape: readonly number[]; strides: readonly number[] },
  ) {
    const count = shape.reduce((product, extent) => product * extent, 1);
    const last = shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, offset + begin);
    if (shape.length !== strides.length || count > storage.count || (count > 0 && last >= storage.count)) {
      throw new WeightsError(
        `The file is damaged: a tensor of ${shape.slice(0, 8).join('×') || 'one number'} reaches beyond the ${storage.count} numbers that are there for it.`,
      );
    }
    this.storage = storage;
    this.offset = offset + begin;
    this.shape = shape;
    this.strides = strides;
  }
}

/** By the names of their classes, in torch and torch.cuda. */
const STORAGE_TYPES: ReadonlyMap<string, ElementType> = new Map([
  ['FloatStorage', 'float32'],
  ['DoubleStorage', 'float64'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
]);

function storageTypeOf(name: string): ElementType | undefined {
  const [, type] = /^torch\.(?:cuda\.)?(\w+)$/.exec(name) ?? [];
  return type === undefined ? undefined : STORAGE_TYPES.get(type);
}

const MOST_AXES = 64;

const malformed = () => new WeightsError('The file is damaged: one of its tensors is not described as one.');

function wholeNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed();
  return value;
}

function wholeNumbers(value: unknown): number[] {
  if (!(value instanceof PickledSequence) || value.items.length > MOST_AXES) throw malformed();
  return value.items.map(wholeNumber);
}

class LocatedStorage implements StoragePart {
  readonly storage: Storage;
  readonly offset: number;
  constructor(storage: Storage, offset: number) {
    this.storage = storage;
    this.offset = offset;
  }
}

function tensor([storage, begin, shape, strides]: readonly unknown[]): PickledTensor {
  if (!(storage instanceof LocatedStorage)) throw malformed();
  return new PickledTensor(storage, {
    begin: wholeNumber(begin),
    shape: wholeNumbers(shape),
    strides: wholeNumbers(strides),
  });
}

/** A dict of pairs, or of another dict. */
function dict([given]: readonly unknown[]): PickledDict {
  const made = new PickledDict();
  const pairs = given instanceof PickledDict ? [...given.entries] : pairsIn(given);
  for (const [key, value] of pairs) made.entries.set(key, value);
  return made;
}

function pairsIn(given: unknown): (readonly [unknown, unknown])[] {
  if (given === undefined) return [];
  if (!(given instanceof PickledSequence)) throw malformed();
  return given.items.map(pair => {
    if (!(pair instanceof PickledSequence) || pair.items.length !== 2) throw malformed();
    return [pair.items[0], pair.items[1]];
  });
}

function sequence([given]: readonly unknown[]): PickledSequence {
  return new PickledSequence(given instanceof PickledSequence ? [...given.items] : []);
}

/** What may be called, and what it gives. */
const CALLS: ReadonlyMap<string, (args: readonly unknown[]) => unknown> = new Map([
  ['torch._utils._rebuild_tensor', tensor],
  ['torch._utils._rebuild_tensor_v2', tensor],
  ['torch._utils._rebuild_parameter', ([data]: readonly unknown[]) => data],
  ['torch._utils._rebuild_parameter_with_state', ([data]: readonly unknown[]) => data],
  ['collections.OrderedDict', dict],
  ['collections.Counter', dict],
  ['torch.Size', sequence],
  ['builtins.set', sequence],
  ['__builtin__.set', sequence],
  ['torch.device', () => null],
]);

/** What is named without being called: the types of numbers, as `torch.float32`. */
const isType = (name: string) =>
  /^torch\.(float|double|half|b?float\d+|u?int\d+|long|int|short|bool)$/.test(name);

/** Knows the allow-list, and gives storages to tensors. */
export class TorchPickle implements PickleHost {
  /** Those that tensors look into, by key. */
  readonly storages = new Map<string, Storage>();

  global(name: string): PickledGlobal {
    if (CALLS.has(name) || storageTypeOf(name) || isType(name)) return new PickledGlobal(name);
    throw new WeightsError(
      `The file asks for ${name.slice(0, 200)}, which is no tensor; nothing of it was run. Where you trust the file, load it in PyTorch and save the weights alone: torch.save(model.state_dict(), "weights.pth").`,
    );
  }

  call(global: PickledGlobal, args: readonly unknown[]): unknown {
    const made = CALLS.get(global.name);
    if (!made) throw malformed();
    return made(args);
  }

  /** `("storage", class, key, device, count)`, in the older format with `(key, offset, count)` or None behind. */
  persistent(id: unknown): LocatedStorage {
    if (!(id instanceof PickledSequence)) throw malformed();
    const [what, type, key, , count, part] = id.items;
    if (what !== 'storage' || !(type instanceof PickledGlobal) || typeof key !== 'string') throw malformed();
    const elements = storageTypeOf(type.name);
    if (!elements) throw malformed();
    const offset = part instanceof PickledSequence ? wholeNumber(part.items[1]) : 0;
    return new LocatedStorage(this.#storage({ key, type: elements, count: wholeNumber(count) }), offset);
  }

  #storage(storage: Storage): Storage {
    const known = this.storages.get(storage.key);
    if (!known) this.storages.set(storage.key, storage);
    else if (known.type !== storage.type || known.count !== storage.count) throw malformed();
    return known ?? storage;
  }
}
