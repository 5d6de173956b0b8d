/** The studio process of the desktop host: an Electron utility process, which windows reach by MessagePorts. */
import { type MessagePortMain, utilityProcess } from 'electron';
import { messageChannel } from '../../bridge/channels/channel.ts';
import { unbounded } from '../../bridge/channels/end.ts';
import { ParcelEnd } from '../../bridge/channels/parcels.ts';
import { entryFile } from '../entries.ts';
import type { StudioOptions } from '../studio/hostProtocol.ts';
import type { StudioProcess } from '../supervisor.ts';
import { threadPoolEnvironment } from '../threadPool.ts';

export function launchStudioUtility(options: StudioOptions): StudioProcess<MessagePortMain> {
  const child = utilityProcess.fork(entryFile('studio'), [JSON.stringify(options)], {
    serviceName: 'Receptive Studio',
    env: threadPoolEnvironment(),
  });
  const control = new ParcelEnd(
    { post: parcel => child.postMessage(parcel), close: () => child.kill() },
    unbounded,
  );
  child.on('message', message => control.received(message));
  child.on('exit', () => control.channel.closed());
  return {
    control: messageChannel(control.channel),
    join: port => child.postMessage(null, [port]),
    onExit: listener => child.once('exit', () => listener()),
    kill: () => child.kill(),
  };
}
