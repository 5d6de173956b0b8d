/** Facts are asked for by version: at once, then one question at a time with a pause between, and never for nothing. */
import { environmentManager, QueryObserver } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ConnectionClosed } from '../../src/bridge/rpc.ts';
import { pulledQuery, type Question, queries } from '../../src/renderer/store/pulled.ts';

/** Each question that is asked waits here for its answer. */
let asked: PromiseWithResolvers<string>[] = [];
let stop: () => void = () => {};

beforeEach(() => {
  vi.useFakeTimers();
  // Without a window React Query takes this for a server, which asks nothing again.
  environmentManager.setIsServer(() => false);
  asked = [];
});

afterEach(() => {
  stop();
  queries.clear();
});

const ofVersion = (version: unknown, onFailure?: (error: unknown) => void): Question<string> => ({
  key: ['fact'],
  version,
  ask: () => {
    const question = Promise.withResolvers<string>();
    asked.push(question);
    return question.promise;
  },
  ...(onFailure && { onFailure }),
});

/** Somebody looks, and is told of further versions by `next`. */
function look(first: Question<string>) {
  const observer = new QueryObserver(queries, pulledQuery(first, true));
  stop = observer.subscribe(() => {});
  return {
    next: (question: Question<string> | null, isReady = true) =>
      observer.setOptions(pulledQuery(question, isReady)),
    answer: () => observer.getCurrentResult().data?.answer,
    stop: () => stop(),
  };
}

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

it('asks at once, and no more while the version stays', async () => {
  const fact = look(ofVersion(1));
  await pass(10_000);
  expect(asked.length).toBe(1);
  expect(fact.answer()).toBeUndefined();
  asked[0]?.resolve('first');
  await pass(60_000);
  expect(fact.answer()).toBe('first');
  expect(asked.length).toBe(1);
});

it('asks one question at a time, however fast versions change, and the last version is answered', async () => {
  const fact = look(ofVersion(0));
  asked[0]?.resolve('of 0');
  await pass(1);
  for (let version = 1; version <= 100; version++) {
    fact.next(ofVersion(version));
    await pass(10);
    // It takes its time.
    expect(asked.length).toBeLessThanOrEqual(2);
  }
  expect(fact.answer()).toBe('of 0');
  asked[1]?.resolve('of some version on the way');
  await pass(1);
  expect(fact.answer()).toBe('of some version on the way');
  await pass(398);
  expect(asked.length).toBe(2);
  await pass(10);
  expect(asked.length).toBe(3);
  asked[2]?.resolve('of 100');
  await pass(60_000);
  expect(fact.answer()).toBe('of 100');
  expect(asked.length).toBe(3);
});

it('answers of quiet facts are asked for anew at once', async () => {
  const fact = look(ofVersion(1));
  asked[0]?.resolve('first');
  await pass(5000);
  fact.next(ofVersion(2));
  await pass(2);
  expect(asked.length).toBe(2);
});

it('what fails is told once, keeps the last answer, and is asked again with the next version', async () => {
  const onFailure = vi.fn();
  const fact = look(ofVersion(1, onFailure));
  asked[0]?.resolve('first');
  await pass(1000);
  fact.next(ofVersion(2, onFailure));
  await pass(2);
  asked[1]?.reject(new Error('It cannot be read.'));
  await pass(60_000);
  expect(onFailure.mock.calls).toEqual([[new Error('It cannot be read.')]]);
  expect(fact.answer()).toBe('first');
  expect(asked.length).toBe(2);
  fact.next(ofVersion(3, onFailure));
  await pass(1000);
  asked[2]?.resolve('third');
  await pass(1);
  expect(fact.answer()).toBe('third');
});

it('what the studio went away over is no failure, and is asked again when it is back', async () => {
  const onFailure = vi.fn();
  const fact = look(ofVersion(1, onFailure));
  asked[0]?.reject(new ConnectionClosed());
  await pass(1);
  fact.next(ofVersion(1, onFailure), false);
  await pass(60_000);
  expect(asked.length).toBe(1);
  fact.next(ofVersion(1, onFailure), true);
  await pass(1);
  expect(asked.length).toBe(2);
  asked[1]?.resolve('back');
  await pass(1);
  expect(fact.answer()).toBe('back');
  expect(onFailure).not.toHaveBeenCalled();
});

it('two who look at the same ask once; who looks anew asks again, but for what lasts', async () => {
  const lasting = { ...ofVersion(1), lasts: true };
  const first = look(lasting);
  const stopFirst = stop;
  const second = look(lasting);
  await pass(1);
  expect(asked.length).toBe(1);
  asked[0]?.resolve('shared');
  await pass(1);
  expect([first.answer(), second.answer()]).toEqual(['shared', 'shared']);
  stopFirst();
  stop();
  await pass(1000);
  const again = look(lasting);
  await pass(1000);
  expect(again.answer()).toBe('shared');
  expect(asked.length).toBe(1);
  stop();
  const anew = look(ofVersion(1));
  await pass(1);
  expect(anew.answer()).toBe('shared');
  expect(asked.length).toBe(2);
});

it('nothing is asked where there is no question', async () => {
  const fact = look(ofVersion(1));
  asked[0]?.resolve('first');
  await pass(1);
  fact.next(null);
  await pass(1000);
  expect(fact.answer()).toBeUndefined();
  expect(asked.length).toBe(1);
});
