/** Functions that remember their last answer, so that what did not change stays the same object. */

/**
 * Asked again of the same, it answers with the same object. In a selector of a store all that it is given has to come
 * from stores: two components that ask of different things would take each other's last answer away.
 */
export function keepingLast<Given extends readonly unknown[], Result>(
  work: (...given: Given) => Result,
): (...given: Given) => Result {
  let last: { readonly given: Given; readonly result: Result } | undefined;
  return (...given) => {
    const known = last;
    if (known && given.every((each, i) => each === known.given[i])) return known.result;
    const result = work(...given);
    last = { given, result };
    return result;
  };
}

/** The work is given its last answer too, to share with the next what did not change; at first it is given `none`. */
export function sharingWithLast<Given, Result>(
  work: (given: Given, last: Result) => Result,
  none: Result,
): (given: Given) => Result {
  let last = none;
  return given => {
    last = work(given, last);
    return last;
  };
}
