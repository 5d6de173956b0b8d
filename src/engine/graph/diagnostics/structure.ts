/** What is wrong with the wiring and the names: no layer is at fault, but the network cannot run as it is drawn. */
import { layerKind, layerKinds } from '../../layers/registry.ts';
import type { Repair, RepairEdit } from '../../layers/repair.ts';
import type { Edge, NodeId } from '../document.ts';
import { freeName } from '../edits.ts';
import type { Diagnosis } from '../infer.ts';
import { consumersOf, placeAt, type Scene, sourcesOf } from './scene.ts';

export function structureFaults(scene: Scene): Diagnosis[] {
  return [
    ...cycle(scene),
    ...names(scene),
    ...edges(scene),
    ...entrances(scene),
    ...severalOutputs(scene),
    ...empty(scene),
  ];
}

const error = (
  node: NodeId | null,
  code: string,
  message: string,
  repairs: readonly Repair[] = [],
): Diagnosis => ({ node, severity: 'error', code, message, repairs });

/** The kind that images enter by. */
const entrance = () => layerKinds().find(({ inputs }) => inputs === 0)!;

const nameOf = (scene: Scene, id: NodeId) => scene.graph.nodes[id]?.name ?? id;

/** One cycle at a time: the next shows when this one is broken. */
function cycle(scene: Scene): Diagnosis[] {
  const path = findCycle(scene);
  if (!path) return [];
  const wires = path.map((target, i) => {
    const source = path.at(i - 1)!;
    return scene.graph.edges.find(edge => edge.source === source && edge.target === target)!;
  });
  const shown = [...path, path[0]!].map(id => nameOf(scene, id)).join(' → ');
  const message = `${nameOf(scene, path[0]!)} is on a cycle: ${shown}. Data flows one way: remove one of the edges.`;
  const repairs = wires.flatMap(wire => cutRepairs(scene, wire));
  return [error(path[0]!, 'cycle', message, repairs)];
}

/** Removes an edge; where that opens an input, an end that lies loose can flow into it instead. */
function cutRepairs(scene: Scene, wire: Edge): Repair[] {
  const [from, to] = [nameOf(scene, wire.source), nameOf(scene, wire.target)];
  const loose = scene.outputs.filter(id => scene.nodes.has(id));
  return [
    ...loose.map(
      (source): Repair => ({
        title: `Lead ${nameOf(scene, source)} into ${to} instead of ${from}`,
        edits: [{ disconnect: wire }, { connect: { ...wire, source } }],
      }),
    ),
    { title: `Remove the edge from ${from} to ${to}`, disconnect: wire },
  ];
}

/** Nodes of one cycle, each feeding the next and the last the first; undefined where there is none. */
function findCycle(scene: Scene): NodeId[] | undefined {
  const ordered = new Set(scene.order);
  const start = Object.keys(scene.graph.nodes).find(id => !ordered.has(id));
  if (start === undefined) return undefined;
  // Every node without a place in the order has a source without one: going up must come round.
  const path: NodeId[] = [start];
  for (;;) {
    const source = sourcesOf(scene, path.at(-1)!).find(id => !ordered.has(id))!;
    const seen = path.indexOf(source);
    if (seen >= 0) return path.slice(seen).reverse();
    path.push(source);
  }
}

