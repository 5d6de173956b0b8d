/**
 * Where a repair changes something: diagnoses speak of layers, blocks taken apart; an edit belongs in one drawing,
 * the network's or a block's.
 */
import { editsOf, type Repair, type RepairEdit, type Wire } from '../layers/repair.ts';
import type { Graph, NodeId } from './document.ts';
import { copyOfScope, editAt } from './drawings.ts';
import { applyEdit, setParams } from './edits.ts';
import { scopeOf } from './expand.ts';

/** The nodes that an edit names; `concerned` where it names none. */
function namedBy(edit: RepairEdit, concerned: NodeId | null): (NodeId | null)[] {
  if ('connect' in edit) return [edit.connect.source, edit.connect.target];
  if ('disconnect' in edit) return [edit.disconnect.source, edit.disconnect.target];
  if ('join' in edit) return [...edit.sources];
  if ('add' in edit) return edit.feeds.length > 0 ? [...edit.feeds] : [''];
  return [edit.node ?? concerned];
}

/** The copy that all of a repair's edits happen in, as `stage/1/`; empty: the network itself; undefined: in several. */
export function repairScope(concerned: NodeId | null, repair: Repair): string | undefined {
  const named = editsOf(repair).flatMap(edit => namedBy(edit, concerned));
  const scopes = new Set(named.map(id => (id === null ? '' : scopeOf(id))));
  return scopes.size > 1 ? undefined : ([...scopes][0] ?? '');
}

/** Takes a repair that a diagnosis of this node (null: of the whole network) offers: all its edits as one. */
export function applyRepair(graph: Graph, concerned: NodeId | null, repair: Repair): Graph {
  const scope = repairScope(concerned, repair) ?? '';
  return editsOf(repair).reduce((current, edit) => {
    const id = 'node' in edit ? edit.node : undefined;
    const node = id ?? concerned;
    if ('setParams' in edit && node !== null) return setParamsAt(current, node, edit.setParams);
    return editAt(current, scope, drawing => applyEdit(drawing, local(node, scope), localEdit(edit, scope)));
  }, graph);
}

/** Sets parameters where they are kept: what a block exposes, at the copy; the rest, in the drawing of the node. */
function setParamsAt(graph: Graph, id: NodeId, params: Readonly<Record<string, unknown>>): Graph {
  return Object.entries(params).reduce((current, [name, value]) => {
    const kept = exposedAs(current, id, name);
    const scope = scopeOf(kept.id);
    return editAt(current, scope, drawing =>
      setParams(drawing, kept.id.slice(scope.length), { [kept.name]: value }),
    );
  }, graph);
}

/** The outermost copy that sets this parameter of a node inside it, and what it calls it. */
function exposedAs(graph: Graph, id: NodeId, name: string): { id: NodeId; name: string } {
  const scope = scopeOf(id);
  const copy = copyOfScope(graph, scope);
  const exposed = copy?.block.exposed.find(({ targets }) =>
    targets.some(target => target.node === id.slice(scope.length) && target.param === name),
  );
  return copy && exposed ? exposedAs(graph, copy.id, exposed.name) : { id, name };
}

const local = <T extends NodeId | null>(id: T, scope: string): T =>
  (id?.startsWith(scope) ? id.slice(scope.length) : id) as T;

/** An edit with the ids that nodes have in their own drawing. */
function localEdit(edit: RepairEdit, scope: string): RepairEdit {
  const wired = (wire: Wire): Wire => ({
    ...wire,
    source: local(wire.source, scope),
    target: local(wire.target, scope),
  });
  if ('connect' in edit) return { connect: wired(edit.connect) };
  if ('disconnect' in edit) return { disconnect: wired(edit.disconnect) };
  if ('join' in edit) return { ...edit, sources: edit.sources.map(id => local(id, scope)) };
  if ('add' in edit) return { ...edit, feeds: edit.feeds.map(id => local(id, scope)) };
  return edit.node === undefined ? edit : { ...edit, node: local(edit.node, scope) };
}
