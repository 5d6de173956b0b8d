/**
 * The studio process's connection to its host: a control channel, and a channel for each window. The only place that
 * distinguishes a Node child process from an Electron utility process.
 */
import { type Channel, messageChannel } from '../../bridge/channels/channel.ts';
import { unbounded } from '../../bridge/channels/end.ts';
import { type EmitterPort, messagePortChannel } from '../../bridge/channels/messagePort.ts';
import { ParcelEnd } from '../../bridge/channels/parcels.ts';
import { Multiplexer, type MultiplexerFrame } from '../multiplexer.ts';

export interface HostLink {
  readonly control: Channel;
  /** Windows connect only after the studio has reported that it is ready. */
  onWindow(listener: (channel: Channel) => void): void;
}

/** The used part of Electron's `process.parentPort`; absent in Node. */
export interface ParentPort {
  postMessage(message: unknown): void;
  on(type: 'message', listener: (event: { data: unknown; ports: EmitterPort[] }) => void): unknown;
}

/** Connects to the host. The control channel closes when the host is gone. */
export function hostLink(): HostLink {
  const { parentPort } = process as { parentPort?: ParentPort | null };
  return parentPort ? utilityLink(parentPort) : childLink();
}

function childLink(): HostLink {
  let onWindow: ((channel: Channel) => void) | undefined;
  const multiplexer = new Multiplexer(
    frame => process.connected && process.send?.(frame),
    channel => onWindow?.(messageChannel(channel)),
  );
  process.on('message', frame => multiplexer.received(frame as MultiplexerFrame));
  process.on('disconnect', () => multiplexer.closed());
  return {
    control: multiplexer.control,
    onWindow: listener => {
      onWindow = listener;
    },
  };
}

function utilityLink(parentPort: ParentPort): HostLink {
  let onWindow: ((channel: Channel) => void) | undefined;
  const control = new ParcelEnd(
    { post: parcel => parentPort.postMessage(parcel), close: () => {} },
    unbounded,
  );
  parentPort.on('message', ({ data, ports }) => {
    const [port] = ports;
    if (port) onWindow?.(messagePortChannel(port));
    else control.received(data);
  });
  return {
    control: messageChannel(control.channel),
    onWindow: listener => {
      onWindow = listener;
    },
  };
}
