/** The window in Electron: what the preload script offers, and the studio's MessagePort. */
import type { Channel } from '../bridge/channels/channel.ts';
import { messagePortChannel } from '../bridge/channels/messagePort.ts';
import type { DesktopApi, Host } from '../bridge/host.ts';
import { start } from './start.tsx';

declare global {
  interface Window {
    receptive: DesktopApi;
  }
}

const api = window.receptive;

/** A port comes each time the studio starts, and when one is asked for. */
function connect(): Promise<Channel> {
  const port = new Promise<Channel>(resolve => {
    const onMessage = (event: MessageEvent<unknown>) => {
      const [given] = event.ports;
      if (event.source !== window || event.data !== 'receptive:port' || !given) return;
      window.removeEventListener('message', onMessage);
      resolve(messagePortChannel(given));
    };
    window.addEventListener('message', onMessage);
  });
  api.requestPort();
  return port;
}

const host: Host = {
  kind: 'desktop',
  connect,
  mediaUrl: path => path,
  pickFolder: () => api.pickFolder(),
  openTextFile: () => api.openTextFile(),
  saveTextFile: (fileName, text) => api.saveTextFile(fileName, text),
  pathOf: file => api.pathOf(file),
  onMenu: listener => api.onMenu(listener),
  setTitle: title => {
    document.title = title;
  },
};

start(host);
