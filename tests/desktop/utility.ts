/** Runs inside the child that stands in for a utility process: gives it `process.parentPort`, then its module. */
import { EventEmitter } from 'node:events';
import { pathToFileURL } from 'node:url';
import { type Channel, messageChannel } from '../../src/bridge/channels/channel.ts';
import { Multiplexer } from '../../src/main/multiplexer.ts';
import type { UtilityMessage } from './ports.ts';

class ParentPort extends EventEmitter {
  postMessage(message: unknown): void {
    if (process.connected) process.send?.({ message });
  }
}

/** A channel in the shape of a MessagePortMain. */
class ChannelPort extends EventEmitter {
  readonly #channel: Channel;

  constructor(channel: Channel) {
    super();
    this.#channel = channel;
    channel.onClose(() => this.emit('close'));
  }

  start(): void {
    this.#channel.onMessage(data => this.emit('message', { data, ports: [] }));
  }

  postMessage(message: unknown): void {
    void this.#channel.send(message);
  }

  close(): void {
    this.#channel.close();
  }
}

const parentPort = new ParentPort();
const multiplexer = new Multiplexer(
  frame => process.connected && process.send?.({ frame }),
  channel => parentPort.emit('message', { data: null, ports: [new ChannelPort(messageChannel(channel))] }),
);
process.on('message', (message: UtilityMessage) => {
  if ('frame' in message) multiplexer.received(message.frame);
  else parentPort.emit('message', { data: message.message, ports: [] });
});
// Electron ends its utility processes with itself.
process.on('disconnect', () => process.exit());

const [modulePath] = process.argv.splice(2, 1);
Object.assign(process, { parentPort });
await import(pathToFileURL(modulePath!).href);
