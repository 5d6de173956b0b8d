/**
 * The studio process's line to the host that started it: a control channel and a channel for each window. It is
 * the one place that tells a Node child process from an Electron utility process.
 */
import { type Channel, messageChannel } from '../../bridge/channels/channel.ts';
import { unbounded } from '../../bridge/channels/end.ts';
import { type EmitterPort, messagePortChannel } from '../../bridge/channels/messagePort.ts';
import { ParcelEnd } from '../../bridge/channels/parcels.ts';
import { Multiplexer, type MultiplexerFrame } from '../multiplexer.ts';

export interface HostLink {
  readonly control: Channel;
  /** Windows come only after the studio said that it is ready. */
  onWindow(listener: (channel: Channel) => void): void;
}

/** Electron's `process.parentPort`, as far as it is used; absent in plain Node. */
export interface ParentPort {
  postMessage(message: unknown): void;
  on(type: 'message', listener: (event: { data: unknown; ports: EmitterPort[] }) => void): unknown;
}

/** Joins this process to its host. Its control channel closes when the host is gone. */
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
