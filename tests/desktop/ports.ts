/** Electron's MessageChannelMain over Node's own ports, and its utility process over a Node child. */
import { fork } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type Electron from 'electron';
import { messageChannel } from '../../src/bridge/channels/channel.ts';
import { Multiplexer, type MultiplexerFrame } from '../../src/main/multiplexer.ts';

export class MessagePortMain extends EventEmitter {
  readonly #port: MessagePort;
  #closed = false;

  constructor(port: MessagePort) {
    super();
    this.#port = port;
    port.on('close', () => {
      this.#closed = true;
      this.emit('close');
    });
  }

  postMessage(message: unknown): void {
    if (!this.#closed) this.#port.postMessage(message);
  }

  /** Messages wait until then. */
  start(): void {
    this.#port.on('message', data => this.emit('message', { data, ports: [] }));
  }

  close(): void {
    this.#port.close();
  }
}

export class MessageChannelMain {
  readonly port1: MessagePortMain;
  readonly port2: MessagePortMain;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = new MessagePortMain(port1);
    this.port2 = new MessagePortMain(port2);
  }
}

/** What is sent to a utility process: a message, or the news of a port, whose messages follow as frames. */
export type UtilityMessage = { message: unknown } | { frame: MultiplexerFrame };

class UtilityProcess extends EventEmitter implements Pick<Electron.UtilityProcess, 'kill' | 'postMessage'> {
  readonly #child;
  readonly #multiplexer: Multiplexer;

  constructor(modulePath: string, args: string[]) {
    super();
    this.#child = fork(join(import.meta.dirname, 'utility.ts'), [modulePath, ...args], {
      serialization: 'advanced',
      execArgv: [],
    });
    const send = (message: UtilityMessage) => this.#child.connected && this.#child.send(message, () => {});
    this.#multiplexer = new Multiplexer(frame => send({ frame }));
    this.#child.on('message', (message: UtilityMessage) => {
      if ('frame' in message) this.#multiplexer.received(message.frame);
      else this.emit('message', message.message);
    });
    this.#child.on('exit', code => {
      this.#multiplexer.closed();
      this.emit('exit', code);
    });
  }

  postMessage(message: unknown, transfer: readonly object[] = []): void {
    for (const port of transfer) this.#lead(port as MessagePortMain);
    if (transfer.length === 0 && this.#child.connected) this.#child.send({ message }, () => {});
  }

  /** Joins a port to one in the child. */
  #lead(port: MessagePortMain): void {
    const channel = messageChannel(this.#multiplexer.open());
    port.on('message', ({ data }) => channel.send(data));
    port.on('close', () => channel.close());
    channel.onMessage(message => port.postMessage(message));
    channel.onClose(() => port.close());
    port.start();
  }

  kill(): boolean {
    return this.#child.kill();
  }
}

export const utilityProcess = {
  fork: (modulePath: string, args: string[] = []) => new UtilityProcess(modulePath, args),
};
