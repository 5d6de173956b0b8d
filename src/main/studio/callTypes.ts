/**
 * What the tables of schemas and of answers owe to a contract of calls, as types: no call is forgotten, none is too many,
 * and what may be given to each is what the contract says, no less. `satisfies` alone lets a schema pass that knows
 * fewer values, fields or arguments, since its output is a part of what the contract says; and any function that
 * leaves arguments out.
 */
import type { z } from 'zod';

/** Calls as functions, so that their arguments are compared strictly. One that a contract has as optional is owed too. */
type Functions<Calls> = {
  [K in keyof Calls]-?: NonNullable<Calls[K]> extends (...args: infer Arguments) => infer Result
    ? (...args: Arguments) => Result
    : never;
};

type ArgumentsOf<Calls, K extends keyof Calls> = Parameters<Functions<Calls>[K]>;

/** Whether types are the same, `?` and readonly included: assignable both ways they are also where a field may be missing. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Fits nothing; an error that names it says what was owed. */
interface HasToLetIn<T> {
  readonly owed: T;
}
interface HasToTake<Arguments> {
  readonly owed: Arguments;
}

type Exact<T, Schema> = Schema extends z.ZodType
  ? IsSame<z.output<Schema>, T> extends true
    ? unknown
    : HasToLetIn<T>
  : never;

/** Passes a schema on that lets in exactly this type. */
export function exactly<T>() {
  return <Schema extends z.ZodType>(schema: Schema & Exact<T, Schema>): Schema => schema;
}

/** Passes on a table of schemas, one for the arguments of each call of a contract. */
export function schemasOf<Calls>() {
  return <Table extends Record<string, z.ZodType>>(
    table: Table & {
      [K in keyof Calls]-?: K extends keyof Table ? Exact<ArgumentsOf<Calls, K>, Table[K]> : z.ZodType;
    } & { [K in Exclude<keyof Table, keyof Calls>]: never },
  ): Table => table;
}

/** Passes on a table of what answers each call of a contract, which takes all that the call may be given. */
export function answersOf<Calls>() {
  return <Table extends Functions<Calls>>(
    table: Table & {
      [K in keyof Table]: K extends keyof Calls ? TakesAll<ArgumentsOf<Calls, K>, Table[K]> : never;
    },
  ): Table => table;
}

type TakesAll<Arguments extends unknown[], Answer> = Answer extends (...args: infer Taken) => unknown
  ? Required<Taken>['length'] extends Required<Arguments>['length']
    ? unknown
    : HasToTake<Arguments>
  : never;
