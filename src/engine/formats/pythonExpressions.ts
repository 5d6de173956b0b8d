/** Parses the expressions of the supported part of Python, by precedence. */
import { type Cursor, named } from './pythonCursor.ts';
import { keywords } from './pythonNames.ts';
import type { SourcePosition, Token } from './pythonTokens.ts';
import type { Expression, GivenExpression, Note } from './pythonTree.ts';

const NOT_OPERATOR = ['not'];
const COMPARISONS = ['==', '!=', '<', '>', '<=', '>=', 'is'];

/** From low to high precedence; all are left-associative, except powers. */
const BINARY: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  NOT_OPERATOR,
  COMPARISONS,
  ['+', '-'],
  ['*', '/', '//', '%'],
];

const LOOP = 'Loops are not read here: write the layers out.';

/** Constructs that are refused by name. */
export const refused: ReadonlyMap<string, string> = new Map(
  Object.entries({
    for: LOOP,
    while: LOOP,
    lambda: 'Functions without a name are not read here: write the layers out.',
    try: 'Only nn.Sequential(…), assignments and simple functions are read here.',
  }),
);

export class ExpressionReader {
  readonly notes: Note[] = [];
  readonly #cursor: Cursor;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  identifier(what: string): string {
    if (this.#cursor.token.kind !== 'name')
      this.#cursor.fail(`Here stands ${what}, not ${named(this.#cursor.token)}.`);
    return this.#cursor.advance().text;
  }

  /** Comma-separated expressions: a tuple if there are several, or a trailing comma. */
  list(): Expression {
    const first = this.expression();
    if (!this.#cursor.is(',')) return first;
    const items = [first];
    while (this.#cursor.accept(',')) {
      if (
        this.#cursor.token.kind === 'newline' ||
        this.#cursor.token.kind === 'end' ||
        this.#cursor.is('=', ')')
      )
        break;
      items.push(this.expression());
    }
    return { type: 'tuple', items, place: first.place };
  }

  expression(): Expression {
    return this.#cursor.nested(() => {
      const value = this.#binary(0);
      if (!this.#cursor.is('if')) return value;
      const { place } = this.#cursor.advance();
      const test = this.#binary(0);
      this.#cursor.expect('else', '“else” says what holds otherwise');
      return { type: 'operation', sign: 'if', operands: [test, value, this.expression()], place };
    });
  }

  #binary(level: number): Expression {
    const signs = BINARY[level];
    if (!signs) return this.#unary();
    if (signs === NOT_OPERATOR) return this.#negation(level);
    let left = this.#binary(level + 1);
    for (let isFirst = true; this.#cursor.is(...signs); isFirst = false) {
      // `a < b < c` is a chained comparison in Python, which is not supported.
      if (signs === COMPARISONS && !isFirst)
        this.#cursor.fail('Comparisons in a row are not read here: write “and” between two of them.');
      const { text, place } = this.#cursor.advance();
      const sign = text === 'is' && this.#cursor.accept('not') ? 'is not' : text;
      left = { type: 'operation', sign, operands: [left, this.#binary(level + 1)], place };
    }
    return left;
  }

  /** `not` has lower precedence than comparisons. */
  #negation(level: number): Expression {
    if (!this.#cursor.is('not')) return this.#binary(level + 1);
    return this.#cursor.nested(() => {
      const { place } = this.#cursor.advance();
      return { type: 'operation', sign: 'not ', operands: [this.#negation(level)], place };
    });
  }

  #unary(): Expression {
    if (!this.#cursor.is('-', '+')) return this.#power();
    return this.#cursor.nested(() => {
      const { text: sign, place } = this.#cursor.advance();
      return { type: 'operation', sign: `${sign} `, operands: [this.#unary()], place };
    });
  }

  #power(): Expression {
    const base = this.#postfix();
    const sign = this.#cursor.accept('**');
    if (!sign) return base;
    return {
      type: 'operation',
      sign: '**',
      operands: [base, this.#cursor.nested(() => this.#unary())],
      place: sign.place,
    };
  }

  #postfix(): Expression {
    let value = this.#atom();
    for (;;) {
      if (this.#cursor.accept('.')) {
        const { place } = this.#cursor.token;
        const name = this.identifier('a name behind the dot');
        value = { type: 'attribute', of: value, name, place };
      } else if (this.#cursor.is('(')) {
        const of = value;
        value = {
          type: 'call',
          of,
          given: this.#inOrder(this.#bracketed('(', ')', () => this.#argument())),
          place: of.place,
        };
      } else if (this.#cursor.is('[')) {
        const { place } = this.#cursor.advance();
        value = this.#itemOf(value, place);
      } else return value;
    }
  }

