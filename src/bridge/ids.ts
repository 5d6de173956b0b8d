/** Ids of everything that the studio stores. */

declare const brand: unique symbol;

/**
 * The id of a project, dataset, run, sweep, library block, upload, job or question: sixteen hexadecimal digits, safe in
 * paths and URLs. Strings from outside are checked with `isId`.
 */
export type Id = string & { readonly [brand]: 'Id' };

const ID_PATTERN = /^[0-9a-f]{16}$/;

export function isId(value: unknown): value is Id {
  return typeof value === 'string' && ID_PATTERN.test(value);
}

/** A new random id. */
export function newId(): Id {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('') as Id;
}

/** Milliseconds since 1970. */
export type Time = number;

/** The entries of a record by id. */
export function entriesById<T>(byId: Readonly<Record<Id, T>>): [Id, T][] {
  return Object.entries(byId) as [Id, T][];
}
