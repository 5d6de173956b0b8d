/**
 * The names of the messages between the preload script and the desktop host, and how a failed request tells its
 * sentence: Electron alone would wrap it in words of its own. Types and constants, no Electron.
 */
export const ipc = {
  requestPort: 'receptive:requestPort',
  port: 'receptive:port',
  menu: 'receptive:menu',
  pickFolder: 'receptive:pickFolder',
  openTextFile: 'receptive:openTextFile',
  saveFile: 'receptive:saveFile',
} as const;

export type IpcAnswer<T> = { value: T } | { fault: string };