  /** `net[0]` or `net[1:3]`; both ends are optional. */
  #itemOf(of: Expression, place: SourcePosition): Expression {
    const start = this.#cursor.is(':') ? null : this.expression();
    const isSlice = this.#cursor.accept(':') !== undefined;
    const end = isSlice && !this.#cursor.is(']') ? this.expression() : null;
    this.#cursor.expect(']', '“]” closes the index');
    return isSlice ? { type: 'slice', of, start, end, place } : { type: 'item', of, index: start!, place };
  }

  #inOrder(given: readonly GivenExpression[]): readonly GivenExpression[] {
    const named = given.findIndex(({ name }) => name !== null);
    const late = named < 0 ? undefined : given.slice(named).find(({ name }) => name === null);
    if (late) this.#cursor.fail('What has a name stands behind what has none.', late.place);
    return given;
  }

  #argument(): GivenExpression {
    if (this.#cursor.is('*', '**')) {
      this.#cursor.fail('Arguments behind a star are not read here: write the layers out.');
    }
    const value = this.expression();
    if (this.#cursor.is('for')) this.#cursor.fail(LOOP);
    if (value.type !== 'name' || !this.#cursor.accept('=')) return { name: null, value, place: value.place };
    return { name: value.name, value: this.expression(), place: value.place };
  }

  /** Comma-separated items in brackets. A comma missing at the end of a line is inserted. */
  #bracketed<T>(open: string, close: string, read: () => T): T[] {
    const opening = this.#cursor.expect(open, `“${open}” is expected`);
    const items: T[] = [];
    while (!this.#cursor.is(close)) {
      if (this.#cursor.token.kind === 'end' || this.#cursor.token.kind === 'newline') {
        this.#cursor.fail(`“${open}” is never closed: put “${close}” behind its last entry.`, opening.place);
      }
      items.push(read());
      if (this.#cursor.accept(',') || this.#cursor.is(close)) continue;
      this.#missingComma(opening, close);
    }
    this.#cursor.advance();
    return items;
  }

  #missingComma(opening: Token, close: string): void {
    const before = this.#cursor.back(1);
    const { place, kind } = this.#cursor.token;
    if (kind === 'end' || kind === 'newline') {
      this.#cursor.fail(
        `“${opening.text}” is never closed: put “${close}” behind its last entry.`,
        opening.place,
      );
    }
    const isEntry = kind !== 'sign' || this.#cursor.is('(', '[');
    if (!isEntry || place.line === before.place.line) {
      this.#cursor.fail(`“,” or “${close}” is expected here, but ${named(this.#cursor.token)} stands here.`);
    }
    const { line, column, length } = before.place;
    this.notes.push({
      message: 'A comma is missing at the end of this line; it was read as if it stood there.',
      place: { line, column: column + length, length: 1 },
    });
  }

  #atom(): Expression {
    const { kind, text, place } = this.#cursor.token;
    if (kind === 'number') return this.#number();
    if (kind === 'string') {
      this.#cursor.advance();
      return { type: 'string', value: text, place };
    }
    if (kind === 'name') {
      const refusal = refused.get(text);
      if (refusal) this.#cursor.fail(refusal);
      this.#cursor.advance();
      const constants = new Map<string, boolean | null>([
        ['True', true],
        ['False', false],
        ['None', null],
      ]);
      const value = constants.get(text);
      if (value === undefined && keywords.has(text))
        this.#cursor.fail(`A value is expected here, not “${text}”.`, place);
      return value === undefined ? { type: 'name', name: text, place } : { type: 'constant', value, place };
    }
    if (this.#cursor.is('(')) return this.#parenthesised();
    if (this.#cursor.is('[')) {
      return { type: 'tuple', items: this.#bracketed('[', ']', () => this.#entry()), place };
    }
    if (this.#cursor.is('{'))
      return { type: 'dict', items: this.#bracketed('{', '}', () => this.#pair()), place };
    this.#cursor.fail(`A value is expected here, not ${named(this.#cursor.token)}.`);
  }

  #parenthesised(): Expression {
    const { place } = this.#cursor.token;
    const items = this.#bracketed('(', ')', () => this.#entry());
    const last = this.#cursor.back(2);
    const isTuple = items.length !== 1 || (last.kind === 'sign' && last.text === ',');
    return isTuple ? { type: 'tuple', items, place } : items[0]!;
  }

  #entry(): Expression {
    if (this.#cursor.is('*'))
      this.#cursor.fail('Entries behind a star are not read here: write the layers out.');
    const value = this.expression();
    if (this.#cursor.is('for')) this.#cursor.fail(LOOP);
    return value;
  }

  #pair(): readonly [Expression, Expression] {
    const key = this.expression();
    this.#cursor.expect(':', '“:” stands between a name and what it names');
    return [key, this.expression()];
  }

  #number(): Expression {
    const { text, place } = this.#cursor.advance();
    const value = Number(text.replaceAll('_', ''));
    const isInexact = Number.isInteger(value) && !Number.isSafeInteger(value);
    // Python refuses numbers such as 010.
    const isOctal = /^0[\d_]*[1-9][\d_]*$/.test(text);
    if (!Number.isFinite(value) || isInexact || isOctal)
      this.#cursor.fail(`${text.slice(0, 40)} is no number that can be used.`, place);
    return { type: 'number', value, place };
  }
}
