/**
 * The language by which runs are found: `accuracy > 0.9 and optimizer.kind = adam and tag:baseline`, or just words.
 * Pure and total: whatever is written, the answer is a predicate or an error with its place.
 *
 *     expression  =  all, { 'or', all }
 *     all         =  one, { [ 'and' ], one }
 *     one         =  'not', one  |  '(', expression, ')'  |  name, operator, value  |  word
 *     operator    =  '=' | '!=' | '>' | '>=' | '<' | '<=' | ':'
 *
 * `:` asks whether a text holds the value, or a list has it. A word is looked for in a run's names, state, tags,
 * notes and in the words among its settings. What a run does not have is neither greater nor smaller nor equal.
 */
import type { RunSummary } from '../bridge/runCalls.ts';
import { type Fact, type FactOf, factNamed, ownFacts } from './facts.ts';
import type { SettingValue, Survey } from './survey.ts';

export type Predicate = (run: RunSummary) => boolean;

export type Filter =
  | { readonly ok: true; readonly matches: Predicate }
  /** @property at where in the text it is wrong, from 0 */
  | { readonly ok: false; readonly message: string; readonly at: number };

const operators = ['!=', '>=', '<=', '==', '=', '>', '<', ':'] as const;
type Operator = (typeof operators)[number];

interface Token {
  readonly kind: 'word' | 'quoted' | 'operator' | '(' | ')' | 'end';
  readonly text: string;
  readonly at: number;
}

/** Parentheses and `not` within each other, at most. */
const DEEPEST_NESTING = 64;

class FilterError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export function parseFilter(text: string, known: Survey): Filter {
  if (text.trim() === '') return { ok: true, matches: () => true };
  try {
    return { ok: true, matches: new Parser(tokenize(text), known).whole() };
  } catch (error) {
    if (error instanceof FilterError) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

const TOKEN =
  /\s*(?:(?<quoted>"(?:[^"\\]|\\.)*")|(?<paren>[()])|(?<operator>!=|>=|<=|==|=|>|<|:)|(?<word>[^\s()"=<>!:]+))/suy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) throw unreadable(text, from);
    const { quoted, paren, operator, word } = groups;
    const raw = (quoted ?? paren ?? operator ?? word)!;
    const at = TOKEN.lastIndex - raw.length;
    if (quoted !== undefined)
      tokens.push({ kind: 'quoted', text: quoted.slice(1, -1).replace(/\\(.)/gsu, '$1'), at });
    else if (paren !== undefined) tokens.push({ kind: paren as '(' | ')', text: paren, at });
    else tokens.push({ kind: operator !== undefined ? 'operator' : 'word', text: raw, at });
  }
  tokens.push({ kind: 'end', text: '', at: end });
  return tokens;
}

