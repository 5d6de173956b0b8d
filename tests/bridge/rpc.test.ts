import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import type { Channel } from '../../src/bridge/channels/channel.ts';
import { FrameEnd } from '../../src/bridge/channels/end.ts';
import { messagePortChannel } from '../../src/bridge/channels/messagePort.ts';
import { queueChannels } from '../../src/bridge/channels/messageQueue.ts';
import type { StudioCalls, StudioEvent } from '../../src/bridge/contract.ts';
import type { Id } from '../../src/bridge/ids.ts';
import { ConnectionClosed, connect, connectStudio, connectWindow } from '../../src/bridge/rpc.ts';
import { UserError } from '../../src/main/userError.ts';
import { idOf } from '../ids.ts';

/** A slow machine must not fail a sound test. */
const PATIENT = { timeout: 30_000 };

const [A, B, C] = [idOf(1), idOf(2), idOf(3)];

function portChannels(): [Channel, Channel] {
  const { port1, port2 } = new MessageChannel();
  return [messagePortChannel(port1), messagePortChannel(port2)];
}

/** A window and a studio that offers these calls, joined. */
function join(calls: Partial<StudioCalls>, [near, far]: [Channel, Channel] = queueChannels()) {
  const events: StudioEvent[] = [];
  const faults: string[] = [];
  const window = connectWindow(near, { event: event => void events.push(event) });
  const studio = connectStudio(far, calls as StudioCalls, (error, call) => faults.push(`${call}: ${error}`));
  return { window, studio, near, far, events, faults };
}

describe.each([
  ['queue', queueChannels],
  ['message port', portChannels],
])('over a %s', (_name, channels) => {
  test('a call brings its answer', async () => {
    const { window, near } = join(
      { exportProject: async id => ({ fileName: `${id}.json`, text: '{}' }) },
      channels(),
    );
    expect(await window.exportProject(A)).toEqual({ fileName: `${A}.json`, text: '{}' });
    near.close();
  });

  test("a person's error keeps its name and its sentence, never its stack", async () => {
    const refuse = async () => {
      throw new UserError('The folder /missing does not exist.');
    };
    const { window, faults, near } = join({ listFolder: refuse }, channels());
    const error: Error = await window.listFolder('/missing').catch(error => error);
    expect(error.name).toBe('UserError');
    expect(error.message).toBe('The folder /missing does not exist.');
    expect(error.stack).not.toContain('refuse');
    expect(faults).toEqual(['listFolder: UserError: The folder /missing does not exist.']);
    near.close();
  });

  test('events arrive in the order they were sent', async () => {
    const { studio, events, near } = join({}, channels());
    for (const id of [A, B, C]) studio.event.asEvent({ type: 'runDeleted', id });
    await vi.waitFor(() => expect(events).toHaveLength(3), PATIENT);
    expect(events.map(event => 'id' in event && event.id)).toEqual([A, B, C]);
    near.close();
  });

  test.each(['near', 'far'] as const)('closing the %s end rejects what still waits', async side => {
    const joined = join({ snapshot: () => new Promise(() => {}) }, channels());
    const waiting = joined.window.snapshot();
    setTimeout(() => joined[side].close());
    await expect(waiting).rejects.toBeInstanceOf(ConnectionClosed);
    await expect(joined.window.snapshot()).rejects.toBeInstanceOf(ConnectionClosed);
  });

  test('both ends hear once that the channel closed, late listeners too', async () => {
    const [near, far] = channels();
    const heard: string[] = [];
    near.onClose(() => heard.push('near'));
    far.onClose(() => heard.push('far'));
    near.close();
    near.close();
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(['far', 'near']), PATIENT);
    far.onClose(() => heard.push('late'));
    await vi.waitFor(() => expect(heard).toContain('late'), PATIENT);
  });
});

test('what came before anyone listened is not lost', async () => {
  const [near, far] = queueChannels();
  near.send('first');
  near.send('second');
  await new Promise(resolve => setTimeout(resolve));
  const heard: unknown[] = [];
  far.onMessage(message => heard.push(message));
  expect(heard).toEqual(['first', 'second']);
});

test('an event to a window that left is no error', async () => {
  const { studio, far } = join({});
  far.close();
  await expect(studio.event.asEvent({ type: 'runDeleted', id: A })).resolves.toBeUndefined();
});

test('an answer that cannot be sent becomes an error, not silence', async () => {
  const unsendable = async () => (() => 0) as never;
  const { window, faults } = join({ snapshot: unsendable });
  await expect(window.snapshot()).rejects.toThrow(/could not be cloned/);
  expect(faults).toHaveLength(1);
});

test('what every object inherits is not offered, and nonsense is passed over', async () => {
  const { window, near } = join({ deleteRuns: async () => {} });
  for (const nonsense of [null, 7, 'text', [], {}]) near.send(nonsense);
  await expect(window.$call('constructor' as 'snapshot')).rejects.toThrow(/not found/);
  await expect(window.$call('hasOwnProperty' as 'snapshot')).rejects.toThrow(/not found/);
  await expect(window.deleteRuns([A])).resolves.toBeUndefined();
});

/** What is sent past our own rpc: the shape of a message with anything in its places. */
const odd = { toString: 1, valueOf: 1, toJSON: 1 };

test.each([
  ['a name that is none', { t: 'q', i: '1', m: odd, a: [] }],
  ['arguments that are no list', { t: 'q', i: '1', m: 'deleteRuns', a: odd }],
  ['no arguments', { t: 'q', i: '1', m: 'deleteRuns' }],
  ['no name', { t: 'q', i: '1', a: [] }],
  ['a name nobody has', { t: 'q', i: '1', m: 'x'.repeat(100_000), a: [] }],
  ['a kind that is none', { t: odd, i: '1' }],
])('a call with %s is answered in a sentence', async (_name, message) => {
  const { near } = join({ deleteRuns: async () => {} });
  const answer = new Promise<unknown>(resolve => near.onMessage(resolve));
  near.send(message);
  const { i, e } = (await answer) as { i: string; e: { $error: { name: string; message: string } } };
  expect(i).toBe('1');
  expect(e.$error.name).toBe('UserError');
  expect(e.$error.message).toMatch(/^[^\n]{1,200}\.$/);
});

