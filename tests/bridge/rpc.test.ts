import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import type { Channel } from '../../src/bridge/channels/channel.ts';
import { messagePortChannel } from '../../src/bridge/channels/messagePort.ts';
import { queueChannels } from '../../src/bridge/channels/queue.ts';
import type { StudioCalls, StudioEvent } from '../../src/bridge/contract.ts';
import { ConnectionClosed, connectStudio, connectWindow } from '../../src/bridge/rpc.ts';
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
