/** What hosts ask of the studio while it dies and comes back. */
import { expect, test } from 'vitest';
import { queueChannels } from '../src/bridge/channels/messageQueue.ts';
import { connect } from '../src/bridge/rpc.ts';
import type { HostControl, StudioControl } from '../src/main/studio/hostProtocol.ts';
import { type StudioProcess, Supervisor } from '../src/main/supervisor.ts';

/** A studio of this process that dies over the first image it is asked for; the next one has it. */
function launcher() {
  let launched = 0;
  const launch = (): StudioProcess<never> => {
    const [near, far] = queueChannels();
    const exits: (() => void)[] = [];
    const dies = ++launched === 1;
    const die = () => {
      near.close();
      for (const exit of exits.splice(0)) exit();
    };
    const host = connect<HostControl, StudioControl>(far, {
      media: async () => {
        if (dies) die();
        return { status: 200, headers: {}, body: new Uint8Array([launched]) };
      },
      takeFile: async () => {
        if (dies) die();
        return null;
      },
      shutdown: async () => die(),
    });
    host.ready();
    return { control: near, join: () => {}, onExit: listener => void exits.push(listener), kill: die };
  };
  return launch;
}

const image = '/media/datasets/a/images/0.png';

test('an image that a studio died over is asked of the next one; an upload is not sent twice', async () => {
  const options = {
    studio: { workspace: '', roots: [], workers: null },
    onLost: () => {},
  };
  const supervisor = new Supervisor({ ...options, launch: launcher() });
  expect((await supervisor.media(image)).body).toEqual(new Uint8Array([2]));
  await supervisor.close();

  const other = new Supervisor({ ...options, launch: launcher() });
  async function* parts() {
    yield new Uint8Array([1]);
  }
  await expect(other.upload('/upload/a/cat.png', parts())).rejects.toThrow();
  await other.close();
});

test('a studio that is started anew is another one, and is asked from then on', async () => {
  let launched = 0;
  const ended: number[] = [];
  const launch = (): StudioProcess<never> => {
    const [near, far] = queueChannels();
    const exits: (() => void)[] = [];
    const own = ++launched;
    const end = () => {
      near.close();
      for (const exit of exits.splice(0)) exit();
    };
    const host = connect<HostControl, StudioControl>(far, {
      media: async () => ({ status: 200, headers: {}, body: new Uint8Array([own]) }),
      takeFile: async () => null,
      shutdown: async () => {
        ended.push(own);
        end();
      },
    });
    host.ready();
    return { control: near, join: () => {}, onExit: listener => void exits.push(listener), kill: end };
  };
  const studio = { workspace: '', roots: [], workers: null };
  const supervisor = new Supervisor({ studio, launch, onLost: () => {} });
  expect((await supervisor.media(image)).body).toEqual(new Uint8Array([1]));
  await supervisor.restart();
  expect((await supervisor.media(image)).body).toEqual(new Uint8Array([2]));
  await supervisor.close();
  expect(ended).toEqual([1, 2]);
});
