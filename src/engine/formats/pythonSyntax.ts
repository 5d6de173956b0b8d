/**
 * The part of Python that networks are written in, as a tree: assignments, functions of a few lines, calls,
 * tuples, arithmetic. Loops, classes and comprehensions are refused by name. Where a comma is missing between two
 * lines it is put there, with a note, since no other reading makes sense.
 */
import { keywords } from './code.ts';
import { CodeError, type Token, tokenize } from './pythonTokens.ts';
import type { Expression, GivenExpression, Note, Parameter, Statement, Syntax } from './pythonTree.ts';

/** @throws CodeError where the text is no such code */
export function parsePython(text: string): Syntax {
  return new Parser(tokenize(text)).run();
}

/** Brackets and blocks within one another; a person stays far below. */
const DEEPEST = 60;

/** From loose to tight; all of them bind to the left, but powers. */
const BINARY: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '//', '%'],
];

const LOOP = 'Loops are not read here: write the layers out.';

const refused: ReadonlyMap<string, string> = new Map(
  Object.entries({
    for: LOOP,
    while: LOOP,
    lambda: 'Functions without a name are not read here: write the layers out.',
    try: 'Only nn.Sequential(…), assignments and simple functions are read here.',
  }),
);

class Parser {
  readonly #tokens: readonly Token[];
  readonly #notes: Note[] = [];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  run(): Syntax {
    const statements: Statement[] = [];
    while (this.#skipNewlines().kind !== 'end') statements.push(...this.#statement());
    return { statements, notes: this.#notes };
  }

  get #token(): Token {
    return this.#tokens[this.#at]!;
  }

