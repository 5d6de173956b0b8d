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

export interface MediaRequest {
  method: 'GET' | 'PUT';
  /** Decoded and normalised: `/media/datasets/<id>/images/<index>.png`, `/upload/<id>/<relative path>`. */
  path: string;
  body: Uint8Array | null;
}

export interface MediaResponse {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What a host asks of the studio, beside passing on windows. */
export interface StudioControl {
  media(request: MediaRequest): Promise<MediaResponse>;
  /** Stops runs at a checkpoint and closes the database. */
  shutdown(): Promise<void>;
}

/** What the studio says to its host. */
export interface HostControl {
  ready(): void;
  /** It cannot be opened: the sentence to show. The process ends after it. */
  refused(message: string): void;
}
