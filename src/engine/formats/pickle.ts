/**
 * Reads Python's pickles as data. A pickle is a program for a stack machine; the opcodes here are those that plain
 * values need (protocols 2 to 5), and a global is no more than a name that the caller knows or does not. Nothing is
 * imported, nothing is run, and a step costs no more than the bytes that it takes from the file.
 * https://docs.python.org/3/library/pickletools.html
 */
import { WeightsError } from './weightsError.ts';

/** A list, a tuple or a set. */
export class PickledSequence {
  readonly items: unknown[];
  constructor(items: unknown[] = []) {
    this.items = items;
  }
}

/** A dict. What a key is, is the caller's to ask. */
export class PickledDict {
  readonly entries = new Map<unknown, unknown>();
}

/** A function or a class that the pickle names. */
export class PickledGlobal {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Who knows what a pickle may ask for. */
export interface PickleHost {
  /** @throws WeightsError where this name is none that may be asked for */
  global(name: string): PickledGlobal;
  /** What a call gives. */
  call(global: PickledGlobal, args: readonly unknown[]): unknown;
  /** What a persistent id stands for. */
  persistent(id: unknown): unknown;
}

/** A state_dict of a thousand tensors takes some fifty thousand steps, a checkpoint with its optimizer three times as many. */
const MOST_STEPS = 2_000_000;
const LONGEST_INTEGER = 256;
const LONGEST_NAME = 1000;

const damaged = (at: number) =>
  new WeightsError(`The file is damaged: its pickle makes no sense at byte ${at}. Fetch it again.`);

/**
 * Reads one pickle.
 * @param bytes in which it begins at `start`
 * @returns what it holds, and where it ends
 * @throws WeightsError
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  host: PickleHost,
): { value: unknown; end: number } {
  const machine = new Machine(bytes, start, host);
  const value = machine.run();
  return { value, end: machine.at };
}

class Machine {
  at: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #host: PickleHost;
  #stack: unknown[] = [];
  /** Where the stack was when a mark was set. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #text = new TextDecoder();

  constructor(bytes: Uint8Array, start: number, host: PickleHost) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.#host = host;
  }

  run(): unknown {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const opcode = this.#bytes[this.#take(1)]!;
      if (opcode === STOP_OPCODE) return this.#pop();
      this.#step(opcode);
    }
    throw new WeightsError(
      `The file's pickle takes more than ${MOST_STEPS.toLocaleString('en')} steps, as no list of weights does: save the state_dict alone with torch.save.`,
    );
  }

  #step(opcode: number): void {
    const handler = HANDLERS.get(opcode);
    if (handler) handler(this.#operations);
    else throw this.#foreign(opcode);
  }

  #foreign(opcode: number): WeightsError {
    const shown = `0x${opcode.toString(16).padStart(2, '0')}`;
    return new WeightsError(
      `The file is damaged, or no file of weights: at byte ${this.at - 1} of its pickle stands ${shown}, which no list of tensors needs.`,
    );
  }

  /** Steps over bytes. @returns where they begin */
  #take(count: number): number {
    const from = this.at;
    if (!(count >= 0) || from + count > this.#bytes.length)
      throw new WeightsError('The file is cut off within its list of tensors. Fetch it again.');
    this.at = from + count;
    return from;
  }

  #pop(): unknown {
    const least = this.#marks.at(-1) ?? 0;
    if (this.#stack.length <= least) throw damaged(this.at);
    return this.#stack.pop();
  }

