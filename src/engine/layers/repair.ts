/**
 * A repair as data: what a diagnosis offers to do. A layer declares it without knowing graphs; graph/edits.ts
 * applies all its edits as one. Where an edit names no node, it means the node that the diagnosis concerns.
 */

/** A layer to be added. Where its kind is not registered, the repair is not offered. */
export interface LayerSpec {
  readonly kind: string;
  /** Those that differ from the initial ones. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** An edge, as the document holds it. */
export interface Wire {
  readonly source: string;
  readonly target: string;
  readonly input: number;
}

/** One layer, or several in the order in which data flows through them. */
export type LayerSpecs = LayerSpec | readonly LayerSpec[];

export type RepairEdit =
  | { readonly setParams: Readonly<Record<string, unknown>>; readonly node?: string }
  /** Takes parameters away that the kind does not know. */
  | { readonly unsetParams: readonly string[]; readonly node?: string }
  /** `input`: before which of the node's inputs, counted in their order; the first where it is missing. */
  | { readonly insertBefore: LayerSpecs; readonly input?: number; readonly node?: string }
  /** Between a node and all that it feeds. */
  | { readonly insertAfter: LayerSpecs; readonly node?: string }
  /** Another kind in the node's place, with the same edges and name. */
  | { readonly replaceWith: LayerSpec; readonly node?: string }
  /** A chain stays whole: what came before the node feeds what came after it. */
  | { readonly remove: true; readonly node?: string }
  | { readonly rename: string; readonly node?: string }
  | { readonly connect: Wire }
  | { readonly disconnect: Wire }
  /** A new layer that all the sources flow into. */
  | { readonly join: LayerSpec; readonly sources: readonly string[] }
  /** A new layer without input that feeds these nodes. */
  | { readonly add: LayerSpec; readonly feeds: readonly string[] };

/** A change that mends a fault, to be shown before it is taken: one edit, or several that belong together. */
export type Repair = { readonly title: string } & (
  | RepairEdit
  | { readonly edits: readonly RepairEdit[] }
  /** Changes no layer but settings of training, by their names in the document. */
  | { readonly setTraining: Readonly<Record<string, unknown>> }
);

/** What it changes in the network. */
export function editsOf(repair: Repair): readonly RepairEdit[] {
  if ('setTraining' in repair) return [];
  return 'edits' in repair ? repair.edits : [repair];
}

export function specsOf(layers: LayerSpecs): readonly LayerSpec[] {
  return 'kind' in layers ? [layers] : layers;
}

/** The kinds of layer that a repair adds. */
export function kindsAdded(repair: Repair): readonly string[] {
  return editsOf(repair).flatMap(edit => {
    if ('insertBefore' in edit) return specsOf(edit.insertBefore).map(({ kind }) => kind);
    if ('insertAfter' in edit) return specsOf(edit.insertAfter).map(({ kind }) => kind);
    if ('replaceWith' in edit) return [edit.replaceWith.kind];
    if ('join' in edit) return [edit.join.kind];
    return 'add' in edit ? [edit.add.kind] : [];
  });
}
