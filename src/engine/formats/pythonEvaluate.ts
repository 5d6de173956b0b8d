/**
 * Evaluates pasted code within limits, without running Python: numbers, layers, nn.Sequential, functions that return
 * them, and later changes. Too many steps are refused. Unknown code is ignored with a note where it cannot change the
 * network, and refused where it might.
 */

import { assignIn, deleteFrom, type Key } from './pythonChanges.ts';
import { isOurClass, makeLayer, makeOrdered, makePad, makeSequence, namedBy } from './pythonLayers.ts';
import { callMethod, slice } from './pythonModules.ts';
import { type Loose, modulesOf, networksOf } from './pythonNetworks.ts';
import { holdsLayers, isGathering, isLooking, isSilentCall, refuseModules, SILENT } from './pythonPassing.ts';
import { namesGivenIn, Scope } from './pythonScope.ts';
import type { SourcePosition } from './pythonTokens.ts';
import type { Expression, GivenExpression, Note, Statement, Syntax } from './pythonTree.ts';
import type { GivenValue } from './pythonValues.ts';
import {
  entryOf,
  fail,
  isList,
  isModule,
  isTrue,
  NONE,
  operate,
  placedAt,
  plainOf,
  type SequenceValue,
  sequenceOf,
  type Value,
} from './pythonValues.ts';

/** An attribute, item or slice of something. */
type Inner = { readonly type: 'attribute' | 'item' | 'slice' };

export interface Evaluated {
  /** The network's modules in order. */
  readonly network: SequenceValue;
  readonly notes: readonly Note[];
}

/** Limits on evaluation steps and call depth. */
const MOST_STEPS = 50_000;
const DEEPEST_CALLS = 30;
/** The longest chain of operands, calls or attributes. */
const LONGEST_CHAIN = 500;

/** @throws CodeError where something has no meaning here */
export function evaluate({ statements, notes }: Syntax): Evaluated {
  return new Evaluator(notes).run(statements);
}

class Evaluator {
  readonly #notes: Note[];
  readonly #globals = new Scope(new Set(), null);
  /** Where each sequence was assigned to a name, in order. */
  readonly #named = new Map<string, SourcePosition>();
  #steps = 0;
  #depth = 0;
  #nesting = 0;
  /** The `with` block that is being evaluated; null outside. */
  #within: SourcePosition | null = null;

  constructor(notes: readonly Note[]) {
    this.#notes = [...notes];
    this.#globals.set('__name__', { type: 'plain', value: '__main__' });
  }

  /** The last named nn.Sequential that is not part of another one; else all layers in expression statements. */
  run(statements: readonly Statement[]): Evaluated {
    const loose: Loose[] = [];
    for (const statement of statements) {
      if (statement.type === 'return') fail('“return” stands inside a function only.', statement.place);
      if (statement.type !== 'expression') this.#execute([statement], this.#globals);
      else loose.push(...this.#loose(statement.value));
    }
    const networks = networksOf(this.#named, this.#globals.values());
    const last = networks.at(-1);
    if (last && networks.length > 1) {
      const message = `There are ${networks.length} networks in this text; ${last.name}, the last, was taken.`;
      this.#notes.push({ message, place: last.place });
    }
    const modules = last ? [last.module] : modulesOf(loose);
    const items = modules.map(value => ({ name: null, value }));
    const place = modules[0]?.place ?? { line: 1, column: 1, length: 1 };
    return { network: sequenceOf(items, place), notes: this.#notes };
  }

  /** The values of an expression statement: one, or several separated by commas. */
  #loose(expression: Expression): Loose[] {
    const value = this.#value(expression, this.#globals);
    if (value.type === 'tuple') return value.items.map(item => ({ value: item, place: expression.place }));
    return isSilentCall(expression) ? [] : [{ value, place: expression.place }];
  }

  /** Notes that something is ignored; for a `with` block once. */
  #note(message: string, place: SourcePosition): void {
    if (!this.#within) this.#notes.push({ message, place });
    else if (this.#notes.at(-1)?.place !== this.#within) {
      const whole = 'What stands under “with” is read for the network alone: weights are not in a graph.';
      this.#notes.push({ message: whole, place: this.#within });
    }
  }

  /** @returns the function's return value; undefined where no return was reached */
  #execute(statements: readonly Statement[], scope: Scope): Value | undefined {
    for (const statement of statements) {
      this.#step(statement.place);
      const returned = this.#statement(statement, scope);
      if (returned) return returned;
    }
    return undefined;
  }

  #statement(statement: Statement, scope: Scope): Value | undefined {
    switch (statement.type) {
      case 'assign': {
        const value = this.#value(statement.value, scope);
        for (const target of statement.targets) this.#assign(target, value, scope, statement.value.place);
        return undefined;
      }
      case 'update':
        this.#update(statement, scope);
        return undefined;
      case 'delete':
        this.#delete(statement.target, scope);
        return undefined;
      case 'import':
        for (const { name, path } of statement.names)
          this.#set(scope, name, { type: 'path', path }, statement.place);
        return undefined;
      case 'def':
        this.#set(scope, statement.name, this.#defined(statement, scope), statement.place);
        return undefined;
      case 'class':
        if (!isOurClass(statement.name, statement.words))
          fail(
            `The class ${statement.name} is not read: paste a network of nn.Sequential(…).`,
            statement.place,
          );
        return undefined;
      case 'with':
        return this.#with(statement, scope);
      case 'expression':
        this.#value(statement.value, scope);
        return undefined;
      case 'return':
        return statement.value ? this.#value(statement.value, scope) : NONE;
      case 'if': {
        const { test, body, otherwise } = statement;
        return this.#execute(isTrue(this.#value(test, scope), test.place) ? body : otherwise, scope);
      }
    }
  }

