/**
 * Tokenizes Python source, with positions. As in Python, line breaks count outside of brackets only. Prompts (`>>>`)
 * and Markdown fences are skipped.
 */

/** A position in the text; line and column count from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'sign' | 'newline' | 'end';
  /** The source text; for a string its value. */
  readonly text: string;
  readonly place: SourcePosition;
  /** The indentation of its line. */
  readonly indent: number;
}

/** An error in pasted code: what is wrong, where, and what to do. */
export class CodeError extends Error {
  override readonly name = 'CodeError';

  readonly place: SourcePosition;

  constructor(message: string, place: SourcePosition) {
    super(message);
    this.place = place;
  }
}

/** Characters of pasted code. */
const LONGEST_CODE = 200_000;
const TAB = 8;
/** Written by some editors at the beginning of files. */
const BYTE_ORDER_MARK = '\ufeff';

const SPACE_PATTERN = /[ \t\f\u00a0]+/y;
const PROMPT = /(?:>>>|\.\.\.) ?|In \[\d+\]: ?/y;
const FENCE = /[ \t]*(?:```|~~~)[^\n]*/y;
const COMMENT_PATTERN = /#[^\n]*/y;
const NAME_PATTERN = /[\p{L}_][\p{L}\p{N}_]*/uy;
const NUMBER_PATTERN =
  /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y;
const STRING = /[rRbBuUfF]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/y;
const SIGN = /\*\*=?|\/\/=?|->|:=|[-+*/%@&|^=!<>]=|[-+*/%@&|^~=<>()[\]{},:.;!]/y;

/** The comment by which our exporter states the input: `# Input: 1×28×28`. */
const INPUT_COMMENT = /#\s*Input:\s*(\d+)\s*[×x*]\s*(\d+)\s*[×x*]\s*(\d+)\s*$/mu;

/** Larger numbers are not from our exporter. */
const LARGEST_EXTENT = 1_000_000;

export function inputComment(text: string): readonly [number, number, number] | null {
  const [, channels, height, width] = INPUT_COMMENT.exec(text) ?? [];
  if (channels === undefined) return null;
  const [depth, rows, columns] = [Number(channels), Number(height), Number(width)];
  const isImage = [depth, rows, columns].every(extent => extent >= 1 && extent <= LARGEST_EXTENT);
  return isImage ? [depth, rows, columns] : null;
}

/** @throws CodeError at a character that is invalid in Python */
export function tokenize(text: string): Token[] {
  if (text.length > LONGEST_CODE) {
    const message = `The text is too long: ${text.length} characters, of at most ${LONGEST_CODE}. Paste the network alone.`;
    throw new CodeError(message, { line: 1, column: 1, length: 1 });
  }
  return new Tokenizer(text.replaceAll(/\r\n?/g, '\n')).run();
}

class Tokenizer {
  readonly #tokens: Token[] = [];
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #indent = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Token[] {
    if (this.#text.startsWith(BYTE_ORDER_MARK)) this.#at = BYTE_ORDER_MARK.length;
    this.#beginLine();
    while (this.#at < this.#text.length) this.#next();
    this.#push('newline', '', 0);
    this.#push('end', '', 0);
    return this.#tokens;
  }

  #next(): void {
    if (this.#take(SPACE_PATTERN) !== null || this.#take(COMMENT_PATTERN) !== null) return;
    if (this.#text.startsWith('\\\n', this.#at)) this.#breakLine(2);
    else if (this.#text[this.#at] === '\n') {
      if (this.#depth === 0) this.#push('newline', '', 1);
      this.#breakLine(1);
      this.#beginLine();
    } else if (!this.#string()) this.#word();
  }

  #word(): void {
    for (const [kind, pattern] of [
      ['number', NUMBER_PATTERN],
      ['name', NAME_PATTERN],
      ['sign', SIGN],
    ] as const) {
      const found = this.#match(pattern);
      if (found === null) continue;
      if ('([{'.includes(found)) this.#depth++;
      if (')]}'.includes(found)) this.#depth = Math.max(0, this.#depth - 1);
      // Python normalises identifiers.
      this.#push(kind, kind === 'name' ? found.normalize('NFKC') : found, found.length);
      this.#at += found.length;
      return;
    }
    this.#fail();
  }

  #string(): boolean {
    const found = this.#match(STRING);
    if (found === null) return false;
    if (/^[rR]?[fF][^{]*\{/.test(found))
      this.#fail('An f-string with braces is not read here: write out what it says.');
    const [, prefix = '', , body = ''] = /^([^"']*)("""|'''|"|')([\s\S]*)\2$/.exec(found) ?? [];
    if (/b/i.test(prefix)) this.#fail('Bytes are not read here: write a string without the b.');
    this.#push('string', /r/i.test(prefix) ? body : unescaped(body), found.length);
    for (const part of found.split('\n').slice(0, -1)) this.#breakLine(part.length + 1);
    this.#at += found.length - (found.lastIndexOf('\n') + 1);
    return true;
  }

  /** Handles prompts and indentation at the beginning of a line; inside brackets they are ignored. */
  #beginLine(): void {
    if (this.#take(FENCE) !== null) return;
    const before = this.#take(SPACE_PATTERN) ?? '';
    const prompted = this.#take(PROMPT) !== null;
    const after = prompted ? (this.#take(SPACE_PATTERN) ?? '') : '';
    if (this.#depth > 0) return;
    this.#indent = 0;
    for (const character of prompted ? after : before) {
      this.#indent = character === '\t' ? (Math.floor(this.#indent / TAB) + 1) * TAB : this.#indent + 1;
    }
  }

  #breakLine(length: number): void {
    this.#at += length;
    this.#line++;
    this.#lineStart = this.#at;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.[0] || null;
  }

  #take(pattern: RegExp): string | null {
    const found = this.#match(pattern);
    this.#at += found?.length ?? 0;
    return found;
  }

  #place(length: number): SourcePosition {
    return { line: this.#line, column: this.#at - this.#lineStart + 1, length: Math.max(1, length) };
  }

  #push(kind: Token['kind'], text: string, length: number): void {
    this.#tokens.push({ kind, text, place: this.#place(length), indent: this.#indent });
  }

  #fail(message?: string): never {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    const usual =
      character === '"' || character === "'"
        ? `This string has no end: put another ${character} where it ends.`
        : `Python has no use for “${character}” here: remove it.`;
    throw new CodeError(message ?? usual, this.#place(character.length));
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' },
  ...{ '\n': '', '\\': '\\', "'": "'", '"': '"' },
};
const ESCAPE = /\\(x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|[0-7]{1,3}|[\s\S])/gi;
const LAST_CHARACTER = 0x10ffff;

/** As in Python, unknown escapes stay, with their backslash. */
function unescaped(body: string): string {
  return body.replaceAll(ESCAPE, (whole, said: string) => {
    if (/^[0-7]/.test(said)) return String.fromCharCode(Number.parseInt(said, 8));
    if (said.length === 1) return ESCAPES[said] ?? whole;
    const code = Number.parseInt(said.slice(1), 16);
    return code <= LAST_CHARACTER ? String.fromCodePoint(code) : whole;
  });
}
