/** The studio process of the desktop host: an Electron utility process, which windows reach by MessagePorts. */
import { type MessagePortMain, utilityProcess } from 'electron';
import { ChannelEnd } from '../../bridge/channels/end.ts';
import { entryFile } from '../entries.ts';
import type { StudioOptions } from '../studio/process.ts';
import type { StudioProcess } from '../supervisor.ts';
import { threadPoolEnvironment } from '../threadPool.ts';

export function launchStudioUtility(options: StudioOptions): StudioProcess<MessagePortMain> {
  const child = utilityProcess.fork(entryFile('studio'), [JSON.stringify(options)], {
    serviceName: 'Receptive Studio',
    env: threadPoolEnvironment(),
  });
  const control = new ChannelEnd({
    send: message => child.postMessage(message),
    close: () => child.kill(),
  });
  child.on('message', message => control.received(message));
  child.on('exit', () => control.closed());
  return {
    control,
    join: port => child.postMessage(null, [port]),
    onExit: listener => child.once('exit', () => listener()),
    kill: () => child.kill(),
  };
}
