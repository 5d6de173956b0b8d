/** The window in Electron: what the preload script offers, and the studio's MessagePort. */
import type { Channel } from '../bridge/channels/channel.ts';
import { messagePortChannel } from '../bridge/channels/messagePort.ts';
import type { DesktopApi, Host } from '../bridge/windowHost.ts';
import { start } from './start.tsx';

declare global {
  interface Window {
    receptive: DesktopApi;
  }
}

const api = window.receptive;

let channel: Channel | undefined;
let arriving = Promise.withResolvers<Channel>();

/** A port comes when one was asked for; the same message without one says that the studio stopped. */
window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window || event.data !== 'receptive:port') return;
  channel?.close();
  const [port] = event.ports;
  if (!port) return;
  channel = messagePortChannel(port);
  arriving.resolve(channel);
});

function connect(): Promise<Channel> {
  arriving = Promise.withResolvers();
  api.requestPort();
  return arriving.promise;
}

const host: Host = {
  kind: 'desktop',
  connect,
  mediaUrl: path => path,
  pickFolder: () => api.pickFolder(),
  openTextFile: () => api.openTextFile(),
  saveFile: (fileName, content) => api.saveFile(fileName, content),
  pathOf: file => api.pathOf(file),
  onMenu: listener => api.onMenu(listener),
  setTitle: title => {
    document.title = title;
  },
};

start(host);
