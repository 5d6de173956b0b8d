/**
 * Calls and events over a Channel, by birpc. There are no timeouts, since training takes hours. When the channel
 * closes, pending calls are rejected with ConnectionClosed.
 */
import { type BirpcReturn, createBirpc } from 'birpc';
import type { Channel } from './channels/channel.ts';
import type { StudioCalls, WindowCalls } from './contract.ts';
import { MessageError } from './messageFrames.ts';

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

/** What is sent of an error: name and message, no stack. */
interface WireError {
  $error: { name: string; message: string };
}

/** Calls have an id for their answer; events have none. */
interface WireCall {
  t: 'q';
  i?: string;
  m: string;
  a: unknown[];
}

interface WireAnswer {
  t: 's';
  i: string;
  e?: unknown;
}

type WireMessage = WireCall | WireAnswer;

/** The most arguments of a call. */
const MOST_ARGUMENTS = 16;
/** The longest error message; validation errors can be long. */
const MOST_CHARACTERS = 2000;

/** One end of a channel: `Remote` are the other side's functions, `Local` this side's. */
export function connect<Remote extends object, Local extends object>(
  channel: Channel,
  local: Local,
  onError?: (error: Error, call: string) => void,
): BirpcReturn<Remote, Local> {
  let closed = false;
  const rpc = createBirpc<Remote, Local>(local, {
    post: (message: WireMessage) => {
      // Events and answers on a closed channel are dropped; calls are rejected.
      if (closed && message.t === 'q' && message.i) throw new ConnectionClosed();
      const taken = channel.send(message);
      // A call is in progress until its answer was received, so that a client that does not read answers gets no more
      // of them. An event counts as sent when it was received, so that its sender can wait.
      return message.t === 'q' && message.i ? undefined : taken;
    },
    on: (listener: (message: WireMessage) => unknown) =>
      channel.onMessage(async message => {
        if (isAnswer(message) || isCall(message)) await listener(message);
        else if (hasId(message))
          await channel.send({ t: 's', i: message.i, e: toWire(new MessageError(NO_CALL)) });
      }),
    timeout: -1,
    serialize: (message: WireMessage) =>
      'e' in message && message.e ? { ...message, e: toWire(message.e) } : message,
    deserialize: (message: WireMessage) =>
      'e' in message && message.e ? { ...message, e: fromWire(message.e) } : message,
    // Inherited properties such as `constructor` are not callable.
    resolver: (name, call) => (Object.hasOwn(local, name) ? call : () => refuse(name)),
    onFunctionError: (error, name) => {
      onError?.(error, name);
    },
    // An answer that cannot be sent is replaced by the error; a call that cannot be sent rejects.
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

const NO_CALL = `This is no call: it needs the name of one and a list of at most ${MOST_ARGUMENTS} arguments.`;

function refuse(name: string): never {
  throw new MessageError(`The call ${JSON.stringify(name.slice(0, 64))} was not found.`);
}

function isCall(message: unknown): message is WireCall {
  return (
    isRecord(message) &&
    message.t === 'q' &&
    typeof message.m === 'string' &&
    Array.isArray(message.a) &&
    message.a.length <= MOST_ARGUMENTS &&
    (message.i === undefined || hasId(message))
  );
}

function isAnswer(message: unknown): message is WireAnswer {
  return isRecord(message) && message.t === 's' && hasId(message);
}

function hasId(message: unknown): message is { i: string } {
  return isRecord(message) && typeof message.i === 'string' && message.i.length <= 64;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function toWire(error: unknown): WireError {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { $error: { name, message: message.slice(0, MOST_CHARACTERS) } };
}

function fromWire(wire: unknown): Error {
  const { name, message } = (isRecord(wire) && isRecord(wire.$error) ? wire.$error : {}) as Partial<Error>;
  const error = new Error(typeof message === 'string' ? message : 'It failed without saying why.');
  if (typeof name === 'string') error.name = name;
  return error;
}