test.each([
  ['an error that is none', { t: 's', i: '1', e: odd }],
  ['an error without a sentence', { t: 's', i: '1', e: { $error: odd } }],
  ['an id that is none', { t: 's', i: odd, r: 1 }],
  ['a call with an id that is none', { t: 'q', i: odd, m: 'deleteRuns', a: [] }],
  ['an event with a name that is none', { t: 'q', m: odd, a: odd }],
])('%s harms nobody', async (_name, message) => {
  const { window, near, far } = join({ deleteRuns: async () => {} });
  near.send(message);
  far.send(message);
  await expect(window.deleteRuns([A])).resolves.toBeUndefined();
});

test('a call of a million arguments is refused in a sentence, and nothing of it reported', async () => {
  const [near, far] = queueChannels();
  const reported: Error[] = [];
  connect(far, { snapshot: async () => 1 }, error => reported.push(error));
  const answer = new Promise(resolve => near.onMessage(resolve));
  near.send({ t: 'q', i: 'x', m: 'snapshot', a: new Array(1_000_000).fill(0) });
  expect(await answer).toMatchObject({
    i: 'x',
    e: { $error: { message: expect.stringMatching(/^This is no call: /) } },
  });
  expect(reported).toEqual([]);
});

test('an error of a million words is told in its first thousands', async () => {
  const { window } = join({
    deleteRuns: async () => {
      throw new UserError('x'.repeat(1_000_000));
    },
  });
  const error: Error = await window.deleteRuns([A]).then(
    () => new Error('answered'),
    error => error,
  );
  expect(error.message.length).toBeLessThan(10_000);
});

test.each([
  ['an answer nested too deeply', () => nested(5000)],
  ['an answer that is too large', () => new Uint8Array(65 * 2 ** 20)],
])('%s answers its call in a sentence, and the next one is answered', async (_name, value) => {
  const { window } = join({ snapshot: async () => value() as never, deleteRuns: async () => {} });
  await expect(window.snapshot()).rejects.toThrow(/^What is sent between window and studio .*\.$/);
  await expect(window.deleteRuns([A])).resolves.toBeUndefined();
});

test('a call that cannot be sent is refused where it is made, and the next one is answered', async () => {
  const { window } = join({ deleteRuns: async () => {} });
  await expect(window.deleteRuns(nested(5000) as Id[])).rejects.toThrow(/levels deep/);
  await expect(window.deleteRuns([A])).resolves.toBeUndefined();
});

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level++) value = [value];
  return value;
}

describe('what is under way is bounded', () => {
  /** An end whose transport notes what it is told. */
  function noting(send: () => Promise<void> = async () => {}) {
    const held: boolean[] = [];
    const closed: (string | undefined)[] = [];
    const end = new FrameEnd({
      send,
      close: fault => void closed.push(fault),
      hold: wait => void held.push(wait),
    });
    return { end, held, closed };
  }

  test('whoever sends many calls waits until some are answered', async () => {
    const { end, held, closed } = noting();
    const atWork: (() => void)[] = [];
    end.onMessage(() => new Promise<void>(resolve => atWork.push(resolve)));
    for (let i = 0; i < 1000; i++) end.received(new Uint8Array(10));
    expect(held).toEqual([true]);
    // What had come already waits too.
    expect(atWork).toHaveLength(16);
    for (let i = 0; i < 1000; i++) {
      await vi.waitFor(() => expect(atWork.length).toBeGreaterThan(i), PATIENT);
      atWork[i]!();
    }
    await vi.waitFor(() => expect(held).toEqual([true, false]), PATIENT);
    expect(closed).toEqual([]);
  });

  test('whoever cannot be made to wait and sends without end is closed', () => {
    const { end, closed } = noting();
    end.onMessage(() => new Promise(() => {}));
    const frame = new Uint8Array(2 ** 20);
    for (let i = 0; i < 200; i++) end.received(frame);
    expect(closed).toEqual(['It sends faster than it can be answered.']);
  });

  test('whoever does not read is closed, and nobody waits for it', async () => {
    const { end, closed } = noting(() => new Promise(() => {}));
    const sent = Array.from({ length: 100 }, () => end.send(new Uint8Array(2 ** 20)));
    await Promise.all(sent);
    expect(closed).toEqual(['It does not take what it is sent.']);
  });

  test('however large, one message at a time comes through', async () => {
    const { end, closed } = noting();
    for (let i = 0; i < 5; i++) await end.send(new Uint8Array(64 * 2 ** 20));
    expect(closed).toEqual([]);
  });

  test('a fault of a listener closes its own channel, with the sentence', () => {
    const { end, closed } = noting();
    end.onMessage(() => {
      throw new Error('A defect.');
    });
    end.received(new Uint8Array(1));
    return vi.waitFor(() => expect(closed).toEqual(['A defect.']), PATIENT);
  });

  test('a thousand calls at once are all answered', async () => {
    const [near, far] = queueChannels();
    const calls = connectWindow(near, { event: () => {} });
    let answered = 0;
    const count = async () => void answered++;
    connectStudio(far, { deleteRuns: count } as unknown as StudioCalls, () => {});
    await Promise.all(Array.from({ length: 1000 }, () => calls.deleteRuns([A])));
    expect(answered).toBe(1000);
  });
});
