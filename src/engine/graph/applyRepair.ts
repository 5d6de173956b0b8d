/**
 * Applies repairs. A diagnosis concerns layers of the expanded network; an edit changes one drawing, the network's or a
 * block's.
 */
import { editsOf, type Repair, type RepairEdit, type Wire } from '../layers/repair.ts';
import type { Graph, NodeId, ProjectDocument } from './document.ts';
import { copyOfScope, editAt } from './drawings.ts';
import { applyEdits, runsOf } from './edits.ts';
import { scopeOf } from './expand.ts';

/** The nodes that an edit names; `concerned` where it names none. */
function namedBy(edit: RepairEdit, concerned: NodeId | null): (NodeId | null)[] {
  if ('connect' in edit) return [edit.connect.source, edit.connect.target];
  if ('disconnect' in edit) return [edit.disconnect.source, edit.disconnect.target];
  if ('join' in edit) return [...edit.sources];
  if ('add' in edit) return edit.feeds.length > 0 ? [...edit.feeds] : [''];
  return [edit.node ?? concerned];
}

/**
 * The copy in which all of a repair's edits are, as `stage/1/`; empty for the network itself; undefined where they are
 * in several drawings.
 */
export function repairScope(concerned: NodeId | null, repair: Repair): string | undefined {
  const named = editsOf(repair).flatMap(edit => namedBy(edit, concerned));
  const scopes = new Set(named.map(id => (id === null ? '' : scopeOf(id))));
  return scopes.size > 1 ? undefined : ([...scopes][0] ?? '');
}

/** Applies a repair of a diagnosis that concerns this node (null: the whole network): all its edits at once. */
export function applyRepair(graph: Graph, concerned: NodeId | null, repair: Repair): Graph {
  const scope = repairScope(concerned, repair) ?? '';
  return runsOf(editsOf(repair)).reduce((current, run) => {
    if (run.every(edit => 'setParams' in edit)) return setParameters(current, concerned, run);
    return editAt(current, scope, drawing =>
      applyEdits(
        drawing,
        local(concerned, scope),
        run.map(edit => localEdit(edit, scope)),
      ),
    );
  }, graph);
}

/** Takes a repair wherever it changes something: in the network, or in how it is trained. */
export function repaired(
  document: ProjectDocument,
  concerned: NodeId | null,
  repair: Repair,
): ProjectDocument {
  if ('setTraining' in repair)
    return { ...document, training: { ...document.training, ...repair.setTraining } };
  const graph = applyRepair(document.graph, concerned, repair);
  return graph === document.graph ? document : { ...document, graph };
}

type Setting = Extract<RepairEdit, { setParams: unknown }>;

/** Sets parameters where they are stored: exposed ones at the copy, others in the node's own drawing. */
function setParameters(graph: Graph, concerned: NodeId | null, settings: readonly Setting[]): Graph {
  const kept = settings.flatMap(({ node, setParams: params }) => {
    const id = node ?? concerned;
    if (id === null) return [];
    return Object.entries(params).map(([name, value]) => {
      const place = exposedAs(graph, id, name);
      return { ...place, value, scope: scopeOf(place.id) };
    });
  });
  return [...Map.groupBy(kept, ({ scope }) => scope)].reduce((current, [scope, here]) => {
    const edits = here.map(({ id, name, value }) => ({
      node: id.slice(scope.length),
      setParams: { [name]: value },
    }));
    return editAt(current, scope, drawing => applyEdits(drawing, null, edits));
  }, graph);
}

/** The outermost copy that exposes this parameter of a node inside it, with the exposed name. */
function exposedAs(graph: Graph, id: NodeId, name: string): { id: NodeId; name: string } {
  let at = { id, name };
  for (;;) {
    const scope = scopeOf(at.id);
    const copy = copyOfScope(graph, scope);
    const local = at.id.slice(scope.length);
    const exposed = copy?.block.exposed.find(({ targets }) =>
      targets.some(({ node, param }) => node === local && param === at.name),
    );
    if (!copy || !exposed) return at;
    at = { id: copy.id, name: exposed.name };
  }
}

const local = <T extends NodeId | null>(id: T, scope: string): T =>
  (id?.startsWith(scope) ? id.slice(scope.length) : id) as T;

/** The edit with the ids that nodes have in their own drawing. */
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