  #defined({ parameters, body }: Statement & { type: 'def' }, scope: Scope): Value {
    const taken = parameters.map(({ name, standard }) => ({
      name,
      standard: standard && this.#value(standard, scope),
    }));
    const own = new Set([...taken.map(({ name }) => name), ...namesGivenIn(body)]);
    return { type: 'function', parameters: taken, body, own, around: scope };
  }

  #with({ contexts, names, body, place }: Statement & { type: 'with' }, scope: Scope): Value | undefined {
    const outer = this.#within;
    this.#within = place;
    for (const context of contexts) this.#value(context, scope);
    const message = 'What “with” gives a name to is not read here.';
    for (const name of names) this.#set(scope, name, { type: 'unknown', message }, place);
    const returned = this.#execute(body, scope);
    this.#within = outer;
    return returned;
  }

  #set(scope: Scope, name: string, value: Value, place: SourcePosition): void {
    scope.set(name, value);
    if (scope !== this.#globals) return;
    this.#named.delete(name);
    if (value.type === 'sequence') this.#named.set(name, place);
  }

  #assign(target: Expression, value: Value, scope: Scope, place: SourcePosition): void {
    if (target.type === 'name') this.#set(scope, target.name, value, target.place);
    else this.#assignInto(target as Expression & Inner, value, scope, place);
  }

  /** `net.conv = nn.Conv2d(…)`, `net[0] = …`. */
  #assignInto(target: Expression & Inner, value: Value, scope: Scope, place: SourcePosition): void {
    const owner = this.#value(target.of, scope);
    const note = assignIn(owner, this.#keyOf(target, scope), { value, place }, target.place);
    if (note) this.#note(note, target.place);
  }

  /** The key of a target: an attribute, an index or a slice. */
  #keyOf(target: Expression & Inner, scope: Scope): Key {
    if (target.type === 'attribute') return { name: target.name };
    if (target.type === 'item') return { index: this.#whole(target.index, scope) };
    return { part: this.#ends(target, scope) };
  }

  #update({ target, sign, value: operand, place }: Statement & { type: 'update' }, scope: Scope): void {
    const before = this.#value(target, scope);
    const value = this.#value(operand, scope);
    if (before.type === 'sequence' && value.type === 'sequence' && sign === '+') {
      callMethod(before, 'extend', [{ name: null, value, place: operand.place }], place);
    } else if (before.type !== 'plain') {
      fail(`“${sign}=” is for numbers and for nn.Sequential(…) here: write the layers out.`, place);
    } else this.#assign(target, operate(sign, [before, value], place), scope, operand.place);
  }

  #delete(target: Expression, scope: Scope): void {
    if (target.type === 'attribute' || target.type === 'item' || target.type === 'slice') {
      deleteFrom(this.#value(target.of, scope), this.#keyOf(target, scope), target.place);
      return;
    }
    if (target.type !== 'name' || !scope.delete(target.name))
      fail('There is nothing here to delete.', target.place);
    if (scope === this.#globals) this.#named.delete(target.name);
  }

  #ends({ start, end }: Expression & { type: 'slice' }, scope: Scope): readonly [number?, number?] {
    return [start, end].map(each => (each ? this.#whole(each, scope) : undefined)) as [number?, number?];
  }

  #whole(expression: Expression, scope: Scope): number {
    const value = this.#value(expression, scope);
    if (value.type === 'plain' && Number.isInteger(value.value)) return value.value as number;
    return fail('A whole number is expected here.', expression.place);
  }

  #step(place: SourcePosition): void {
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
        return scope.find(expression.name, expression.place) ?? { type: 'path', path: expression.name };
      case 'tuple':
        return { type: 'tuple', items: expression.items.map(item => this.#value(item, scope)) };
      case 'dict': {
        const items = expression.items.map(
          pair => ({ type: 'tuple', items: pair.map(each => this.#value(each, scope)) }) as const,
        );
        return { type: 'tuple', items, isDictionary: true };
      }
      case 'attribute':
        return this.#attribute(expression, scope);
      case 'item':
        return this.#item(expression, scope);
      case 'slice':
        return this.#part(expression, scope);
      case 'operation':
        return this.#operation(expression, scope);
      case 'call':
        return this.#call(expression, scope);
    }
  }

  /** `and` and `or` short-circuit: unevaluated operands might change the network. */
  #operation({ sign, operands, place }: Expression & { type: 'operation' }, scope: Scope): Value {
    const [first, second, third] = operands as [Expression, Expression, Expression];
    if (sign !== 'if' && sign !== 'and' && sign !== 'or')
      return operate(
        sign,
        operands.map(operand => this.#value(operand, scope)),
        place,
      );
    const value = this.#value(first, scope);
    const holds = isTrue(value, place);
    if (sign === 'if') return this.#value(holds ? second : third, scope);
    return holds === (sign === 'and') ? this.#value(second, scope) : value;
  }

  #attribute({ of, name, place }: Expression & { type: 'attribute' }, scope: Scope): Value {
    const owner = this.#value(of, scope);
    if (owner.type === 'path') return { type: 'path', path: `${owner.path}.${name}` };
    if (owner.type === 'unknown') return owner;
    if (owner.type === 'method') return { ...owner, name: `${owner.name}.${name}` };
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
    if (owner.type === 'unknown') return owner;
    return entryOf(owner, at) ?? fail('There is no such entry.', place);
  }

  #part(expression: Expression & { type: 'slice' }, scope: Scope): Value {
    const owner = this.#value(expression.of, scope);
    const [start, end] = this.#ends(expression, scope);
    if (owner.type === 'sequence') return slice(owner, start, end, expression.place);
    if (isList(owner)) return { type: 'tuple', items: owner.items.slice(start, end) };
    return fail('A part is read of nn.Sequential and of tuples only.', expression.place);
  }

  #call({ of, given, place }: Expression & { type: 'call' }, scope: Scope): Value {
    const callee = this.#value(of, scope);
    if (callee.type === 'function') return this.#apply(callee, given, scope, place);
    if (callee.type === 'path') return this.#construct(callee.path, given, scope, of.place);
    if (callee.type === 'method') {
      const { value, note } = callMethod(callee.of, callee.name, this.#given(given, scope), place);
      if (note) this.#note(note, place);
      return value;
    }
    if (callee.type === 'plain' || callee.type === 'tuple')
      return fail('This is no function, and cannot be called.', place);
    const values = this.#given(given, scope);
    if (callee.type === 'unknown' && callee.holdsLayers) fail(callee.message, place);
    if (callee.type === 'unknown') refuseModules('This', values);
    return {
      type: 'unknown',
      message: 'What a network or a function gives is not read here: write the layers out.',
    };
  }

  #given(given: readonly GivenExpression[], scope: Scope): GivenValue[] {
    return given.map(({ name, value }) => ({ name, value: this.#value(value, scope), place: value.place }));
  }

  /** Calls a function of the pasted code. */
  #apply(
    { parameters, body, own: names, around }: Value & { type: 'function' },
    given: readonly GivenExpression[],
    scope: Scope,
    place: SourcePosition,
  ): Value {
    if (++this.#depth > DEEPEST_CALLS) fail('This function calls itself without an end.', place);
    const own = new Scope(names, around);
    for (const [i, { name, value }] of given.entries()) {
      const parameter = name === null ? parameters[i] : parameters.find(each => each.name === name);
      if (!parameter)
        fail(
          `The function has no such parameter; it has ${parameters.map(each => each.name).join(', ')}.`,
          value.place,
        );
      if (own.has(parameter!.name)) fail(`${parameter!.name} is given twice.`, value.place);
      own.set(parameter!.name, this.#value(value, scope));
    }
    for (const { name, standard } of parameters) {
      if (own.has(name)) continue;
      if (!standard) fail(`${name} is missing: the function has no default for it.`, place);
      own.set(name, standard!);
    }
    const returned = this.#execute(body, own);
    this.#depth--;
    return returned ? placedAt(returned, place) : NONE;
  }

  #construct(path: string, given: readonly GivenExpression[], scope: Scope, place: SourcePosition): Value {
    const named = namedBy(path, place);
    if ('unknown' in named) return this.#passOver(path, named.unknown, given, scope, place);
    const { known, note } = named;
    if (note) this.#note(note, place);
    const values = this.#given(given, scope);
    if (known === 'OrderedDict') return makeOrdered(values, place);
    if (known === 'Sequential') return makeSequence(values, place);
    const read = values.map(each => ({ name: each.name, value: plainOf(each.value, each.place) }));
    return makePad(known, read, given, place) ?? makeLayer(known, read, given, place);
  }

  /** A call that is ignored: it must not have access to modules of the network. */
  #passOver(
    path: string,
    message: string,
    given: readonly GivenExpression[],
    scope: Scope,
    place: SourcePosition,
  ): Value {
    const values = this.#given(given, scope);
    const name = path.split('.').at(-1)!;
    if (!isLooking(path)) refuseModules(path, values);
    if (path === 'exec' || path === 'eval') fail('Code within a text is not read: write it out.', place);
    if (!SILENT.has(name)) this.#note(`${path}(…) is passed over: it is no layer.`, place);
    return { type: 'unknown', message, holdsLayers: isGathering(path) && values.some(holdsLayers) };
  }
}
