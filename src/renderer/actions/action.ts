/** An action: something that a person can have done by a key, from a menu, or by its name from the palette. */

export interface Action {
  /** What its keys are remembered under, and menus ask for it by; no two are alike. */
  readonly id: string;
  /** Under which heading it stands in the palette and on the sheet of shortcuts. */
  readonly group: string;
  readonly title: string;
  /** The keys that it has until a person gives it others. */
  readonly keys: readonly string[];
  /** The name of the place in which it can be done; without it, in every place. */
  readonly place?: string;
  /** Its keys count while the canvas has the focus or nothing has: what Tab and arrows mean elsewhere is not ours. */
  readonly onCanvas?: true;
  /** Fires while a person types as well. */
  readonly whileTyping?: true;
  /** What the browser does itself on these keys is waited for: it brings the clipboard without asking. */
  readonly browser?: { readonly keys: string; readonly prepare?: () => void };
  /** Whether there is something to do it to now; without it, always. */
  readonly when?: () => boolean;
  readonly run: () => unknown;
}
