/**
 * What a window asks of the host it runs in. Types, no code. A capability that a host lacks is undefined, and
 * its button is not shown. Only the entry files (renderer/desktop.tsx, renderer/web.tsx) know which host it is.
 */
import type { Channel } from './channels/channel.ts';

/** Something chosen in the host's native menu, or a shortcut that the host owns. */
export type MenuCommand = 'new' | 'open' | 'save' | 'saveAs' | 'undo' | 'redo' | 'about';

export interface Host {
  readonly kind: 'desktop' | 'web';
  /**
   * Opens a channel to the studio. The studio may restart at any time: when the channel closes, the window
   * asks for a new one, which waits until the studio is back.
   */
  connect(): Promise<Channel>;
  /** Address of a medium: `/media/datasets/<id>/images/<index>.png`. */
  mediaUrl(path: string): string;
  /** Lets a person pick a folder with the system's own dialog. Undefined: the window browses by `listFolder`. */
  pickFolder?(): Promise<string | undefined>;
  /** Lets a person pick a project file and reads it. */
  openTextFile(): Promise<{ name: string; text: string } | undefined>;
  /** Lets a person keep something as a file; undefined when they thought better of it. */
  saveFile(fileName: string, content: string | Uint8Array): Promise<string | undefined>;
  /** Sends a dropped file to an upload. Undefined where a dropped folder has a path of its own. */
  upload?(uploadId: string, relativePath: string, file: Blob): Promise<void>;
  /** The path of a dropped file or folder. Undefined in browsers, which hide it. */
  pathOf?(file: File): string;
  onMenu?(listener: (command: MenuCommand) => void): void;
  /** Shows in the window's title what is open and whether it is saved. */
  setTitle(title: string): void;
}

/**
 * What the preload script gives the desktop window, as `window.receptive`. By `window.postMessage` follow
 * `'receptive:port'` with a MessagePort to the studio, each time one was requested, and `'receptive:port'` without
 * one when the studio stopped: a port does not tell that by itself.
 */
export interface DesktopApi {
  requestPort(): void;
  pickFolder(): Promise<string | undefined>;
  openTextFile(): Promise<{ name: string; text: string } | undefined>;
  saveFile(fileName: string, content: string | Uint8Array): Promise<string | undefined>;
  pathOf(file: File): string;
  onMenu(listener: (command: MenuCommand) => void): void;
}
