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
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  const underWay: Promise<Out>[] = [];
  const next = () => Promise.race([underWay.shift()!, aborted]);
  for (const input of inputs) {
    signal.throwIfAborted();
    const result = work(input);
    // It is awaited later, or never after a cancel: its failure must not count as unhandled.
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length >= width) yield await next();
  }
  while (underWay.length > 0) yield await next();
}
