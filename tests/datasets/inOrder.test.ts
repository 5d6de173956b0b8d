/** Work on many things at once: results in order, never more under way than asked for, and an end at once. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { inOrder } from '../../src/main/studio/datasets/import/inOrder.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const never = new AbortController().signal;

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const result of results) taken.push(result);
  return taken;
}

test('results come in the order of the inputs, though later ones are done first', async () => {
  const work = async (n: number) => {
    await new Promise(resolve => setTimeout(resolve, (7 * n) % 5));
    return n;
  };
  expect(await all(inOrder(numbers(50), 8, never, work))).toEqual(numbers(50));
  expect(await all(inOrder([], 8, never, work))).toEqual([]);
});

test('no more is begun than asked for, however slowly results are taken', async () => {
  let begun = 0;
  let taken = 0;
  const waiting: number[] = [];
  for await (const _ of inOrder(numbers(40), 6, never, async n => ++begun && n)) {
    await new Promise(resolve => setTimeout(resolve, 1));
    waiting.push(begun - taken++);
  }
  expect(Math.max(...waiting)).toBe(6);
  expect(begun).toBe(40);
});

test('an abort ends it while work is under way, and nothing is begun after it', async () => {
  const controller = new AbortController();
  let begun = 0;
  const results = inOrder(numbers(100), 4, controller.signal, n => {
    begun++;
    return n < 3 ? Promise.resolve(n) : new Promise<number>(() => {});
  });
  const taken: number[] = [];
  const end = (async () => {
    for await (const n of results) taken.push(n);
  })();
  setTimeout(() => controller.abort(new Error('Cancelled.')), 20);
  await expect(end).rejects.toThrow('Cancelled.');
  expect(taken).toEqual([0, 1, 2]);
  const before = begun;
  await new Promise(resolve => setTimeout(resolve, 20));
  expect(begun).toBe(before);
});

test('a failure is thrown where its result would be, those after it go unheard', async () => {
  const work = async (n: number) => {
    if (n >= 2) throw new Error(`no ${n}`);
    return n;
  };
  const taken: number[] = [];
  const end = (async () => {
    for await (const n of inOrder(numbers(10), 4, never, work)) taken.push(n);
  })();
  await expect(end).rejects.toThrow('no 2');
  expect(taken).toEqual([0, 1]);
});

test('the signal keeps nothing of what is done', async () => {
  const { signal } = new AbortController();
  await all(inOrder(numbers(2000), 8, signal, async n => n));
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
