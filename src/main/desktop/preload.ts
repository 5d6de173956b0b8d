/**
 * The preload script: provides `window.receptive` to the sandboxed window and passes it the studio's MessagePorts.
 * Requests are checked by the host.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { DesktopApi, MenuCommand } from '../../bridge/windowHost.ts';
import { type IpcAnswer, ipc } from './ipc.ts';

async function ask<T>(request: string, ...args: (string | Uint8Array)[]): Promise<T> {
  const answer: IpcAnswer<T> = await ipcRenderer.invoke(request, ...args);
  if ('fault' in answer) throw new Error(answer.fault);
  return answer.value;
}

const api: DesktopApi = {
  requestPort: () => ipcRenderer.send(ipc.requestPort),
  pickFolder: () => ask(ipc.pickFolder),
  openTextFile: () => ask(ipc.openTextFile),
  saveFile: (fileName, content) => ask(ipc.saveFile, fileName, content),
  pathOf: file => webUtils.getPathForFile(file),
  onMenu: listener => {
    ipcRenderer.on(ipc.menu, (_event, command: MenuCommand) => listener(command));
  },
};

contextBridge.exposeInMainWorld('receptive', api);
// A port cannot cross the context bridge, but it can be posted.
ipcRenderer.on(ipc.port, event => window.postMessage(ipc.port, window.location.origin, event.ports));
