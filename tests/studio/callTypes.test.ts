/**
 * A call that a contract has and a table forgets, or does not take whole, does not compile. Each line below a
 * `@ts-expect-error` is such a table; `npm run typecheck` fails where one of them would pass.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { answersOf, exactly, schemasOf } from '../../src/main/studio/callTypes.ts';

interface Calls {
  rename(id: number, name: string): Promise<void>;
  list(order: 'newest' | 'oldest', options: { limit?: number }): Promise<string[]>;
  export(id: number, indented?: boolean): Promise<string>;
  ping?(): Promise<void>;
}

const rename = z.tuple([z.number(), z.string()]);
const list = z.tuple([z.enum(['newest', 'oldest']), z.strictObject({ limit: z.number().exactOptional() })]);
const exported = z.tuple([z.number(), z.boolean().optional()]);
const ping = z.tuple([]);
const schemas = { rename, list, export: exported, ping };

const answers = {
  rename: async (_id: number, _name: string) => {},
  list: async (_order: 'newest' | 'oldest', _options: { limit?: number }) => ['a'],
  export: async (_id: number, _indented?: boolean) => '',
  ping: async () => {},
};

test('a table of schemas is passed on as it is', () => {
  expect(schemasOf<Calls>()(schemas)).toBe(schemas);
  expect(exactly<'a' | 'b'>()(z.enum(['a', 'b'])).parse('b')).toBe('b');
});

test('a table of answers is passed on as it is', () => {
  expect(answersOf<Calls>()(answers)).toBe(answers);
});

test('a table of schemas that forgets something does not compile', () => {
  const schemasOfCalls = schemasOf<Calls>();
  // @ts-expect-error rename is forgotten
  schemasOfCalls({ list, export: exported, ping });
  // @ts-expect-error ping is forgotten, which the contract has as optional
  schemasOfCalls({ rename, list, export: exported });
  // @ts-expect-error close is no call of the contract
  schemasOfCalls({ ...schemas, close: ping });
  // @ts-expect-error the argument `indented` is forgotten
  schemasOfCalls({ ...schemas, export: z.tuple([z.number()]) });
  // @ts-expect-error the value 'oldest' is forgotten
  schemasOfCalls({ ...schemas, list: z.tuple([z.enum(['newest']), list.def.items[1]]) });
  // @ts-expect-error the field `limit` is forgotten
  schemasOfCalls({ ...schemas, list: z.tuple([list.def.items[0], z.strictObject({})]) });
  // @ts-expect-error a name may not be a number
  schemasOfCalls({ ...schemas, rename: z.tuple([z.number(), z.union([z.string(), z.number()])]) });
  // @ts-expect-error 'b' is forgotten
  exactly<'a' | 'b'>()(z.enum(['a']));
});

test('a table of answers that forgets something does not compile', () => {
  const answersOfCalls = answersOf<Calls>();
  const { rename: _rename, ...others } = answers;
  // @ts-expect-error rename is forgotten
  answersOfCalls(others);
  // @ts-expect-error close is no call of the contract
  answersOfCalls({ ...answers, close: async () => {} });
  // @ts-expect-error the name is not taken
  answersOfCalls({ ...answers, rename: async (_id: number) => {} });
  // @ts-expect-error `indented` is not taken
  answersOfCalls({ ...answers, export: async (_id: number) => '' });
  // @ts-expect-error 'oldest' is not taken
  answersOfCalls({ ...answers, list: async (_order: 'newest', _options: { limit?: number }) => [] });
  // @ts-expect-error it answers a number, not a text
  answersOfCalls({ ...answers, export: async (_id: number, _indented?: boolean) => 1 });
});
