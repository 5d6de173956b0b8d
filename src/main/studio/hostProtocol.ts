/**
 * The calls between a host and its studio process. Types only. The studio is a separate process because SQLite blocks
 * and kernels may crash: a Node child process of the web host, an Electron utility process of the desktop host.
 */

/** The options of a studio, passed as JSON in the process's first argument. */
export interface StudioOptions {
  /** The workspace's folder; created where it does not exist. */
  workspace: string;
  /** Folders below which datasets may be imported; empty: anywhere. */
  roots: string[];
  /** Worker threads of the engine; null: one fewer than cores, at least one. */
  workers: number | null;
  /** Whether the previous process died, to be shown in the window. */
  restarted: boolean;
}

/** A part of a file on its way to an upload. */
export interface FilePart {
  /** Identifies the file; numbered by the host. */
  file: number;
  /** Decoded and normalised: `/upload/<id>/<relative path>`. */
  path: string;
  bytes: Uint8Array;
  /** Whether more parts follow, the file is complete, or the sender aborted. */
  follows: 'more' | 'end' | 'brokenOff';
}

export interface MediaResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** The host's calls to the studio, apart from connecting windows. */
export interface StudioControl {
  /** The path is decoded and normalised: `/media/datasets/<id>/images/<index>.png`. */
  media(path: string): Promise<MediaResponse>;
  /** Resolves when the part is accepted for writing; with a response when the file is stored or refused. */
  takeFile(part: FilePart): Promise<MediaResponse | null>;
  /** Stops runs with a checkpoint and closes the database. */
  shutdown(): Promise<void>;
}

/** The studio's calls to its host. */
export interface HostControl {
  ready(): void;
  /** The workspace cannot be opened; `message` is to be shown. The process ends afterwards. */
  refused(message: string): void;
}