function unreadable(text: string, from: number): FilterError {
  const at = from + (text.slice(from).length - text.slice(from).trimStart().length);
  if (text[at] === '"') return new FilterError('This quotation has no end.', at);
  return new FilterError(`${text[at]} cannot stand here.`, at);
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #known: Survey;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], known: Survey) {
    this.#tokens = tokens;
    this.#known = known;
  }

  whole(): Predicate {
    const found = this.#expression();
    const { kind, at } = this.#peek();
    if (kind === 'end') return found;
    throw new FilterError('This parenthesis closes nothing.', at);
  }

  #peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }

  /** Whether the next token is this word of the language; takes it then. */
  #takes(word: string): boolean {
    const { kind, text } = this.#peek();
    const isIt = kind === 'word' && text.toLowerCase() === word && this.#peek(1).kind !== 'operator';
    if (isIt) this.#next++;
    return isIt;
  }

  #expression(): Predicate {
    const options = [this.#all()];
    while (this.#takes('or')) options.push(this.#all());
    return options.length === 1 ? options[0]! : run => options.some(matches => matches(run));
  }

  #all(): Predicate {
    const demands = [this.#one()];
    while (this.#takes('and') || this.#beginsOne()) demands.push(this.#one());
    return demands.length === 1 ? demands[0]! : run => demands.every(matches => matches(run));
  }

  #beginsOne(): boolean {
    const { kind, text } = this.#peek();
    if (kind === 'word' && text.toLowerCase() === 'or') return this.#peek(1).kind === 'operator';
    return kind === 'word' || kind === 'quoted' || kind === '(';
  }

  #one(): Predicate {
    const token = this.#peek();
    if (this.#depth > DEEPEST_NESTING) throw new FilterError('This is nested too deeply.', token.at);
    this.#depth++;
    try {
      if (this.#takes('not')) {
        const inner = this.#one();
        return run => !inner(run);
      }
      this.#next++;
      if (token.kind === '(') return this.#closed(token);
      if (token.kind === 'word' && this.#peek().kind === 'operator') return this.#comparison(token);
      if (token.kind === 'word' || token.kind === 'quoted') return holdsWord(token.text, this.#known);
      throw new FilterError(
        token.kind === 'end' ? 'Something is missing at the end.' : `A name is missing before ${token.text}.`,
        token.at,
      );
    } finally {
      this.#depth--;
    }
  }

  #closed({ at }: Token): Predicate {
    const inner = this.#expression();
    if (this.#peek().kind !== ')') throw new FilterError('This parenthesis is not closed.', at);
    this.#next++;
    return inner;
  }

  #comparison(name: Token): Predicate {
    const operator = this.#peek().text as Operator;
    this.#next++;
    const value = this.#peek();
    if (value.kind !== 'word' && value.kind !== 'quoted')
      throw new FilterError(`A value is missing after ${operator}.`, value.at);
    this.#next++;
    const fact = factNamed(name.text, this.#known);
    if (!fact) throw new FilterError(unknownName(name.text, this.#known), name.at);
    return compare(fact, operator, value);
  }
}

function unknownName(name: string, { settings, metrics }: Survey): string {
  const start = name.toLowerCase().slice(0, 3);
  const all = [...ownFacts, ...settings, ...metrics];
  const near = all.filter(each =>
    each
      .toLowerCase()
      .split('.')
      .some(part => part.startsWith(start)),
  );
  const hint = near.length > 0 && start !== '' ? ` Is it ${near.slice(0, 3).join(', ')}?` : '';
  return `No run has ${name}.${hint}`;
}

function compare(fact: FactOf, operator: Operator, { text, at }: Token): Predicate {
  const wanted = text.toLowerCase();
  if (operator === ':') return run => holds(fact(run), wanted);
  if (operator === '=' || operator === '==') return run => equals(fact(run), text, wanted);
  if (operator === '!=') return run => !equals(fact(run), text, wanted);
  const number = numberOf(text);
  if (Number.isNaN(number))
    throw new FilterError(`${operator} wants a number or a day; this is ${text}.`, at);
  const test = orders[operator];
  return run => {
    const value = fact(run);
    return typeof value === 'number' && test(value, number);
  };
}

const orders: Readonly<Record<'>' | '>=' | '<' | '<=', (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
};

/** `0.9`, `90%`, `1e-3`, or a day: `2026-01-31`. NaN where it is none of them. */
function numberOf(text: string): number {
  if (/^\d{4}-\d\d-\d\d/.test(text)) return Date.parse(text);
  const percent = /^(.+)%$/.exec(text);
  if (percent) return Number(percent[1]) / 100;
  return Number(text);
}

const isList = (fact: Fact): fact is readonly string[] => Array.isArray(fact);

function equals(fact: Fact, text: string, wanted: string): boolean {
  if (isList(fact)) return fact.some(each => each.toLowerCase() === wanted);
  if (typeof fact === 'number') return fact === numberOf(text);
  if (typeof fact === 'boolean') return fact === ['true', 'on', 'yes', '1'].includes(wanted);
  return fact !== undefined && fact.toLowerCase() === wanted;
}

function holds(fact: Fact, wanted: string): boolean {
  if (typeof fact === 'string') return fact.toLowerCase().includes(wanted);
  return equals(fact, wanted, wanted);
}

function holdsWord(text: string, { texts }: Survey): Predicate {
  const word = text.toLowerCase();
  const has = (value: SettingValue | undefined) =>
    typeof value === 'string' && value.toLowerCase().includes(word);
  return run =>
    has(run.name) ||
    has(run.projectName) ||
    has(run.dataset) ||
    has(run.state) ||
    has(run.notes) ||
    run.tags.some(has) ||
    texts.some(name => has(run.settings[name]));
}
