/**
 * What pasted code amounts to, worked out by hand and within bounds: numbers, layers, nn.Sequential, and functions
 * that make them. Nothing outside of these is known, nothing is ever run, and a text that would take too many
 * steps is refused.
 */
import { padModules } from '../layers/padding.ts';
import { type Given, type Reading, readArguments } from '../layers/torchForm.ts';
import { zeroPad2d } from '../layers/zeroPad2d.ts';
import { knownNames, modulesByName, nearest, padsByName } from './moduleNames.ts';
import type { Place } from './pythonTokens.ts';
import type { Expression, GivenExpression, Note, Statement, Syntax } from './pythonTree.ts';
import {
  fail,
  freeze,
  isModule,
  isTrue,
  type LayerValue,
  type ModuleValue,
  NONE,
  namedItem,
  operate,
  type PadValue,
  placedAt,
  plainOf,
  type SequenceValue,
  sequenceOf,
  type Value,
} from './pythonValues.ts';

type Scope = Map<string, Value>;

export interface Evaluated {
  /** The network's parts, one after the other. */
  readonly network: SequenceValue;
  readonly notes: readonly Note[];
}

/** Steps and calls within one another: far beyond what a network is written with. */
const MOST_STEPS = 50_000;
const DEEPEST = 30;
/** Operands, calls or dots, one after the other. */
const LONGEST_CHAIN = 500;

/** @throws CodeError where something has no meaning here */
export function evaluate({ statements, notes }: Syntax): Evaluated {
  return new Evaluator(notes).run(statements);
}

class Evaluator {
  readonly #notes: Note[];
  readonly #globals: Scope = new Map();
  #steps = 0;
  #depth = 0;
  #nesting = 0;

  constructor(notes: readonly Note[]) {
    this.#notes = [...notes];
  }

