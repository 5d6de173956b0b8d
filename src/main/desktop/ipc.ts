/**
 * Names of the messages between preload script and desktop host, and how a failed request returns its message, which
 * Electron would otherwise wrap. No Electron here.
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
