/** At most so many names are listed in a message. */
const MAX_LISTED_NAMES = 12;

/** Names as a message lists them; of a long list the first ones and the last. */
export function listNames(names: readonly string[], between = ', '): string {
  if (names.length <= MAX_LISTED_NAMES) return names.join(between);
  return [...names.slice(0, MAX_LISTED_NAMES - 1), '…', names.at(-1)!].join(between);
}