  /** The last nn.Sequential that got a name; else every layer that stands by itself, in order. */
  run(statements: readonly Statement[]): Evaluated {
    const named: { name: string; module: ModuleValue; place: Place }[] = [];
    const loose: ModuleValue[] = [];
    for (const statement of statements) {
      if (statement.type === 'return') fail('“return” stands inside a function only.', statement.place);
      if (statement.type === 'expression') for (const each of this.#loose(statement.value)) loose.push(each);
      else this.#execute([statement], this.#globals);
      const value = statement.type === 'assign' ? this.#globals.get(statement.name) : undefined;
      if (statement.type === 'assign' && value?.type === 'sequence') {
        named.push({ name: statement.name, module: value, place: statement.place });
      }
    }
    const last = named.at(-1);
    if (last && named.length > 1) {
      const message = `There are ${named.length} networks in this text; ${last.name}, the last, was taken.`;
      this.#notes.push({ message, place: last.place });
    }
    const modules = last ? [last.module] : loose;
    const items = modules.map(value => ({ name: null, value }));
    const place = modules[0]?.place ?? { line: 1, column: 1, length: 1 };
    return { network: sequenceOf(items, place), notes: this.#notes };
  }

  /** Layers of an expression that is given to nobody: one, or several with commas between. */
  #loose(expression: Expression): readonly ModuleValue[] {
    const value = this.#value(expression, this.#globals);
    if (isModule(value)) return [value];
    return value.type === 'tuple' && value.items.every(isModule) ? value.items : [];
  }

  /** @returns what a function gives back; undefined where it has not come to that */
  #execute(statements: readonly Statement[], scope: Scope): Value | undefined {
    for (const statement of statements) {
      this.#step(statement.place);
      if (statement.type === 'assign') scope.set(statement.name, this.#value(statement.value, scope));
      else if (statement.type === 'def') scope.set(statement.name, { ...statement, type: 'function' });
      else if (statement.type === 'expression') this.#value(statement.value, scope);
      else if (statement.type === 'skipped') this.#skip(statement);
      else if (statement.type === 'return')
        return statement.value ? this.#value(statement.value, scope) : NONE;
      else {
        const branch = isTrue(this.#value(statement.test, scope)) ? statement.body : statement.otherwise;
        const returned = this.#execute(branch, scope);
        if (returned) return returned;
      }
    }
    return undefined;
  }

  #skip({ keyword, name, place }: Statement & { type: 'skipped' }): void {
    if (keyword === 'with') {
      this.#notes.push({
        message: 'What stands under “with” is not read: weights are not in a graph.',
        place,
      });
    } else if (!modulesByName.has(name) && !padsByName.has(name)) {
      fail(`The class ${name} is not read: paste a network of nn.Sequential(…).`, place);
    }
  }

  #step(place: Place): void {
    if (++this.#steps > MOST_STEPS) fail('This text takes too long to read: paste less of it.', place);
  }

  #value(expression: Expression, scope: Scope): Value {
    this.#step(expression.place);
    if (++this.#nesting > LONGEST_CHAIN) fail('This expression is too long: split it.', expression.place);
    const value = this.#worth(expression, scope);
    this.#nesting--;
    return value;
  }

  #worth(expression: Expression, scope: Scope): Value {
    switch (expression.type) {
      case 'number':
      case 'string':
      case 'constant':
        return { type: 'plain', value: expression.value };
      case 'name':
        return (
          scope.get(expression.name) ??
          this.#globals.get(expression.name) ?? { type: 'path', path: expression.name }
        );
      case 'tuple':
        return { type: 'tuple', items: expression.items.map(item => this.#value(item, scope)) };
      case 'dict': {
        const items = expression.items.map(
          pair => ({ type: 'tuple', items: pair.map(each => this.#value(each, scope)) }) as const,
        );
        return { type: 'tuple', items };
      }
      case 'attribute':
        return this.#attribute(expression, scope);
      case 'item':
        return this.#item(expression, scope);
      case 'operation':
        return operate(
          expression.sign,
          expression.operands.map(operand => this.#value(operand, scope)),
          expression.place,
        );
      case 'call':
        return this.#call(expression, scope);
    }
  }

  #attribute({ of, name, place }: Expression & { type: 'attribute' }, scope: Scope): Value {
    const owner = this.#value(of, scope);
    if (owner.type === 'path') return { type: 'path', path: `${owner.path}.${name}` };
    if (owner.type === 'sequence') {
      const item = owner.items.find((each, i) => (each.name ?? String(i)) === name);
      if (item) return item.value;
    }
    if (isModule(owner)) return { type: 'method', of: owner, name };
    return fail(`${name} is not known here: only layers and nn.Sequential(…) are read.`, place);
  }

  #item({ of, index, place }: Expression & { type: 'item' }, scope: Scope): Value {
    const owner = this.#value(of, scope);
    const at = this.#value(index, scope);
    const number = at.type === 'plain' && typeof at.value === 'number' ? at.value : null;
    const items =
      owner.type === 'sequence'
        ? owner.items.map(({ value }) => value)
        : owner.type === 'tuple'
          ? owner.items
          : [];
    const item = number === null ? undefined : items.at(number);
    return item ?? fail('There is no such entry.', place);
  }

  #call({ of, given, place }: Expression & { type: 'call' }, scope: Scope): Value {
    const callee = this.#value(of, scope);
    if (callee.type === 'function') return this.#apply(callee, given, scope, place);
    if (callee.type === 'method') return this.#method(callee, given, scope);
    if (callee.type === 'path') return this.#construct(callee.path, given, scope, of.place);
    return fail('This is no function, and cannot be called.', place);
  }

  /** A function of the pasted text. */
  #apply(
    { parameters, body }: Value & { type: 'function' },
    given: readonly GivenExpression[],
    scope: Scope,
    place: Place,
  ): Value {
    if (++this.#depth > DEEPEST) fail('This function calls itself without an end.', place);
    const own: Scope = new Map();
    for (const [i, { name, value }] of given.entries()) {
      const parameter = name === null ? parameters[i] : parameters.find(each => each.name === name);
      if (!parameter)
        fail(
          `The function has no such parameter; it has ${parameters.map(each => each.name).join(', ')}.`,
          value.place,
        );
      own.set(parameter!.name, this.#value(value, scope));
    }
    for (const { name, standard } of parameters) {
      if (own.has(name)) continue;
      if (!standard) fail(`${name} is missing: the function has no default for it.`, place);
      own.set(name, this.#value(standard!, this.#globals));
    }
    const returned = this.#execute(body, own);
    this.#depth--;
    return returned ? placedAt(returned, place) : NONE;
  }

  #method({ of, name }: Value & { type: 'method' }, given: readonly GivenExpression[], scope: Scope): Value {
    const argument = given[0] && this.#value(given[0].value, scope);
    const freezes = name === 'requires_grad_' && argument?.type === 'plain' && argument.value === false;
    if (freezes) freeze(of);
    return of;
  }

  #construct(path: string, given: readonly GivenExpression[], scope: Scope, place: Place): Value {
    const name = this.#knownName(path, place);
    if (name === 'OrderedDict') return this.#ordered(given, scope, place);
    if (name === 'Sequential') return this.#sequence(given, scope, place);
    const read = given.map(({ name: argument, value }) => ({
      name: argument,
      value: plainOf(this.#value(value, scope), value.place),
    }));
    return makePad(name, read, given, place) ?? makeLayer(name, read, given, place);
  }

  /** The name of something that can be made, where it is one; differences of case are passed over with a note. */
  #knownName(path: string, place: Place): string {
    const name = path.split('.').at(-1)!;
    if (knownNames.includes(name)) return name;
    const alike = knownNames.find(known => known.toLowerCase() === name.toLowerCase());
    if (alike) {
      this.#notes.push({ message: `PyTorch writes ${alike}; ${name} was read as that.`, place });
      return alike;
    }
    const near = nearest(name, knownNames);
    const isOwn = !path.includes('.') && /^[a-z]/.test(name);
    if (isOwn) fail(`${name} is not known here: paste its “def ${name}(…)” too.`, place);
    const hint = near ? `Did you mean ${near}?` : 'It is not among the layers of the palette.';
    return fail(`There is no layer ${path} here. ${hint}`, place);
  }

  #ordered(given: readonly GivenExpression[], scope: Scope, place: Place): Value {
    const [pairs] = given;
    if (!pairs) fail('OrderedDict wants pairs of a name and a layer: OrderedDict([("conv1", …)]).', place);
    const value = this.#value(pairs!.value, scope);
    if (value.type !== 'tuple')
      fail('Here stand pairs of a name and a layer: [("conv1", …)].', pairs!.value.place);
    return { ...(value as Value & { type: 'tuple' }), isNamed: true };
  }

  #sequence(given: readonly GivenExpression[], scope: Scope, place: Place): Value {
    const items = given.flatMap(({ value: expression }): SequenceValue['items'] => {
      const value = this.#value(expression, scope);
      if (isModule(value)) return [{ name: null, value }];
      if (value.type === 'tuple' && value.isNamed)
        return value.items.map(pair => namedItem(pair, expression.place));
      return fail(
        value.type === 'path'
          ? `${value.path} is not known here: it should be a layer, as nn.ReLU().`
          : 'nn.Sequential takes layers, one after the other.',
        expression.place,
      );
    });
    return sequenceOf(items, place);
  }
}

