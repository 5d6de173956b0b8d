/**
 * Repairs of faults of layers that need the graph: another edge, another kind, changes of previous layers. They are
 * added to the layer's own repairs.
 */
import { layerKind, layerKinds } from '../../layers/registry.ts';
import type { Repair, RepairEdit } from '../../layers/repair.ts';
import { type Diagnosis, withRepairs } from '../diagnosis.ts';
import type { NodeId } from '../document.ts';
import { type RuleContext, sourcesOf } from './ruleContext.ts';
import { isUnwired } from './structureRules.ts';

type Remedy = (id: NodeId, context: RuleContext) => readonly Repair[];

const remedies: Readonly<Record<string, Remedy>> = {
  'unknown-kind': unknownKind,
  'open-input': openInput,
  'wants-image': wantsImage,
};

export function withRemedies(fault: Diagnosis, context: RuleContext): Diagnosis {
  const { node, code } = fault;
  if (node === null) return fault;
  if (code === 'open-input' && isUnwired(context, node)) return unused(fault, node, context);
  const remedy = remedies[code];
  return remedy ? withRepairs(fault, () => [...fault.repairs, ...remedy(node, context)]) : fault;
}

/** A layer without edges was probably forgotten. */
function unused(fault: Diagnosis, id: NodeId, context: RuleContext): Diagnosis {
  const { name } = context.graph.nodes[id]!;
  return withRepairs(
    {
      node: id,
      severity: fault.severity,
      code: 'unused-node',
      message: `${name} is joined to nothing: no image reaches it.`,
    },
    () => [removal(id, context), ...wirings(id, context)],
  );
}

function unknownKind(id: NodeId, { graph }: RuleContext): readonly Repair[] {
  const wanted = graph.nodes[id]!.kind.toLowerCase();
  const near = layerKinds()
    .map(({ kind }) => ({ kind, distance: editDistance(wanted, kind.toLowerCase()) }))
    .filter(({ kind, distance }) => distance <= Math.max(1, kind.length / 3))
    .sort((a, b) => a.distance - b.distance)[0];
  const known = layerKind(near?.kind ?? '');
  const foreign = Object.keys(graph.nodes[id]!.params).filter(name => known && !(name in known.fields));
  return [
    ...(near
      ? [
          {
            title: `Make it ${near.kind}`,
            edits: [{ unsetParams: foreign }, { replaceWith: { kind: near.kind, params: {} } }],
          },
        ]
      : []),
    { title: 'Remove it', remove: true },
  ];
}

/** The Levenshtein distance of two words. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}

function openInput(id: NodeId, context: RuleContext): readonly Repair[] {
  return [...wirings(id, context), removal(id, context)];
}

/**
 * Candidates to feed an open input: the nearest unused outputs above; else the source of the layer drawn just above.
 */
function wirings(id: NodeId, context: RuleContext): readonly Repair[] {
  const { graph } = context;
  const entering = context.into.get(id) ?? [];
  const input = entering[0]?.input === 0 ? entering.at(-1)!.input + 1 : 0;
  const here = graph.nodes[id]!;
  const distance = (other: NodeId) => {
    const { x, y } = graph.nodes[other]!;
    return Math.hypot(x - here.x, y - here.y) + (y > here.y ? 1e6 : 0);
  };
  const unfit = new Set([...downstream(context, id), ...sourcesOf(context, id)]);
  const candidates = context.order.filter(other => !unfit.has(other));
  const loose = nearest(
    candidates.filter(other => !context.from.has(other)),
    2,
    distance,
  );
  const connect = (source: NodeId): Repair => ({
    title: `Lead ${graph.nodes[source]!.name} into it`,
    connect: { source, target: id, input },
  });
  return [...new Set([...loose, ...nearest(candidates, 1, distance)])].map(connect);
}

/** A node and all that it feeds. */
function downstream(context: RuleContext, id: NodeId): ReadonlySet<NodeId> {
  const reached = new Set([id]);
  for (const each of reached) for (const { target } of context.from.get(each) ?? []) reached.add(target);
  return reached;
}

/** The `count` nearest; among equally near ones the first. */
function nearest(ids: readonly NodeId[], count: number, distance: (id: NodeId) => number): NodeId[] {
  const found: { id: NodeId; away: number }[] = [];
  for (const id of ids) {
    const away = distance(id);
    const last = found.at(-1);
    if (found.length === count && last && away >= last.away) continue;
    const place = found.findIndex(other => away < other.away);
    found.splice(place < 0 ? found.length : place, 0, { id, away });
    if (found.length > count) found.pop();
  }
  return found.map(({ id }) => id);
}

function removal(id: NodeId, { graph }: RuleContext): Repair {
  return { title: `Remove ${graph.nodes[id]!.name}`, remove: true };
}

/** Removes the layer that turned the image into a vector. */
function wantsImage(id: NodeId, context: RuleContext): readonly Repair[] {
  const between: NodeId[] = [];
  for (let at: NodeId = id; ; ) {
    const sources = sourcesOf(context, at);
    const figures = context.nodes.get(sources[0] ?? '')?.figures;
    if (sources.length !== 1 || !figures) return [];
    if (figures.shape.length === 3) break;
    at = sources[0]!;
    between.push(at);
  }
  if (between.length === 0) return [];
  const shown = between.map(each => context.graph.nodes[each]!.name).reverse();
  const title = `Remove ${shown.length > 3 ? `the ${shown.length} layers that make it a vector` : shown.join(', ')}`;
  return [{ title, edits: between.map((node): RepairEdit => ({ remove: true, node })) }];
}
