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
  return open<StudioCalls, WindowCalls>(channel, calls);
}

/** The studio's end: answers calls, sends events. */
export function connectStudio(
  channel: Channel,
  calls: StudioCalls,
  onError: (error: Error, call: string) => void,
): BirpcReturn<WindowCalls, StudioCalls> {
  return open<WindowCalls, StudioCalls>(channel, calls, onError);
}

/** What of an error crosses the channel: its name and its message, never a stack. */
interface WireError {
  $error: { name: string; message: string };
}

function open<Remote extends object, Local extends object>(
  channel: Channel,
  local: Local,
  onError?: (error: Error, call: string) => void,
): BirpcReturn<Remote, Local> {
  const rpc = createBirpc<Remote, Local>(local, {
    post: message => channel.send(message),
    on: listener => channel.onMessage(listener),
    timeout: -1,
    serialize: message => (message.e ? { ...message, e: toWire(message.e) } : message),
    deserialize: message => (message.e ? { ...message, e: fromWire(message.e) } : message),
    onFunctionError: (error, name) => {
      onError?.(error, name);
    },
  });
  channel.onClose(() => rpc.$close(new ConnectionClosed()));
  return rpc;
}

function toWire(error: unknown): WireError {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { $error: { name, message } };
}

function fromWire(wire: WireError): Error {
  const error = new Error(wire.$error.message);
  error.name = wire.$error.name;
  return error;
}
