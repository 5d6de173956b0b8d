/** What everything that the studio keeps is told apart by. */

declare const brand: unique symbol;

/**
 * Of a project, dataset, run, sweep, library block, upload, job or question: sixteen hexadecimal digits, so that
 * it is safe in paths and addresses. What comes from outside becomes one by `isId` alone.
 */
export type Id = string & { readonly [brand]: 'Id' };

const ID_PATTERN = /^[0-9a-f]{16}$/;

export function isId(value: unknown): value is Id {
  return typeof value === 'string' && ID_PATTERN.test(value);
}

/** A new one, at random. */
export function newId(): Id {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('') as Id;
}

/** Milliseconds since 1970. */
export type Time = number;

/** The entries of an object that has something for each of several ids. */
export function entriesById<T>(byId: Readonly<Record<Id, T>>): [Id, T][] {
  return Object.entries(byId) as [Id, T][];
}
