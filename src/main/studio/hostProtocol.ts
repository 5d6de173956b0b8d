/**
 * What a host and the studio process it supervises say to each other. Types, no code. The studio is a process
 * of its own, because SQLite blocks and kernels can crash: a Node child of the web host, an Electron utility
 * process of the desktop host.
 */

/** How a studio is to be opened. Passed to the process as JSON in its first argument. */
export interface StudioOptions {
  /** The folder that holds database, datasets and checkpoints; made where it does not exist. */
  workspace: string;
  /** Folders may be picked and imported from below these alone; empty: from anywhere. */
  roots: string[];
  /** Worker threads of the engine; null: one fewer than there are cores, at least one. */
  workers: number | null;
  /** Whether the process before this one died, so that a window can say so. */
  restarted: boolean;
}

/** A part of a file on its way to an upload. */
export interface FilePart {
  /** Tells the parts of one file from those of others: the host numbers the files. */
  file: number;
  /** Decoded and normalised: `/upload/<id>/<relative path>`. */
  path: string;
  bytes: Uint8Array;
  /** What follows: more, nothing, or nothing because its sender broke off. */
  follows: 'more' | 'end' | 'brokenOff';
}

export interface MediaResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What a host asks of the studio, beside passing on windows. */
export interface StudioControl {
  /** The path is decoded and normalised: `/media/datasets/<id>/images/<index>.png`. */
  media(path: string): Promise<MediaResponse>;
  /** Resolves once the part is on its way to the disk; with an answer when the file is kept, or refused. */
  takeFile(part: FilePart): Promise<MediaResponse | null>;
  /** Stops runs at a checkpoint and closes the database. */
  shutdown(): Promise<void>;
}

/** What the studio says to its host. */
export interface HostControl {
  ready(): void;
  /** It cannot be opened: the sentence to show. The process ends after it. */
  refused(message: string): void;
}
