/** A position in a list of tokens, with the questions of a recursive-descent parser. */
import { CodeError, type SourcePosition, type Token } from './pythonTokens.ts';

/** The deepest nesting of brackets and blocks. */
const DEEPEST_BRACKETS = 60;

export class Cursor {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }

  advance(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  is(...texts: readonly string[]): boolean {
    const { kind, text } = this.token;
    return (kind === 'sign' || kind === 'name') && texts.includes(text);
  }

  accept(text: string): Token | undefined {
    return this.is(text) ? this.advance() : undefined;
  }

  expect(text: string, why: string): Token {
    const token = this.accept(text);
    if (!token) this.fail(`${why}, but ${named(this.token)} stands here.`);
    return token!;
  }

  fail(message: string, place: SourcePosition = this.token.place): never {
    throw new CodeError(message, place);
  }

  skipNewlines(): Token {
    while (this.token.kind === 'newline' || this.is(';')) this.#at++;
    return this.token;
  }

  nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST_BRACKETS) this.fail('Brackets or blocks lie too deep in one another.');
    const result = read();
    this.#depth--;
    return result;
  }

  /** The token so many positions before. */
  back(places: number): Token {
    return this.#tokens[this.#at - places]!;
  }

  /** The position, to return to. */
  get at(): number {
    return this.#at;
  }

  returnTo(at: number): void {
    this.#at = at;
  }
}

export function named({ kind, text }: Token): string {
  if (kind === 'end') return 'the end';
  if (kind === 'newline') return 'the end of the line';
  return kind === 'string' ? `the string ${JSON.stringify(text.slice(0, 40))}` : `“${text.slice(0, 40)}”`;
}
