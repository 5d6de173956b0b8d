/**
 * Work on many things at once, results in their order: at most `width` are under way, so that memory stays
 * bounded however long the list.
 */
export async function* inOrder<In, Out>(
  inputs: Iterable<In>,
  width: number,
  signal: AbortSignal,
  work: (input: In) => Promise<Out>,
): AsyncGenerator<Out> {
  const underWay: Promise<Out>[] = [];
  const next = () => unlessAborted(underWay.shift()!, signal);
  for (const input of inputs) {
    signal.throwIfAborted();
    const result = work(input);
    // Awaited later, or never after cancellation: must not count as an unhandled rejection.
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length >= width) yield await next();
  }
  while (underWay.length > 0) yield await next();
}

/** Not Promise.race with one promise for the abort, which would retain everything that ever raced against it. */
function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  return promise;
}
