/**
 * Streams the items of lists in a JSON file's top-level object, without loading the file: annotation files have half a
 * gigabyte, and a few megabytes of brackets could become a gigabyte of empty lists.
 */

import { streamOfRegularFile } from '../../../regularFile.ts';
import { UserError } from '../../../userError.ts';
import { reasonOf } from '../import/readableRoots.ts';
import { MOST_JSON_DEPTH, MOST_JSON_ITEM } from '../limits.ts';
import { quoted } from '../quote.ts';

export interface JsonItem {
  /** The key of the list. */
  key: string;
  value: unknown;
}

const [QUOTE, COMMA, COLON, BACKSLASH] = [0x22, 0x2c, 0x3a, 0x5c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
/** Bytes of a key. */
const MOST_KEY = 256;

/**
 * The items of the lists with the given keys, in file order, in chunks. Everything else is skipped.
 *
 * @param name the file's name in messages
 * @throws UserError where it is no JSON, or an item is too large
 */
export async function* jsonItems(
  file: string,
  name: string,
  keys: ReadonlySet<string>,
  signal: AbortSignal,
): AsyncGenerator<JsonItem[]> {
  const reader = new ItemReader(name, keys);
  try {
    for await (const chunk of await streamOfRegularFile(file)) {
      signal.throwIfAborted();
      const items = reader.read(chunk);
      if (items.length > 0) yield items;
    }
  } catch (error) {
    if (error instanceof UserError || signal.aborted) throw error;
    throw new UserError(`The file ${name} ${reasonOf(error)}.`);
  }
  reader.end();
}

class ItemReader {
  readonly #name: string;
  readonly #keys: ReadonlySet<string>;
  /** Bytes before the current chunk. */
  #before = 0;
  /** Open brackets: 1 in the top-level object, 2 in a list of it. */
  #depth = 0;
  #isEnded = false;
  #isString = false;
  #isEscaped = false;
  /** In the top-level object: whether a key comes next, and the last key. */
  #expectsKey = true;
  #key = '';
  /** The part of the current key or item from previous chunks. */
  #kept: Buffer[] = [];
  #keptLength = 0;
  /** Whether the current bytes are kept. */
  #keeps = false;
  #isList = false;

  constructor(name: string, keys: ReadonlySet<string>) {
    this.#name = name;
    this.#keys = keys;
  }

  read(chunk: Buffer): JsonItem[] {
    const items: JsonItem[] = [];
    /** The beginning of the kept part of this chunk. */
    let from = 0;
    const keep = (to: number) => {
      this.#keptLength += to - from;
      if (this.#keptLength > (this.#depth > 1 ? MOST_JSON_ITEM : MOST_KEY))
        throw this.#fault(to, `a part of it is longer than ${MOST_JSON_ITEM} bytes`);
      this.#kept.push(chunk.subarray(from, to));
      from = to;
    };
    const begin = (at: number) => {
      this.#keeps = true;
      from = at;
    };
    const finish = (to: number): string => {
      keep(to);
      const text = Buffer.concat(this.#kept).toString();
      this.#kept = [];
      this.#keptLength = 0;
      this.#keeps = false;
      return text;
    };
    for (let at = 0; at < chunk.length; at++) {
      if (this.#isString) {
        at = this.#endOfString(chunk, at);
        if (!this.#isString && this.#keeps && this.#depth === 1) this.#key = finish(at);
        continue;
      }
      const byte = chunk[at]!;
      if (byte <= 0x20) continue;
      if (this.#isEnded) throw this.#fault(at, 'something follows its end');
      if (this.#depth === 0 && byte !== OPEN_OBJECT) throw this.#fault(at, 'it does not begin with {');
      if (byte === QUOTE) {
        this.#isString = true;
        if (this.#depth === 1 && this.#expectsKey) begin(at + 1);
      } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        this.#depth++;
        if (this.#keeps && this.#depth > MOST_JSON_DEPTH)
          throw this.#fault(at, `more than ${MOST_JSON_DEPTH} brackets are in one another`);
        if (this.#depth === 2) this.#isList = byte === OPEN_LIST && this.#keys.has(this.#key);
        if (this.#depth === 2 && this.#isList) begin(at + 1);
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        if (this.#depth === 2 && this.#isList) this.#take(finish(at), true, at, items);
        this.#depth--;
        this.#isEnded = this.#depth === 0;
      } else if (byte === COMMA) {
        if (this.#depth === 1) this.#expectsKey = true;
        if (this.#depth === 2 && this.#isList) {
          this.#take(finish(at), false, at, items);
          begin(at + 1);
        }
      } else if (byte === COLON && this.#depth === 1) this.#expectsKey = false;
    }
    if (this.#keeps) keep(chunk.length);
    this.#before += chunk.length;
    return items;
  }

  end(): void {
    if (!this.#isEnded) throw this.#fault(0, 'it ends too early');
  }

  /** The place of the quote that ends a string, or the end of the chunk. */
  #endOfString(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (chunk[at] === BACKSLASH) this.#isEscaped = true;
      else if (chunk[at] === QUOTE) {
        this.#isString = false;
        return at;
      }
    }
    return chunk.length;
  }

  #take(text: string, isLast: boolean, at: number, items: JsonItem[]): void {
    if (isLast && text.trim() === '') return;
    try {
      items.push({ key: this.#key, value: JSON.parse(text) });
    } catch (error) {
      throw this.#fault(at, quoted((error as Error).message));
    }
  }

  #fault(at: number, what: string): UserError {
    return new UserError(`${this.#name} is no JSON that can be read: ${what}, at byte ${this.#before + at}.`);
  }
}
