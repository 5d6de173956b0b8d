/**
 * What a window has of Electron before its own scripts run: the modules that a preload script requires. The
 * function is sent to the page as text and stands alone. It does not isolate the preload script's world.
 */
export interface PageBridge {
  receive(message: { channel: string; args: unknown[] }): void;
  receivePorts(message: { channel: string; ids: number[] }): void;
  toPort(message: { id: number; data: unknown }): void;
  closePort(message: { id: number }): void;
}

declare global {
  function standIn(kind: string, name: string | number, args: unknown[]): Promise<unknown>;
  var standInBridge: PageBridge;
}

export function inPage(preload: string): void {
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  const ports = new Map<number, MessagePort>();
  const tell = (channel: string, event: object, args: unknown[]) => {
    for (const listener of listeners.get(channel) ?? []) listener(event, ...args);
  };
  const openPort = (id: number) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = event => standIn('port', id, [event.data]);
    port1.addEventListener('close', () => standIn('portClosed', id, []));
    ports.set(id, port1);
    return port2;
  };
  globalThis.standInBridge = {
    receive: ({ channel, args }) => tell(channel, {}, args),
    receivePorts: ({ channel, ids }) => tell(channel, { ports: ids.map(openPort) }, []),
    toPort: ({ id, data }) => ports.get(id)?.postMessage(data),
    closePort: ({ id }) => ports.get(id)?.close(),
  };
  const electron = {
    contextBridge: {
      exposeInMainWorld: (name: string, api: unknown) => Object.assign(globalThis, { [name]: api }),
    },
    ipcRenderer: {
      invoke: (channel: string, ...args: unknown[]) => standIn('invoke', channel, args),
      send: (channel: string, ...args: unknown[]) => standIn('send', channel, args),
      on: (channel: string, listener: (event: object, ...args: unknown[]) => void) =>
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
    },
    webUtils: { getPathForFile: (file: File) => `/dropped/${file.name}` },
  };
  // What a denied window.open answers.
  globalThis.open = url => {
    standIn('open', String(url), []);
    return null;
  };
  new Function('require', 'module', 'exports', preload)(() => electron, {}, {});
}
