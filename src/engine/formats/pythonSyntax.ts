/**
 * Parses the supported part of Python: assignments, short functions, conditions, imports, deletions. Loops,
 * comprehensions and other statements are refused by name. A comma missing between two lines is inserted, with a note,
 * as no other reading makes sense.
 */
import { Cursor, named } from './pythonCursor.ts';
import { ExpressionReader, refused } from './pythonExpressions.ts';
import { tokenize } from './pythonTokens.ts';
import type { Expression, ImportedName, PythonParameter, Statement, Syntax } from './pythonTree.ts';

/** @throws CodeError where the text is not supported code */
export function parsePython(text: string): Syntax {
  return new Parser(new Cursor(tokenize(text))).run();
}

/** Augmented assignment operators. */
const UPDATES = ['+=', '-=', '*=', '/=', '//=', '%=', '**='];

class Parser {
  readonly #cursor: Cursor;
  readonly #expressions: ExpressionReader;

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
    this.#expressions = new ExpressionReader(cursor);
  }

  run(): Syntax {
    const statements: Statement[] = [];
    while (this.#cursor.skipNewlines().kind !== 'end') statements.push(...this.#statement());
    return { statements, notes: this.#expressions.notes };
  }

  #statement(): Statement[] {
    const { text, place, kind } = this.#cursor.token;
    if (kind !== 'name') return [this.#simple()];
    const refusal = refused.get(text);
    if (refusal) this.#cursor.fail(refusal);
    if (text === 'import' || text === 'from') return [this.#import()];
    if (text === 'def') return [this.#cursor.nested(() => this.#function())];
    if (text === 'if') return [this.#cursor.nested(() => this.#condition())];
    if (text === 'class') return [this.#class()];
    if (text === 'with') return [this.#cursor.nested(() => this.#with())];
    if (text === 'pass') {
      this.#cursor.advance();
      this.#endOfStatement();
      return [];
    }
    if (text === 'return') {
      this.#cursor.advance();
      const isBare = this.#isAtEndOfLine() || this.#cursor.is(';');
      const value = isBare ? null : this.#expressions.list();
      this.#endOfStatement();
      return [{ type: 'return', value, place }];
    }
    return text === 'del' ? this.#delete() : [this.#simple()];
  }

  #simple(): Statement {
    const { place } = this.#cursor.token;
    const value = this.#expressions.list();
    if (this.#cursor.is(...UPDATES)) {
      const { text } = this.#cursor.advance();
      const operand = this.#expressions.list();
      this.#endOfStatement();
      return {
        type: 'update',
        target: targetOf(value, this.#cursor),
        sign: text.slice(0, -1),
        value: operand,
        place,
      };
    }
    // Type annotations are ignored.
    if (value.type === 'name' && this.#cursor.accept(':')) this.#expressions.expression();
    const values = [value];
    while (this.#cursor.accept('=')) values.push(this.#expressions.list());
    this.#endOfStatement();
    if (values.length === 1) return { type: 'expression', value, place };
    const targets = values.slice(0, -1).map(target => targetOf(target, this.#cursor));
    return { type: 'assign', targets, value: values.at(-1)!, place };
  }

  #delete(): Statement[] {
    const { place } = this.#cursor.advance();
    const deleted = this.#expressions.list();
    this.#endOfStatement();
    const targets = deleted.type === 'tuple' ? deleted.items : [deleted];
    return targets.map(target => ({ type: 'delete', target, place }));
  }

  #isAtEndOfLine(): boolean {
    const { kind } = this.#cursor.token;
    return kind === 'newline' || kind === 'end';
  }

  #endOfStatement(): void {
    if (this.#isAtEndOfLine() || this.#cursor.is(';')) return;
    this.#cursor.fail(`The line should end here, but ${named(this.#cursor.token)} follows.`);
  }

  /** `import torch.nn as nn`, `from torch.nn import Conv2d as Conv, ReLU`. */
  #import(): Statement {
    const { text, place } = this.#cursor.advance();
    const names: ImportedName[] = [];
    const from = text === 'from' ? `${this.#path()}.` : '';
    if (from) this.#cursor.expect('import', '“import” says what is taken from it');
    const isBracketed = this.#cursor.accept('(') !== undefined;
    do {
      if (this.#cursor.is(')')) break;
      if (from && this.#cursor.accept('*')) continue;
      const path = this.#path();
      const renamed = this.#cursor.accept('as') ? this.#expressions.identifier('the new name') : null;
      // Without `as`, the first part of the path is bound.
      const name = renamed ?? path.split('.')[0]!;
      names.push({ name, path: from + (renamed === null ? name : path) });
    } while (this.#cursor.accept(','));
    if (isBracketed) this.#cursor.expect(')', '“)” closes the names');
    this.#endOfStatement();
    return { type: 'import', names, place };
  }

  #path(): string {
    let path = '';
    while (this.#cursor.is('.')) path += this.#cursor.advance().text;
    if (!path || !this.#cursor.is('import')) path += this.#expressions.identifier('the name of a module');
    while (this.#cursor.accept('.')) path += `.${this.#expressions.identifier('a name behind the dot')}`;
    return path;
  }

  /** Skips a class: its head and all lines indented further. */
  #class(): Statement {
    const { place, indent } = this.#cursor.advance();
    const name = this.#cursor.token.text;
    const words: string[] = ['class'];
    const line = () => {
      for (
        let { token } = this.#cursor;
        token.kind !== 'newline' && token.kind !== 'end';
        { token } = this.#cursor
      ) {
        words.push(token.text);
        this.#cursor.advance();
      }
    };
    line();
    while (this.#cursor.skipNewlines().kind !== 'end' && this.#cursor.token.indent > indent) line();
    return { type: 'class', name, words, place };
  }

  #with(): Statement {
    const { place, indent } = this.#cursor.advance();
    const contexts: Expression[] = [];
    const names: string[] = [];
    do {
      contexts.push(this.#expressions.expression());
      if (this.#cursor.accept('as')) names.push(this.#expressions.identifier('a name'));
    } while (this.#cursor.accept(','));
    return { type: 'with', contexts, names, body: this.#block(indent), place };
  }

  #function(): Statement {
    const { place, indent } = this.#cursor.advance();
    const name = this.#expressions.identifier('the name of the function');
    this.#cursor.expect('(', `“(” begins the parameters of ${name}`);
    const parameters: PythonParameter[] = [];
    while (!this.#cursor.is(')')) {
      if (this.#cursor.is('*', '**'))
        this.#cursor.fail('Parameters with a star are not read here: name each of them.');
      const parameter = this.#expressions.identifier('the name of a parameter');
      if (this.#cursor.accept(':')) this.#expressions.expression();
      const standard = this.#cursor.accept('=') ? this.#expressions.expression() : null;
      if (!standard && parameters.at(-1)?.standard)
        this.#cursor.fail(`${parameter} has no default, and stands behind what has one.`);
      parameters.push({ name: parameter, standard });
      if (!this.#cursor.accept(',')) break;
    }
    this.#cursor.expect(')', '“)” closes the parameters');
    if (this.#cursor.accept('->')) this.#expressions.expression();
    return { type: 'def', name, parameters, body: this.#block(indent), place };
  }

  #condition(): Statement {
    const { place, indent } = this.#cursor.advance();
    const test = this.#expressions.expression();
    const body = this.#block(indent);
    const before = this.#cursor.at;
    this.#cursor.skipNewlines();
    if (this.#cursor.token.indent === indent && this.#cursor.is('elif')) {
      const otherwise = [this.#cursor.nested(() => this.#condition())];
      return { type: 'if', test, body, otherwise, place };
    }
    if (this.#cursor.token.indent === indent && this.#cursor.accept('else')) {
      return { type: 'if', test, body, otherwise: this.#block(indent), place };
    }
    this.#cursor.returnTo(before);
    return { type: 'if', test, body, otherwise: [], place };
  }

  /** A block: the rest of the line after the colon, or lines indented further than the head. */
  #block(indent: number): Statement[] {
    this.#cursor.expect(':', '“:” begins the block');
    const statements: Statement[] = [];
    if (this.#cursor.token.kind !== 'newline') {
      do statements.push(...this.#statement());
      while (this.#cursor.accept(';') && !this.#isAtEndOfLine());
      return statements;
    }
    if (this.#cursor.skipNewlines().kind === 'end' || this.#cursor.token.indent <= indent) {
      this.#cursor.fail('A block is expected here: indent its lines further than the line with the colon.');
    }
    const inner = this.#cursor.token.indent;
    while (this.#cursor.skipNewlines().kind !== 'end' && this.#cursor.token.indent > indent) {
      if (this.#cursor.token.indent !== inner)
        this.#cursor.fail(
          'This line is indented otherwise than its block: it is not clear what it belongs to.',
        );
      statements.push(...this.#statement());
    }
    return statements;
  }
}

/** An assignment target: a name, attribute, item or slice. */
function targetOf(value: Expression, cursor: Cursor): Expression {
  if (['name', 'attribute', 'item', 'slice'].includes(value.type)) return value;
  return cursor.fail('Only a name, or a place in a network, can be given a value here.', value.place);
}
