/**
 * The host's functions for a window. Types only. Functions that a host lacks are undefined, and their buttons are
 * hidden. Only the entry files (renderer/desktop.tsx, renderer/web.tsx) know the host.
 */
import type { Channel } from './channels/channel.ts';

/** A command of the native menu, or of a shortcut that the host handles. */
export type MenuCommand = 'new' | 'open' | 'save' | 'saveAs' | 'undo' | 'redo' | 'about';

export interface Host {
  readonly kind: 'desktop' | 'web';
  /**
   * Opens a channel to the studio. When it closes because the studio restarts, the window requests a new one, which
   * waits until the studio runs.
   */
  connect(): Promise<Channel>;
  /** Address of a medium: `/media/datasets/<id>/images/<index>.png`. */
  mediaUrl(path: string): string;
  /** Lets a person pick a folder with the system's own dialog. Undefined: the window browses by `listFolder`. */
  pickFolder?(): Promise<string | undefined>;
  /** Lets a person pick a project file and reads it. */
  openTextFile(): Promise<{ name: string; text: string } | undefined>;
  /** Saves a file with a dialog; undefined where the user cancelled. */
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
 * What the preload script provides as `window.receptive`. For each requested connection, `window.postMessage` delivers
 * `'receptive:port'` with a MessagePort to the studio; without a port it means that the studio has stopped, which a
 * port does not report.
 */
export interface DesktopApi {
  requestPort(): void;
  pickFolder(): Promise<string | undefined>;
  openTextFile(): Promise<{ name: string; text: string } | undefined>;
  saveFile(fileName: string, content: string | Uint8Array): Promise<string | undefined>;
  pathOf(file: File): string;
  onMenu(listener: (command: MenuCommand) => void): void;
}
