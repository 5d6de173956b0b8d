/**
 * HTTP and WebSocket on 127.0.0.1 only. Every request and upgrade passes Access first; then HTTP goes to the fetch
 * handler, and `/studio` becomes a window's channel.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { WebSocketServer } from 'ws';
import type { FrameChannel } from '../../bridge/channels/channel.ts';
import { webSocketFrames } from '../../bridge/channels/webSocket.ts';
import { MOST_FRAME_BYTES } from '../../bridge/messageFrames.ts';
import { type FetchHandler, notAllowed, refusal } from '../fetchHandler.ts';
import { reportDefect } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { Access, type AccessRefusal } from './access.ts';
import { Connections } from './connections.ts';
import type { LiveWindow } from './liveWindow.ts';

export interface WebServerOptions {
  /** 0: any that is free. */
  port: number;
  handle: FetchHandler;
  onWindow(channel: FrameChannel): void;
  /** Serves what is neither the page nor the studio's, after the same authentication. */
  live?: LiveWindow | undefined;
}

export interface WebServer {
  readonly access: Access;
  close(): Promise<void>;
}

/** Milliseconds for a request's head; the body may take longer, as large files on slow lines take minutes. */
const HEAD_DEADLINE = 10_000;
const REQUEST_DEADLINE = 15 * 60_000;
/** Milliseconds without progress of a body or an answer, and for draining an unwanted body. */
const STALLED_AFTER = 30_000;
const LEFT_OVER = 5_000;
/** Requests per connection, which can all be sent before the first is answered. */
const REQUESTS_PER_CONNECTION = 1000;
/** Each window takes memory in the studio for its pending messages. */
export const MOST_WINDOWS = 32;

/** Rejects with a UserError where the port is not available. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const server = createServer({
    headersTimeout: HEAD_DEADLINE,
    requestTimeout: REQUEST_DEADLINE,
    connectionsCheckingInterval: 1000,
  });
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;
  const connections = new Connections(server);
  await listen(server, options.port);
  const { live } = options;
  const access = new Access((server.address() as AddressInfo).port, live?.token);
  const socketOptions = {
    noServer: true,
    maxPayload: MOST_FRAME_BYTES,
    perMessageDeflate: false,
    closeTimeout: LEFT_OVER,
  };
  const sockets = new WebSocketServer(socketOptions);
  /**
   * For each connection the end of its last answer: pipelined requests are answered one at a time, so that a client
   * that reads nothing has only one answer prepared.
   */
  const previousAnswers = new WeakMap<Duplex, Promise<void>>();
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.socket.destroyed) return;
    const result = await answer(request, access, options.handle, connections).catch(error => {
      reportDefect(`${request.method} ${pathOf(request)}`, error);
      return refusal(500, 'The studio failed to answer. What it wrote says why.');
    });
    await send(result, request, response);
  };
  server.on('request', (request, response) => {
    if (live && isOfWindow(pathOf(request)) && !('status' in access.check(request))) {
      connections.admit(request.socket);
      live.serve(request, response);
      return;
    }
    const before = previousAnswers.get(request.socket) ?? Promise.resolve();
    const turn = before
      .then(() => respond(request, response))
      // The client disconnected.
      .catch(() => void response.destroy());
    previousAnswers.set(request.socket, turn);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const result = access.check(request);
    if ('status' in result) return refuseUpgrade(socket, result);
    connections.admit(socket);
    if (live && pathOf(request) === '/') return live.upgrade(request, socket, head);
    if (pathOf(request) !== '/studio')
      return refuseUpgrade(socket, { status: 400, sentence: 'No studio answers here.' });
    if (sockets.clients.size >= MOST_WINDOWS)
      return refuseUpgrade(socket, {
        status: 503,
        sentence: `The studio has ${MOST_WINDOWS} windows open: close one first.`,
      });
    sockets.handleUpgrade(request, socket, head, window => options.onWindow(webSocketFrames(window)));
  });
  return {
    access,
    async close() {
      for (const window of sockets.clients) window.terminate();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      const why = error.code === 'EACCES' ? 'may not be used by you' : 'is used by another program';
      const what = `Port ${port} ${why}: choose another with --port, or leave --port out to get a free one.`;
      reject(taken ? new UserError(what) : error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, resolve);
  });
}

async function answer(
  incoming: IncomingMessage,
  access: Access,
  handle: FetchHandler,
  connections: Connections,
): Promise<Response> {
  // Methods that the Request class does not accept.
  if (incoming.method === 'TRACE' || incoming.method === 'TRACK') return notAllowed('GET, HEAD, PUT');
  const result = access.check(incoming);
  if ('status' in result) return refusal(result.status, result.sentence);
  connections.admit(incoming.socket);
  const response = await handle(toRequest(incoming, access.origin));
  if (result.cookie) response.headers.append('Set-Cookie', result.cookie);
  return response;
}

/** The path of a request, without the query, which may contain the token. */
function pathOf(request: IncomingMessage): string {
  return request.url?.split('?')[0] ?? '';
}

/** Whether a path is a module of the window; not the page itself, which a ticket may open, nor the studio's. */
function isOfWindow(path: string): boolean {
  return path !== '/' && !path.startsWith('/media/') && !path.startsWith('/upload/');
}

function toRequest(incoming: IncomingMessage, origin: string): Request {
  const headers = Object.entries(incoming.headersDistinct).map(([name, values = []]): [string, string] => [
    name,
    values.join(', '),
  ]);
  const method = incoming.method ?? 'GET';
  // After reading stops, the connection stays open for the answer.
  const body =
    method === 'GET' || method === 'HEAD'
      ? null
      : ReadableStream.from(incoming.iterator({ destroyOnReturn: false }));
  if (body) {
    // A stalled body is aborted; the answer has no such limit.
    incoming.setTimeout(STALLED_AFTER, () => incoming.destroy());
    incoming.once('end', () => incoming.setTimeout(0));
  }
  return new Request(origin + incoming.url, { method, headers, body, duplex: 'half' } as RequestInit);
}

async function send(result: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setTimeout(STALLED_AFTER, () => response.destroy());
  response.writeHead(result.status, Object.fromEntries(result.headers));
  // Drains an unwanted body, so that the browser can read the answer.
  request.resume();
  const patience = setTimeout(() => request.complete || request.destroy(), LEFT_OVER);
  request.once('close', () => clearTimeout(patience));
  if (request.method === 'HEAD' || !result.body) response.end();
  else await pipeline(Readable.fromWeb(result.body as never), response);
}

function refuseUpgrade(
  socket: Duplex,
  { status, sentence }: AccessRefusal | { status: 503; sentence: string },
): void {
  socket.resume();
  setTimeout(() => socket.destroy(), LEFT_OVER).unref();
  const head = [`HTTP/1.1 ${status} Refused`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8'];
  socket.end(
    `${[...head, `Content-Length: ${Buffer.byteLength(sentence)}`].join('\r\n')}\r\n\r\n${sentence}`,
  );
}