type Refusal = Extract<Reading, { wrong: string }>;

/** A module that pads with the image itself, as a convolution does by its padding mode. */
function makePad(
  name: string,
  given: readonly Given[],
  written: readonly GivenExpression[],
  place: Place,
): PadValue | null {
  const mode = padsByName.get(name);
  if (!mode) return null;
  const reading = readArguments(padModules[mode], { sides: zeroPad2d.fields.padding }, given);
  if ('wrong' in reading) return fail(reading.wrong, placeOf(reading, written, place));
  return { type: 'pad', mode, sides: reading.params.sides as readonly number[], place };
}

/** Two kinds may go by one name: the first whose signature takes the arguments is meant. */
function makeLayer(
  name: string,
  given: readonly Given[],
  written: readonly GivenExpression[],
  place: Place,
): LayerValue {
  let refused: Refusal | undefined;
  for (const { kind, form } of modulesByName.get(name) ?? []) {
    const reading = readArguments(form, kind.fields, given);
    if ('wrong' in reading) {
      refused = reading;
      continue;
    }
    const claims = reading.claims.map(({ argument, given: index }) => ({
      name: argument.name,
      value: given[index]!.value,
      of: argument.flowsIn,
      place: written[index]!.value.place,
    }));
    return { type: 'layer', kind, params: { ...reading.params }, claims, place };
  }
  return fail(
    refused?.wrong ?? `There is no layer ${name}.`,
    refused ? placeOf(refused, written, place) : place,
  );
}

function placeOf(
  { given, isUnknown }: Refusal,
  written: readonly GivenExpression[],
  otherwise: Place,
): Place {
  if (given === null) return otherwise;
  return isUnknown ? written[given]!.place : written[given]!.value.place;
}
