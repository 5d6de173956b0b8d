/** A window at a web host, as its page opens one: calls and events over the bridge, files over HTTP. */
import { WebSocket } from 'ws';
import { webSocketChannel } from '../../src/bridge/channels/webSocket.ts';
import type { StudioCalls, StudioEvent } from '../../src/bridge/contract.ts';
import { connectWindow } from '../../src/bridge/rpc.ts';

export interface HostWindow {
  readonly calls: StudioCalls;
  readonly events: StudioEvent[];
  /** Resolves when the studio, or the host, is gone. */
  readonly closed: Promise<void>;
  /** Sends a file of an upload, or gets an image. Gives the answer's status. */
  request(method: 'GET' | 'PUT', path: string, body?: Uint8Array<ArrayBuffer>): Promise<number>;
  close(): void;
}

/** @param address as the host printed it */
export async function openWindow(address: string): Promise<HostWindow> {
  const { origin, port, searchParams } = new URL(address);
  const cookie = `receptive-${port}=${searchParams.get('token')}`;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/studio`, { origin, headers: { cookie } });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const events: StudioEvent[] = [];
  const channel = webSocketChannel(socket);
  const calls: StudioCalls = connectWindow(channel, { event: event => void events.push(event) });
  return {
    calls,
    events,
    closed: new Promise(resolve => channel.onClose(resolve)),
    async request(method, path, body) {
      const response = await fetch(origin + path, {
        method,
        headers: { cookie, origin },
        body: body ?? null,
      });
      await response.arrayBuffer();
      return response.status;
    },
    close: () => channel.close(),
  };
}
