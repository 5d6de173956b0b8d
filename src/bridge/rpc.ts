/**
 * Calls and events over a Channel, by birpc. There is no time-out: training takes hours. When the channel
 * closes, every call that still waits is rejected with a ConnectionClosed.
 */
import { type BirpcReturn, createBirpc } from 'birpc';
import type { Channel } from './channels/channel.ts';
import type { StudioCalls, WindowCalls } from './contract.ts';

export class ConnectionClosed extends Error {
  override readonly name = 'ConnectionClosed';
  constructor() {
    super('The connection to the studio was lost.');
  }
}

/** The window's end: calls the studio, receives its events. */
export function connectWindow(channel: Channel, calls: WindowCalls): BirpcReturn<StudioCalls, WindowCalls> {
  return connect<StudioCalls, WindowCalls>(channel, calls);
}

/** The studio's end: answers calls, sends events. */
export function connectStudio(
  channel: Channel,
  calls: StudioCalls,
  onError: (error: Error, call: string) => void,
): BirpcReturn<WindowCalls, StudioCalls> {
  return connect<WindowCalls, StudioCalls>(channel, calls, onError);
}

/** What of an error crosses the channel: its name and its message, never a stack. */
interface WireError {
  $error: { name: string; message: string };
}

/** The fields of birpc's messages that matter here: a call's id (events have none), a failed call's error. */
interface WireMessage {
  t: 'q' | 's';
  i?: string;
  e?: unknown;
}

/** One end of a channel: `Remote` is what the other side answers, `Local` what this one does. */
export function connect<Remote extends object, Local extends object>(
  channel: Channel,
  local: Local,
  onError?: (error: Error, call: string) => void,
): BirpcReturn<Remote, Local> {
  let closed = false;
  const rpc = createBirpc<Remote, Local>(local, {
    post: (message: WireMessage) => {
      // An event or an answer to nobody is dropped; a call must not wait for ever.
      if (closed && message.t === 'q' && message.i) throw new ConnectionClosed();
      channel.send(message);
    },
    on: listener => channel.onMessage(message => isWireMessage(message) && listener(message)),
    timeout: -1,
    serialize: (message: WireMessage) => (message.e ? { ...message, e: toWire(message.e) } : message),
    deserialize: (message: WireMessage) => (message.e ? { ...message, e: fromWire(message.e) } : message),
    // What every object inherits, as `constructor`, is not offered.
    resolver: (name, call) => (name in Object.prototype ? undefined : call),
    onFunctionError: (error, name) => {
      onError?.(error, name);
    },
    // An answer that cannot be sent becomes the error that says so; a call that cannot be sent rejects.
    onGeneralError: (error, answering) => {
      if (answering !== undefined) onError?.(error, answering);
      return answering !== undefined;
    },
  });
  channel.onClose(() => {
    closed = true;
    rpc.$rejectPendingCalls(({ reject }) => reject(new ConnectionClosed()));
  });
  return rpc;
}

function isWireMessage(message: unknown): message is WireMessage {
  return typeof message === 'object' && message !== null && 't' in message;
}

function toWire(error: unknown): WireError {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { $error: { name, message } };
}

function fromWire(wire: unknown): Error {
  const { name, message } = (wire as Partial<WireError>).$error ?? { name: 'Error', message: String(wire) };
  const error = new Error(message);
  error.name = name;
  return error;
}