/** What an nn.Module or Python itself has under this name already. */
const RESERVED = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
   lambda nonlocal not or pass raise return try while with yield None True False self super
   forward train eval training parameters buffers children modules apply state_dict load_state_dict cpu cuda
   half float double type to zero_grad requires_grad_ compile dump_patches extra_repr`.split(/\s+/),
);

function names({ graph }: Scene): Diagnosis[] {
  const first = new Map<string, NodeId>();
  return Object.entries(graph.nodes).flatMap(([id, { name, kind }]): Diagnosis[] => {
    const rename = (): Repair => {
      const free = freeName(graph, kind);
      return { title: `Call it ${free}`, rename: free };
    };
    if (first.has(name)) {
      const message = `Two nodes are called ${name}: names tell their weights apart. Rename one.`;
      return [error(id, 'duplicate-name', message, [rename()])];
    }
    first.set(name, id);
    if (!RESERVED.has(name)) return [];
    const message = `${name}: PyTorch keeps this name for itself, so a module cannot have a layer called so.`;
    return [{ ...error(id, 'reserved-name', message, [rename()]), severity: 'warning' }];
  });
}

/** Edges that no gesture draws, but a file can hold. */
function edges({ graph }: Scene): Diagnosis[] {
  const taken = new Map<string, Edge>();
  return graph.edges.flatMap((edge): Diagnosis[] => {
    const { source, target, input } = edge;
    const node = graph.nodes[target];
    const remove: Repair = { title: 'Remove the edge', disconnect: edge };
    if (!node || !graph.nodes[source]) {
      const message = `An edge joins ${source} to ${target}, and one of them is not there.`;
      return [error(null, 'dangling-edge', message, [remove])];
    }
    const inputs = layerKind(node.kind)?.inputs ?? 'several';
    if (inputs !== 'several' && input >= inputs) {
      const message = `An edge flows into input ${input + 1} of ${node.name}, which has none such.`;
      return [error(target, 'no-such-input', message, [remove])];
    }
    const other = taken.get(`${target} ${input}`);
    taken.set(`${target} ${input}`, edge);
    if (!other) return [];
    const message = `Two edges flow into the same input of ${node.name}. Remove one.`;
    const keep = (kept: Edge): Repair => ({
      title: `Keep the one from ${graph.nodes[kept.source]!.name}`,
      edits: [{ disconnect: edge }, { disconnect: other }, { connect: kept }],
    });
    return [error(target, 'input-taken-twice', message, [keep(other), keep(edge)])];
  });
}

function entrances(scene: Scene): Diagnosis[] {
  const ids = Object.keys(scene.graph.nodes);
  const inputs = ids.filter(id => layerKind(scene.graph.nodes[id]!.kind)?.inputs === 0);
  const [first, ...others] = inputs;
  if (first === undefined) {
    if (ids.length === 0) return [];
    const open = ids.filter(id => sourcesOf(scene, id).length === 0);
    const add: Repair = { title: 'Add an Input', add: { kind: entrance().kind, params: {} }, feeds: open };
    return [error(null, 'no-input', 'The network has no Input: nothing enters it.', [add])];
  }
  const shapes = new Set(inputs.map(id => String(placeAt(scene, id)?.figures.shape)));
  if (others.length === 0 || shapes.size === 1) return [];
  const edits = others.flatMap((other): RepairEdit[] => [
    { remove: true, node: other },
    ...(scene.from.get(other) ?? []).map(edge => ({ connect: { ...edge, source: first } })),
  ]);
  const message = `The network has ${inputs.length} Inputs; one is wanted.`;
  return [
    error(null, 'several-inputs', message, [
      { title: `Keep ${nameOf(scene, first)} for all of them`, edits },
    ]),
  ];
}

/** Whether a node has no edge at all; it says so itself. */
export function isUnwired(scene: Scene, id: NodeId): boolean {
  return !scene.into.has(id) && !scene.from.has(id) && scene.nodes.size > 1;
}

function severalOutputs(scene: Scene): Diagnosis[] {
  const outputs = scene.outputs.filter(id => !isUnwired(scene, id));
  if (outputs.length < 2) return [];
  const said = outputs.map(id => scene.nodes.get(id)!.node).filter(({ kind }) => kind === 'Output');
  if (said.length === outputs.length && new Set(said.map(({ params }) => params.answer)).size === said.length)
    return [];
  const shown = outputs.map(id => nameOf(scene, id)).join(', ');
  const message = `The network ends in ${outputs.length} places (${shown}); one is wanted.`;
  const keep = outputs.map((id): Repair => {
    const dead = deadWithout(scene, id, outputs);
    const what = dead.length === 1 ? nameOf(scene, dead[0]!) : `the ${dead.length} layers that end elsewhere`;
    const edits = dead.map((node): RepairEdit => ({ remove: true, node }));
    return { title: `End in ${nameOf(scene, id)}: remove ${what}`, edits };
  });
  return [error(null, 'several-outputs', message, [...keep, ...joining(scene, outputs)])];
}

/** Nodes that no longer lead anywhere when the network is to end in one place only; the last first. */
function deadWithout(scene: Scene, kept: NodeId, outputs: readonly NodeId[]): NodeId[] {
  const dead = new Set(outputs.filter(id => id !== kept));
  for (const id of scene.order.toReversed()) {
    const consumers = consumersOf(scene, id);
    if (consumers.length > 0 && consumers.every(consumer => dead.has(consumer))) dead.add(id);
  }
  return scene.order.filter(id => dead.has(id) && scene.nodes.get(id)?.kind?.inputs !== 0).toReversed();
}

function joining(scene: Scene, sources: readonly NodeId[]): Repair[] {
  const shapes = sources.map(id => placeAt(scene, id)?.figures.shape);
  if (shapes.some(shape => !shape || shape.slice(1).join() !== shapes[0]!.slice(1).join())) return [];
  const same = shapes.every(shape => shape!.join() === shapes[0]!.join());
  return [
    ...(same ? [{ title: 'Add them', join: { kind: 'Add', params: {} }, sources }] : []),
    { title: 'Concatenate them', join: { kind: 'Concat', params: {} }, sources },
  ];
}

function empty({ nodes }: Scene): Diagnosis[] {
  if (nodes.size > 0) return [];
  const add: Repair = { title: 'Add an Input', add: { kind: entrance().kind, params: {} }, feeds: [] };
  const message = 'The canvas is empty: add an Input and some layers.';
  return [{ ...error(null, 'empty-network', message, [add]), severity: 'warning' }];
}
