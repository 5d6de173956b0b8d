/** What a folder brings to the window: a place or dialogs over all places, and what can be done there. */
import type { ComponentType } from 'react';
import type { Action } from './action.ts';

export interface Contribution {
  /** No two are alike; of a place, what `goTo` takes. */
  readonly name: string;
  readonly actions?: readonly Action[];
  /**
   * Where its actions stand in the palette and on the sheet of shortcuts: before those of a higher number. Without it
   * they stand behind all others.
   */
  readonly actionOrder?: number;
  /** What else the palette offers. */
  readonly paletteSources?: readonly PaletteSource[];
  /** Drawn in every place; each is shown when it is asked for. */
  readonly dialogs?: readonly WindowPart[];
  /** In the header, beside the project's name. */
  readonly headerItems?: readonly WindowPart[];
  readonly statusItems?: readonly StatusItem[];
  /** Called once, before anything is drawn: what is to act by itself from then on. */
  readonly start?: () => void;
  /** Called when another project is open than before: what was kept for that one is forgotten. */
  readonly projectChanged?: () => void;
}

/** One that a person goes to by the rail, by a name in the palette, or by a link from elsewhere. */
export interface Place extends Contribution {
  readonly title: string;
  /** Of the rail. */
  readonly Icon: ComponentType<{ size?: number; stroke?: number }>;
  readonly Component: ComponentType;
  /** Its own changes, which are taken back before those of the document while it is shown. */
  readonly history?: History;
  /** While it is shown, the status bar has its items alone. */
  readonly hasOwnStatus?: true;
}

interface History {
  /** Whether there was something to take back. */
  undo(): boolean;
  /** Whether there was something to do again. */
  redo(): boolean;
}

export interface WindowPart {
  /** Within its contribution no two are alike. */
  readonly name: string;
  readonly Component: ComponentType;
}

export interface StatusItem extends WindowPart {
  /** It stands there in every place; else in its own. */
  readonly everywhere?: true;
  /** Against the right end of the bar. */
  readonly side?: 'end';
}

/** What there is at the moment when the palette is opened: projects, layers, runs. */
export interface PaletteSource {
  /** Those of a lower number stand before; all stand behind the actions. */
  readonly order: number;
  readonly entries: () => readonly PaletteEntry[];
}

export interface PaletteEntry {
  readonly group: string;
  readonly title: string;
  readonly run: () => unknown;
}

export function isPlace(contribution: Contribution): contribution is Place {
  return 'Component' in contribution;
}
