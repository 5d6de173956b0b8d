/**
 * A repair that a diagnosis offers, as data. A layer declares it without knowing the graph; graph/edits.ts applies all
 * its edits at once. An edit that names no node concerns the node of the diagnosis.
 */

/** A layer to add. A repair with a kind that is not registered is not offered. */
export interface LayerSpec {
  readonly kind: string;
  /** The parameters that differ from their initial values. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** An edge, as in the document. */
export interface Wire {
  readonly source: string;
  readonly target: string;
  readonly input: number;
}

/** One layer, or several in a chain, in the order of data flow. */
export type LayerSpecs = LayerSpec | readonly LayerSpec[];

export type RepairEdit =
  | { readonly setParams: Readonly<Record<string, unknown>>; readonly node?: string }
  /** Removes parameters that the kind does not have. */
  | { readonly unsetParams: readonly string[]; readonly node?: string }
  /** `input`: the index of the node's input; the first by default. */
  | { readonly insertBefore: LayerSpecs; readonly input?: number; readonly node?: string }
  /** Between a node and all its consumers. */
  | { readonly insertAfter: LayerSpecs; readonly node?: string }
  /** A layer of another kind in the node's place, with the same edges and name. */
  | { readonly replaceWith: LayerSpec; readonly node?: string }
  /** Removes the node and connects what came before to what comes after. */
  | { readonly remove: true; readonly node?: string }
  | { readonly rename: string; readonly node?: string }
  | { readonly connect: Wire }
  | { readonly disconnect: Wire }
  /** A new layer with all the sources as inputs. */
  | { readonly join: LayerSpec; readonly sources: readonly string[] }
  /** A new layer without inputs that feeds these nodes. */
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