  #advance(): Token {
    const token = this.#token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  #is(...texts: readonly string[]): boolean {
    const { kind, text } = this.#token;
    return (kind === 'sign' || kind === 'name') && texts.includes(text);
  }

  #accept(text: string): Token | undefined {
    return this.#is(text) ? this.#advance() : undefined;
  }

  #expect(text: string, why: string): Token {
    const token = this.#accept(text);
    if (!token) this.#fail(`${why}, but ${named(this.#token)} stands here.`);
    return token!;
  }

  #fail(message: string, place = this.#token.place): never {
    throw new CodeError(message, place);
  }

  #skipNewlines(): Token {
    while (this.#token.kind === 'newline' || this.#is(';')) this.#at++;
    return this.#token;
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) this.#fail('Brackets or blocks lie too deep in one another.');
    const result = read();
    this.#depth--;
    return result;
  }

  #statement(): Statement[] {
    const { text, place, kind } = this.#token;
    if (kind !== 'name') return [this.#simple()];
    const refusal = refused.get(text);
    if (refusal) this.#fail(refusal);
    if (text === 'import' || text === 'from') return this.#skipLine();
    if (text === 'pass') return this.#skipLine();
    if (text === 'def') return [this.#nested(() => this.#function())];
    if (text === 'if') return [this.#nested(() => this.#condition())];
    if (text === 'class' || text === 'with') return [this.#skipBlock()];
    if (text === 'return') {
      this.#advance();
      const value = this.#token.kind === 'newline' ? null : this.#list();
      this.#endOfStatement();
      return [{ type: 'return', value, place }];
    }
    return [this.#simple()];
  }

  #simple(): Statement {
    const first = this.#token;
    const value = this.#list();
    if (this.#accept('=')) {
      if (value.type !== 'name') this.#fail('Only a name can be given a value here.', value.place);
      const assigned = this.#list();
      this.#endOfStatement();
      return { type: 'assign', name: (value as { name: string }).name, value: assigned, place: first.place };
    }
    this.#endOfStatement();
    return { type: 'expression', value, place: first.place };
  }

  #endOfStatement(): void {
    if (this.#token.kind === 'newline' || this.#token.kind === 'end' || this.#is(';')) return;
    this.#fail(`The line should end here, but ${named(this.#token)} follows.`);
  }

  #skipLine(): Statement[] {
    while (this.#token.kind !== 'newline' && this.#token.kind !== 'end') this.#advance();
    return [];
  }

  /** Reads over a block: its head, and every line indented further. */
  #skipBlock(): Statement {
    const { text: keyword, place, indent } = this.#advance();
    const name = this.#token.text;
    this.#skipLine();
    while (this.#skipNewlines().kind !== 'end' && this.#token.indent > indent) this.#skipLine();
    return { type: 'skipped', keyword, name, place };
  }

  #function(): Statement {
    const { place, indent } = this.#advance();
    const name = this.#identifier('the name of the function');
    this.#expect('(', `“(” begins the parameters of ${name}`);
    const parameters: Parameter[] = [];
    while (!this.#is(')')) {
      if (this.#is('*', '**')) this.#fail('Parameters with a star are not read here: name each of them.');
      const parameter = this.#identifier('the name of a parameter');
      if (this.#accept(':')) this.#expression();
      parameters.push({ name: parameter, standard: this.#accept('=') ? this.#expression() : null });
      if (!this.#accept(',')) break;
    }
    this.#expect(')', '“)” closes the parameters');
    if (this.#accept('->')) this.#expression();
    return { type: 'def', name, parameters, body: this.#block(indent), place };
  }

  #condition(): Statement {
    const { place, indent } = this.#advance();
    const test = this.#expression();
    const body = this.#block(indent);
    const before = this.#at;
    this.#skipNewlines();
    if (this.#token.indent === indent && this.#is('elif')) {
      return { type: 'if', test, body, otherwise: [this.#nested(() => this.#condition())], place };
    }
    if (this.#token.indent === indent && this.#accept('else')) {
      return { type: 'if', test, body, otherwise: this.#block(indent), place };
    }
    this.#at = before;
    return { type: 'if', test, body, otherwise: [], place };
  }

  /** What stands behind a colon: the rest of the line, or lines indented further than the head. */
  #block(indent: number): Statement[] {
    this.#expect(':', '“:” begins the block');
    const statements: Statement[] = [];
    if (this.#token.kind !== 'newline') {
      do statements.push(...this.#statement());
      while (this.#accept(';'));
      return statements;
    }
    if (this.#skipNewlines().kind === 'end' || this.#token.indent <= indent) {
      this.#fail('A block is expected here: indent its lines further than the line with the colon.');
    }
    while (this.#skipNewlines().kind !== 'end' && this.#token.indent > indent) {
      statements.push(...this.#statement());
    }
    return statements;
  }

  #identifier(what: string): string {
    if (this.#token.kind !== 'name') this.#fail(`Here stands ${what}, not ${named(this.#token)}.`);
    return this.#advance().text;
  }

  /** Expressions with commas between: a tuple, where there is more than one or a comma at the end. */
  #list(): Expression {
    const first = this.#expression();
    if (!this.#is(',')) return first;
    const items = [first];
    while (this.#accept(',')) {
      if (this.#token.kind === 'newline' || this.#token.kind === 'end' || this.#is('=', ')')) break;
      items.push(this.#expression());
    }
    return { type: 'tuple', items, place: first.place };
  }

  #expression(): Expression {
    return this.#nested(() => {
      const value = this.#binary(0);
      if (!this.#is('if')) return value;
      const { place } = this.#advance();
      const test = this.#binary(0);
      this.#expect('else', '“else” says what holds otherwise');
      return { type: 'operation', sign: 'if', operands: [test, value, this.#expression()], place };
    });
  }

  #binary(level: number): Expression {
    const signs = BINARY[level];
    if (!signs) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#is(...signs)) {
      const { text: sign, place } = this.#advance();
      left = { type: 'operation', sign, operands: [left, this.#binary(level + 1)], place };
    }
    return left;
  }

  #unary(): Expression {
    if (!this.#is('-', '+', 'not')) return this.#power();
    return this.#nested(() => {
      const { text: sign, place } = this.#advance();
      return { type: 'operation', sign: `${sign} `, operands: [this.#unary()], place };
    });
  }

  #power(): Expression {
    const base = this.#postfix();
    const sign = this.#accept('**');
    if (!sign) return base;
    return {
      type: 'operation',
      sign: '**',
      operands: [base, this.#nested(() => this.#unary())],
      place: sign.place,
    };
  }

  #postfix(): Expression {
    let value = this.#atom();
    for (;;) {
      if (this.#accept('.')) {
        const { place } = this.#token;
        const name = this.#identifier('a name behind the dot');
        value = { type: 'attribute', of: value, name, place };
      } else if (this.#is('(')) {
        const of = value;
        value = {
          type: 'call',
          of,
          given: this.#bracketed('(', ')', () => this.#argument()),
          place: of.place,
        };
      } else if (this.#is('[')) {
        const { place } = this.#advance();
        const index = this.#expression();
        this.#expect(']', '“]” closes the index');
        value = { type: 'item', of: value, index, place };
      } else return value;
    }
  }

  #argument(): GivenExpression {
    if (this.#is('*', '**')) {
      this.#fail('Arguments behind a star are not read here: write the layers out.');
    }
    const value = this.#expression();
    if (this.#is('for')) this.#fail(LOOP);
    if (value.type !== 'name' || !this.#accept('=')) return { name: null, value, place: value.place };
    return { name: value.name, value: this.#expression(), place: value.place };
  }

  /** Things with commas between, in brackets. A comma that is missing at the end of a line is put there. */
  #bracketed<T>(open: string, close: string, read: () => T): T[] {
    const opening = this.#expect(open, `“${open}” is expected`);
    const items: T[] = [];
    while (!this.#is(close)) {
      if (this.#token.kind === 'end' || this.#token.kind === 'newline') {
        this.#fail(`“${open}” is never closed: put “${close}” behind its last entry.`, opening.place);
      }
      items.push(read());
      if (this.#accept(',') || this.#is(close)) continue;
      this.#missingComma(opening, close);
    }
    this.#advance();
    return items;
  }

  #missingComma(opening: Token, close: string): void {
    const before = this.#tokens[this.#at - 1]!;
    const { place, kind } = this.#token;
    if (kind === 'end' || kind === 'newline') {
      this.#fail(`“${opening.text}” is never closed: put “${close}” behind its last entry.`, opening.place);
    }
    const isEntry = kind !== 'sign' || this.#is('(', '[');
    if (!isEntry || place.line === before.place.line) {
      this.#fail(`“,” or “${close}” is expected here, but ${named(this.#token)} stands here.`);
    }
    const { line, column, length } = before.place;
    this.#notes.push({
      message: 'A comma is missing at the end of this line; it was read as if it stood there.',
      place: { line, column: column + length, length: 1 },
    });
  }

  #atom(): Expression {
    const { kind, text, place } = this.#token;
    if (kind === 'number') return this.#number();
    if (kind === 'string') {
      this.#advance();
      return { type: 'string', value: text, place };
    }
    if (kind === 'name') {
      const refusal = refused.get(text);
      if (refusal) this.#fail(refusal);
      this.#advance();
      const constants = new Map<string, boolean | null>([
        ['True', true],
        ['False', false],
        ['None', null],
      ]);
      const value = constants.get(text);
      if (value === undefined && keywords.has(text))
        this.#fail(`A value is expected here, not “${text}”.`, place);
      return value === undefined ? { type: 'name', name: text, place } : { type: 'constant', value, place };
    }
    if (this.#is('(')) return this.#parenthesised();
    if (this.#is('[')) {
      return { type: 'tuple', items: this.#bracketed('[', ']', () => this.#entry()), place };
    }
    if (this.#is('{')) return { type: 'dict', items: this.#bracketed('{', '}', () => this.#pair()), place };
    this.#fail(`A value is expected here, not ${named(this.#token)}.`);
  }

  #parenthesised(): Expression {
    const { place } = this.#token;
    const items = this.#bracketed('(', ')', () => this.#entry());
    const isTuple = items.length !== 1 || this.#tokens[this.#at - 2]!.text === ',';
    return isTuple ? { type: 'tuple', items, place } : items[0]!;
  }

  #entry(): Expression {
    if (this.#is('*')) this.#fail('Entries behind a star are not read here: write the layers out.');
    const value = this.#expression();
    if (this.#is('for')) this.#fail(LOOP);
    return value;
  }

  #pair(): readonly [Expression, Expression] {
    const key = this.#expression();
    this.#expect(':', '“:” stands between a name and what it names');
    return [key, this.#expression()];
  }

  #number(): Expression {
    const { text, place } = this.#advance();
    const value = Number(text.replaceAll('_', ''));
    if (!Number.isFinite(value)) this.#fail(`${text} is no number that can be used.`, place);
    return { type: 'number', value, place };
  }
}

function named({ kind, text }: Token): string {
  if (kind === 'end') return 'the end';
  if (kind === 'newline') return 'the end of the line';
  return kind === 'string' ? `the string ${JSON.stringify(text.slice(0, 40))}` : `“${text.slice(0, 40)}”`;
}