  readonly #operations: Operations = {
    push: value => void this.#stack.push(value),
    pop: () => this.#pop(),
    top: () => {
      const value = this.#pop();
      this.#stack.push(value);
      return value;
    },
    mark: () => void this.#marks.push(this.#stack.length),
    sinceMark: () => {
      const from = this.#marks.pop();
      if (from === undefined) throw damaged(this.at);
      return this.#stack.splice(from);
    },
    remember: place => {
      const value = this.#pop();
      this.#stack.push(value);
      this.#memo.set(place ?? this.#memo.size, value);
    },
    recall: place => {
      if (!this.#memo.has(place)) throw damaged(this.at);
      this.#stack.push(this.#memo.get(place));
    },
    whole: bytes => {
      const from = this.#take(bytes);
      if (bytes === 1) return this.#view.getUint8(from);
      if (bytes === 2) return this.#view.getUint16(from, true);
      if (bytes === 4) return this.#view.getUint32(from, true);
      return Number(this.#view.getBigUint64(from, true));
    },
    signed: () => this.#view.getInt32(this.#take(4), true),
    real: () => this.#view.getFloat64(this.#take(8), false),
    long: bytes => {
      if (bytes > LONGEST_INTEGER) throw damaged(this.at);
      const from = this.#take(bytes);
      let value = 0n;
      for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.#bytes[from + i]!);
      const integer = BigInt.asIntN(8 * bytes, value);
      const small = Number(integer);
      return Number.isSafeInteger(small) ? small : integer;
    },
    text: bytes => {
      const from = this.#take(bytes);
      return this.#text.decode(this.#bytes.subarray(from, from + bytes));
    },
    line: () => {
      const end = this.#bytes.indexOf(0x0a, this.at);
      if (end < 0 || end - this.at > LONGEST_NAME) throw damaged(this.at);
      const from = this.#take(end + 1 - this.at);
      return this.#text.decode(this.#bytes.subarray(from, end));
    },
    host: () => this.#host,
    damaged: () => damaged(this.at),
  };
}

/** What opcodes are made of. */
interface Operations {
  push(value: unknown): void;
  pop(): unknown;
  top(): unknown;
  mark(): void;
  sinceMark(): unknown[];
  /** Without a place: the next one. */
  remember(place?: number): void;
  recall(place: number): void;
  /** An unsigned number of so many bytes. */
  whole(bytes: 1 | 2 | 4 | 8): number;
  signed(): number;
  real(): number;
  long(bytes: number): number | bigint;
  text(bytes: number): string;
  line(): string;
  host(): PickleHost;
  damaged(): WeightsError;
}

const STOP_OPCODE = 0x2e;

function call(on: Operations): void {
  const args = on.pop();
  const global = on.pop();
  if (!(global instanceof PickledGlobal) || !(args instanceof PickledSequence)) throw on.damaged();
  on.push(on.host().call(global, args.items));
}

function setItems(on: Operations, items: readonly unknown[]): void {
  const dict = on.top();
  if (!(dict instanceof PickledDict) || items.length % 2 !== 0) throw on.damaged();
  for (let i = 0; i < items.length; i += 2) dict.entries.set(items[i], items[i + 1]);
}

function appendItems(on: Operations, items: readonly unknown[]): void {
  const list = on.top();
  if (!(list instanceof PickledSequence)) throw on.damaged();
  for (const item of items) list.items.push(item);
}

/** A tuple of the topmost values. */
function tuple(on: Operations, count: number): void {
  const items = Array.from({ length: count }, () => on.pop());
  on.push(new PickledSequence(items.reverse()));
}

function global(on: Operations, module: unknown, name: unknown): void {
  if (typeof module !== 'string' || typeof name !== 'string') throw on.damaged();
  on.push(on.host().global(`${module}.${name}`));
}

/** An older way to call a class: what it names is refused by its name, and none of ours is called so. */
function instance(on: Operations): void {
  global(on, on.line(), on.line());
  throw on.damaged();
}

/** Attributes of a dict (`_metadata` of a state_dict) say nothing of its numbers; nothing else has some. */
function build(on: Operations): void {
  on.pop();
  if (!(on.top() instanceof PickledDict)) throw on.damaged();
}

/** By opcode. */
const HANDLERS: ReadonlyMap<number, (on: Operations) => void> = new Map<number, (on: Operations) => void>([
  [0x80, on => void on.whole(1)], // PROTO
  [0x95, on => void on.whole(8)], // FRAME
  [0x28, on => on.mark()], // MARK
  [0x30, on => void on.pop()], // POP
  [0x31, on => void on.sinceMark()], // POP_MARK
  [0x4e, on => on.push(null)], // NONE
  [0x88, on => on.push(true)], // NEWTRUE
  [0x89, on => on.push(false)], // NEWFALSE
  [0x4a, on => on.push(on.signed())], // BININT
  [0x4b, on => on.push(on.whole(1))], // BININT1
  [0x4d, on => on.push(on.whole(2))], // BININT2
  [0x8a, on => on.push(on.long(on.whole(1)))], // LONG1
  [0x8b, on => on.push(on.long(on.whole(4)))], // LONG4
  [0x47, on => on.push(on.real())], // BINFLOAT
  [0x58, on => on.push(on.text(on.whole(4)))], // BINUNICODE
  [0x8c, on => on.push(on.text(on.whole(1)))], // SHORT_BINUNICODE
  [0x8d, on => on.push(on.text(on.whole(8)))], // BINUNICODE8
  [0x54, on => on.push(on.text(on.whole(4)))], // BINSTRING
  [0x55, on => on.push(on.text(on.whole(1)))], // SHORT_BINSTRING
  [0x42, on => on.push(on.text(on.whole(4)))], // BINBYTES
  [0x43, on => on.push(on.text(on.whole(1)))], // SHORT_BINBYTES
  [0x5d, on => on.push(new PickledSequence())], // EMPTY_LIST
  [0x29, on => on.push(new PickledSequence())], // EMPTY_TUPLE
  [0x8f, on => on.push(new PickledSequence())], // EMPTY_SET
  [0x7d, on => on.push(new PickledDict())], // EMPTY_DICT
  [0x61, on => appendItems(on, [on.pop()])], // APPEND
  [0x65, on => appendItems(on, on.sinceMark())], // APPENDS
  [0x90, on => appendItems(on, on.sinceMark())], // ADDITEMS
  [0x73, on => setItems(on, [on.pop(), on.pop()].reverse())], // SETITEM
  [0x75, on => setItems(on, on.sinceMark())], // SETITEMS
  [0x74, on => on.push(new PickledSequence(on.sinceMark()))], // TUPLE
  [0x85, on => tuple(on, 1)], // TUPLE1
  [0x86, on => tuple(on, 2)], // TUPLE2
  [0x87, on => tuple(on, 3)], // TUPLE3
  [0x71, on => on.remember(on.whole(1))], // BINPUT
  [0x72, on => on.remember(on.whole(4))], // LONG_BINPUT
  [0x94, on => on.remember()], // MEMOIZE
  [0x68, on => on.recall(on.whole(1))], // BINGET
  [0x6a, on => on.recall(on.whole(4))], // LONG_BINGET
  [0x63, on => global(on, on.line(), on.line())], // GLOBAL
  [0x69, instance], // INST
  [0x93, on => global(on, ...([on.pop(), on.pop()].reverse() as [unknown, unknown]))], // STACK_GLOBAL
  [0x52, call], // REDUCE
  [0x81, call], // NEWOBJ
  [0x62, build], // BUILD
  [0x51, on => on.push(on.host().persistent(on.pop()))], // BINPERSID
]);
