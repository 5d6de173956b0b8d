/**
 * HTTP and WebSocket on 127.0.0.1 alone. Every request, upgrades too, passes Access before anything else sees
 * it; then HTTP goes to the fetch handler and `/studio` becomes a window's channel.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WebSocketServer } from 'ws';
import type { Channel } from '../../bridge/channels/channel.ts';
import { webSocketChannel } from '../../bridge/channels/webSocket.ts';
import { type FetchHandler, refusal } from '../fetchHandler.ts';
import { report } from '../terminal.ts';
import { UserError } from '../userError.ts';
import { Access, type Refusal } from './access.ts';

export interface WebServerOptions {
  /** 0: any that is free. */
  port: number;
  handle: FetchHandler;
  onWindow(channel: Channel): void;
}

export interface WebServer {
  readonly access: Access;
  close(): Promise<void>;
}

/** The largest message that a window may send, in bytes: a project file with room to spare. */
const MESSAGE_LIMIT = 64 * 2 ** 20;

/** Rejects with a UserError where the port cannot be had. */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const server = createServer();
  await listen(server, options.port);
  const access = new Access((server.address() as AddressInfo).port);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_LIMIT,
    perMessageDeflate: false,
  });
  server.on('request', (request, response) => {
    answer(request, access, options.handle)
      .catch(error => {
        report(`${request.method} ${request.url}`, error);
        return refusal(500, 'The studio failed to answer. What it wrote says why.');
      })
      .then(result => send(result, request, response))
      // The other side left in the middle.
      .catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const result = access.check(request);
    if ('status' in result) return refuseUpgrade(socket, result);
    const { pathname } = new URL(access.origin + request.url);
    if (pathname !== '/studio')
      return refuseUpgrade(socket, { status: 400, sentence: 'No studio answers here.' });
    sockets.handleUpgrade(request, socket, head, window => options.onWindow(webSocketChannel(window)));
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

async function answer(incoming: IncomingMessage, access: Access, handle: FetchHandler): Promise<Response> {
  const result = access.check(incoming);
  if ('status' in result) return refusal(result.status, result.sentence);
  const response = await handle(toRequest(incoming, access.origin));
  if (result.cookie) response.headers.append('Set-Cookie', result.cookie);
  return response;
}

function toRequest(incoming: IncomingMessage, origin: string): Request {
  const headers = Object.entries(incoming.headersDistinct).map(([name, values = []]): [string, string] => [
    name,
    values.join(', '),
  ]);
  const method = incoming.method ?? 'GET';
  const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(incoming) as ReadableStream);
  return new Request(origin + incoming.url, { method, headers, body, duplex: 'half' } as RequestInit);
}

async function send(result: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(result.status, Object.fromEntries(result.headers));
  // What of a body nobody wanted is let run out, so that a browser gets to read why.
  request.resume();
  if (request.method === 'HEAD' || !result.body) response.end();
  else await pipeline(Readable.fromWeb(result.body as never), response);
}

function refuseUpgrade(socket: Duplex, { status, sentence }: Refusal): void {
  const head = [`HTTP/1.1 ${status} Refused`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8'];
  socket.end(
    `${[...head, `Content-Length: ${Buffer.byteLength(sentence)}`].join('\r\n')}\r\n\r\n${sentence}`,
  );
}
