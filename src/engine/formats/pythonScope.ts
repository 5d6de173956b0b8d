/** Variable scopes of pasted code, with Python's rules. */
import type { SourcePosition } from './pythonTokens.ts';
import type { Expression, Statement } from './pythonTree.ts';
import { fail, type Names, type Value } from './pythonValues.ts';

export class Scope implements Names {
  readonly #values = new Map<string, Value>();
  readonly #own: ReadonlySet<string>;
  readonly #around: Names | null;

  /** @param own names that are local to this scope, even before assignment; @param around the enclosing scope */
  constructor(own: ReadonlySet<string>, around: Names | null) {
    this.#own = own;
    this.#around = around;
  }

  find(name: string, place: SourcePosition): Value | undefined {
    const value = this.#values.get(name);
    if (value) return value;
    if (this.#own.has(name)) fail(`${name} has no value yet where this stands.`, place);
    return this.#around?.find(name, place);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  delete(name: string): boolean {
    return this.#values.delete(name);
  }

  values(): ReadonlyMap<string, Value> {
    return this.#values;
  }
}

const nameOf = (target: Expression): string[] => (target.type === 'name' ? [target.name] : []);

/** Names assigned within a function, which are local to all of it. */
export function namesGivenIn(body: readonly Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  const left = [...body];
  for (let statement = left.pop(); statement; statement = left.pop()) {
    for (const name of givenBy(statement)) names.add(name);
    if (statement.type === 'with') left.push(...statement.body);
    if (statement.type === 'if') left.push(...statement.body, ...statement.otherwise);
  }
  return names;
}

function givenBy(statement: Statement): readonly string[] {
  switch (statement.type) {
    case 'assign':
      return statement.targets.flatMap(nameOf);
    case 'update':
    case 'delete':
      return nameOf(statement.target);
    case 'import':
      return statement.names.map(({ name }) => name);
    case 'def':
      return [statement.name];
    case 'with':
      return statement.names;
    default:
      return [];
  }
}
