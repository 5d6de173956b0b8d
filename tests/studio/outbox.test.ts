/** What a window is told of many things at once: everything, in order, no faster than it takes it. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StudioEvent } from '../../src/bridge/contract.ts';
import type { Job } from '../../src/bridge/datasetCalls.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { Outbox } from '../../src/main/studio/outbox.ts';

const idOf = (at: number) => at.toString(16).padStart(16, '0') as Id;
const jobOf = (at: number, done = 0) => ({ type: 'job', job: { id: idOf(at), done } as Job }) as const;
const gone = (at: number): StudioEvent => ({ type: 'runDeleted', id: idOf(at) });

/** A window that takes an event when it is told to. */
function slowWindow() {
  const sent: StudioEvent[] = [];
  const takes: (() => void)[] = [];
  const outbox = new Outbox(event => {
    sent.push(event);
    return new Promise<void>(resolve => takes.push(resolve));
  });
  const takeAll = async () => {
    while (takes.length > 0) {
      takes.shift()!();
      await setImmediate();
    }
  };
  return { outbox, sent, takeAll };
}

test('ten thousand events are all sent, in order, few of them at once', async () => {
  const { outbox, sent, takeAll } = slowWindow();
  for (let at = 0; at < 10_000; at++) outbox.put(gone(at));
  expect(sent.length).toBeLessThan(100);
  await takeAll();
  expect(sent).toEqual(Array.from({ length: 10_000 }, (_, at) => gone(at)));
});

test('what waits is replaced by what is said later of the same thing', async () => {
  const { outbox, sent, takeAll } = slowWindow();
  for (let at = 0; at < 100; at++) outbox.put(gone(at));
  for (let done = 0; done < 1000; done++) outbox.put(jobOf(1000, done));
  for (const message of ['one', 'two']) outbox.put({ type: 'notice', message });
  await takeAll();
  expect(sent.slice(100)).toEqual([
    jobOf(1000, 999),
    { type: 'notice', message: 'one' },
    { type: 'notice', message: 'two' },
  ]);
});

test('an event that cannot be sent keeps none after it', async () => {
  const sent: StudioEvent[] = [];
  const outbox = new Outbox(async event => {
    sent.push(event);
    throw new Error('It is too large.');
  });
  for (let at = 0; at < 200; at++) outbox.put(gone(at));
  await setImmediate();
  expect(sent).toHaveLength(200);
});
