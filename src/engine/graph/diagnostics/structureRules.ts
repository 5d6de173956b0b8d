/** Diagnoses of wiring and names: no single layer is at fault, but the network cannot run as drawn. */

import { layerKind, layerKinds } from '../../layers/registry.ts';
import type { Repair, RepairEdit } from '../../layers/repair.ts';
import { type Shape, shapeText } from '../../layers/shape.ts';
import { type Diagnosis, MOST_REPAIRS, withRepairs } from '../diagnosis.ts';
import { type Answer, answers, type Edge, type GraphNode, type NodeId } from '../document.ts';
import { freeNameAmong } from '../edits.ts';
import { scopeOf } from '../expand.ts';
import { type Head, OUTPUT } from '../heads.ts';
import { listNames } from '../listNames.ts';
import { consumersOf, layerAt, type RuleContext, sourcesOf } from './ruleContext.ts';

export function structureFaults(context: RuleContext): Diagnosis[] {
  return [
    ...cycle(context),
    ...names(context),
    ...edges(context),
    ...entrances(context),
    ...severalOutputs(context),
    ...empty(context),
  ];
}

const error = (
  node: NodeId | null,
  code: string,
  message: string,
  repairs: () => readonly Repair[],
): Diagnosis => withRepairs({ node, severity: 'error', code, message }, repairs);

/** The kind without inputs, which provides the image. */
const inputKind = () => layerKinds().find(({ inputs }) => inputs === 0)!;

const nameOf = (context: RuleContext, id: NodeId) => context.graph.nodes[id]?.name ?? id;

/** Reports one cycle at a time. */
function cycle(context: RuleContext): Diagnosis[] {
  const path = findCycle(context);
  if (!path) return [];
  const shown = listNames(
    [...path, path[0]!].map(id => nameOf(context, id)),
    ' → ',
  );
  const message = `${nameOf(context, path[0]!)} is on a cycle: ${shown}. Data flows one way: remove one of the edges.`;
  return [error(path[0]!, 'cycle', message, () => cycleRepairs(context, path))];
}

/** A repair for each edge of a cycle, up to a limit. */
function cycleRepairs(context: RuleContext, path: readonly NodeId[]): Repair[] {
  const loose = context.outputs.filter(id => context.nodes.has(id)).slice(0, MOST_REPAIRS - 1);
  return path.slice(0, MOST_REPAIRS).flatMap((target, i) => {
    const source = path.at(i - 1)!;
    const wire = context.into.get(target)!.find(edge => edge.source === source)!;
    return cutRepairs(context, wire, loose);
  });
}

/** Removes an edge; where that opens an input, an unused output can be connected instead. */
function cutRepairs(context: RuleContext, wire: Edge, loose: readonly NodeId[]): Repair[] {
  const [from, to] = [nameOf(context, wire.source), nameOf(context, wire.target)];
  return [
    ...loose.map(
      (source): Repair => ({
        title: `Lead ${nameOf(context, source)} into ${to} instead of ${from}`,
        edits: [{ disconnect: wire }, { connect: { ...wire, source } }],
      }),
    ),
    { title: `Remove the edge from ${from} to ${to}`, disconnect: wire },
  ];
}

/** The nodes of a cycle in order; undefined where there is none. */
function findCycle(context: RuleContext): NodeId[] | undefined {
  if (context.order.length === context.nodes.size) return undefined;
  const ordered = new Set(context.order);
  const start = Object.keys(context.graph.nodes).find(id => !ordered.has(id))!;
  // Every node without a place in the topological order has a source without one, so that following sources leads into
  // a cycle.
  const path: NodeId[] = [start];
  const places = new Map([[start, 0]]);
  for (;;) {
    const source = sourcesOf(context, path.at(-1)!).find(id => !ordered.has(id))!;
    const seen = places.get(source);
    if (seen !== undefined) return path.slice(seen).reverse();
    places.set(source, path.length);
    path.push(source);
  }
}

/** Names that nn.Module or Python itself uses. */
const RESERVED_NAMES = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
   lambda nonlocal not or pass raise return try while with yield None True False self super
   forward train eval training parameters buffers children modules apply state_dict load_state_dict cpu cuda
   half float double type to zero_grad requires_grad_ compile dump_patches extra_repr`.split(/\s+/),
);

/** Names must be unique within a drawing, since weights are named by them. */
function names({ nodes, copies }: RuleContext): Diagnosis[] {
  const drawings = new Map<string, [NodeId, GraphNode][]>();
  for (const [id, { node }] of [...nodes, ...copies]) {
    const scope = scopeOf(id);
    const others = drawings.get(scope);
    if (others) others.push([id, node]);
    else drawings.set(scope, [[id, node]]);
  }
  return [...drawings.values()].flatMap(namesOfOne);
}

function namesOfOne(drawn: readonly [NodeId, GraphNode][]): Diagnosis[] {
  const first = new Set<string>();
  // The name of a layer inside a block begins with the copy's: `stage.0.conv`.
  const ownName = ({ name }: GraphNode) => name.slice(name.lastIndexOf('.') + 1);
  let taken: ReadonlySet<string> | undefined;
  return drawn.flatMap(([id, node]): Diagnosis[] => {
    const name = ownName(node);
    const rename = (): Repair[] => {
      taken ??= new Set(drawn.map(([, other]) => ownName(other)));
      const free = freeNameAmong(taken, node.kind);
      return [{ title: `Call it ${free}`, rename: free }];
    };
    if (first.has(name)) {
      const message = `Two nodes are called ${name}: names tell their weights apart. Rename one.`;
      return [error(id, 'duplicate-name', message, rename)];
    }
    first.add(name);
    if (!RESERVED_NAMES.has(name)) return [];
    const message = `${name}: PyTorch keeps this name for itself, so a module cannot have a layer called so.`;
    return [withRepairs({ node: id, severity: 'warning', code: 'reserved-name', message }, rename)];
  });
}

/** Edges that the window does not let one draw, but a file can contain. */
function edges({ graph }: RuleContext): Diagnosis[] {
  const taken = new Map<string, Edge>();
  return graph.edges.flatMap((edge): Diagnosis[] => {
    const { source, target, input } = edge;
    const node = graph.nodes[target];
    const remove: Repair = { title: 'Remove the edge', disconnect: edge };
    if (!node || !graph.nodes[source]) {
      const message = `An edge joins ${source} to ${target}, and one of them is not there.`;
      return [error(null, 'dangling-edge', message, () => [remove])];
    }
    const inputs = layerKind(node.kind)?.inputs ?? 'several';
    if (inputs !== 'several' && input >= inputs) {
      const message = `An edge flows into input ${input + 1} of ${node.name}, which has none such.`;
      return [error(target, 'no-such-input', message, () => [remove])];
    }
    const other = taken.get(`${target} ${input}`);
    taken.set(`${target} ${input}`, edge);
    if (!other) return [];
    const message = `Two edges flow into the same input of ${node.name}. Remove one.`;
    const keep = (kept: Edge): Repair => ({
      title: `Keep the one from ${graph.nodes[kept.source]!.name}`,
      edits: [{ disconnect: edge }, { disconnect: other }, { connect: kept }],
    });
    return [error(target, 'input-taken-twice', message, () => [keep(other), keep(edge)])];
  });
}

function entrances(context: RuleContext): Diagnosis[] {
  const ids = Object.keys(context.graph.nodes);
  const inputs = ids.filter(id => layerKind(context.graph.nodes[id]!.kind)?.inputs === 0);
  const [first, ...others] = inputs;
  if (first === undefined) {
    if (ids.length === 0) return [];
    const add = (): Repair => {
      const feeds = ids.filter(id => sourcesOf(context, id).length === 0);
      return { title: 'Add an Input', add: { kind: inputKind().kind, params: {} }, feeds };
    };
    return [error(null, 'no-input', 'The network has no Input: nothing enters it.', () => [add()])];
  }
  const shapes = inputs.map(id => shapeText(layerAt(context, id)?.figures.shape ?? []));
  if (others.length === 0 || new Set(shapes).size === 1) return [];
  const keep = (): Repair => {
    const leaving = others.flatMap(other => context.from.get(other) ?? []);
    const edits: RepairEdit[] = [
      ...others.map((other): RepairEdit => ({ remove: true, node: other })),
      ...leaving.map(edge => ({ connect: { ...edge, source: first } })),
    ];
    return { title: `Keep ${nameOf(context, first)} for all of them`, edits };
  };
  const named = listNames(inputs.map((id, i) => `${nameOf(context, id)} ${shapes[i]}`));
  const message = `The network has ${inputs.length} Inputs of different shapes (${named}): every one gets the image, so they need one shape.`;
  return [error(null, 'several-inputs', message, () => [keep()])];
}

/** Whether a node has no edge; that is reported at the node itself. */
export function isUnwired(context: RuleContext, id: NodeId): boolean {
  return !context.into.has(id) && !context.from.has(id) && context.nodes.size > 1;
}

/** At most so many outputs are offered as the only one. */
const MAX_LISTED_ENDS = 12;

function severalOutputs(context: RuleContext): Diagnosis[] {
  const heads = context.heads.filter(({ node }) => !isUnwired(context, node));
  if (heads.length < 2) return [];
  const outputs = heads.map(({ node }) => node);
  const shown = listNames(outputs.map(id => nameOf(context, id)));
  const twice = heads.find(({ answer }, i) => answer !== null && heads[i + 1]?.answer === answer);
  if (twice) {
    const message = `Two Outputs say that they answer the ${twice.answer} (${shown}); one is wanted for each question.`;
    const remove: Repair = { title: `Remove ${nameOf(context, twice.node)}`, remove: true };
    return [error(twice.node, 'answered-twice', message, () => [...otherAnswer(twice, heads), remove])];
  }
  if (heads.every(({ answer }) => answer !== null)) return [];
  const message = `The network ends in ${outputs.length} places (${shown}), and does not say what each of them answers.`;
  const keep = (id: NodeId): Repair => {
    const dead = nodesWithoutEffect(context, id, outputs);
    const what =
      dead.length === 1 ? nameOf(context, dead[0]!) : `the ${dead.length} layers that end elsewhere`;
    const edits = dead.map((node): RepairEdit => ({ remove: true, node }));
    return { title: `End in ${nameOf(context, id)}: remove ${what}`, edits };
  };
  // Of very many outputs the last ones are offered: the intended one is usually last.
  const kept = outputs.slice(-MAX_LISTED_ENDS);
  const repairs = () => [...outputRepairs(context, heads), ...kept.map(keep), ...joining(context, outputs)];
  return [error(null, 'several-outputs', message, repairs)];
}

/** Repairs that give an Output an answer that no other has. */
function otherAnswer({ node }: Head, heads: readonly Head[]): Repair[] {
  return answers
    .filter(answer => !heads.some(head => head.answer === answer))
    .map(answer => ({ title: `Let it answer the ${answer}`, setParams: { answer }, node }));
}

/** Repairs that put an Output behind each end, where shapes tell which answers are meant. */
function outputRepairs(context: RuleContext, heads: readonly Head[]): Repair[] {
  const guessed = heads.map(
    ({ node, answer }) => answer ?? guessAnswer(layerAt(context, node)?.figures.shape),
  );
  if (guessed.includes(null) || new Set(guessed).size < heads.length) return [];
  const edits = heads.flatMap(({ node, answer }, i): RepairEdit[] =>
    answer === null ? [{ insertAfter: { kind: OUTPUT, params: { answer: guessed[i] } }, node }] : [],
  );
  return [{ title: `Say what they answer: ${guessed.join(' and ')}`, edits }];
}

function guessAnswer(shape: Shape | undefined): Answer | null {
  if (!shape) return null;
  if (shape.length === 3) return 'mask';
  return shape[0] === 4 ? 'box' : 'class';
}

/** Nodes that no longer contribute if the network has only one output, last first. */
function nodesWithoutEffect(context: RuleContext, kept: NodeId, outputs: readonly NodeId[]): NodeId[] {
  const dead = new Set(outputs.filter(id => id !== kept));
  for (const id of context.order.toReversed()) {
    const consumers = consumersOf(context, id);
    if (consumers.length > 0 && consumers.every(consumer => dead.has(consumer))) dead.add(id);
  }
  return context.order.filter(id => dead.has(id) && context.nodes.get(id)?.kind?.inputs !== 0).toReversed();
}

function joining(context: RuleContext, sources: readonly NodeId[]): Repair[] {
  const shapes = sources.map(id => layerAt(context, id)?.figures.shape);
  if (shapes.some(shape => !shape || shape.slice(1).join() !== shapes[0]!.slice(1).join())) return [];
  const same = shapes.every(shape => shape!.join() === shapes[0]!.join());
  return [
    ...(same ? [{ title: 'Add them', join: { kind: 'Add', params: {} }, sources }] : []),
    { title: 'Concatenate them', join: { kind: 'Concat', params: {} }, sources },
  ];
}

function empty({ nodes }: RuleContext): Diagnosis[] {
  if (nodes.size > 0) return [];
  const add: Repair = { title: 'Add an Input', add: { kind: inputKind().kind, params: {} }, feeds: [] };
  const message = 'The canvas is empty: add an Input and some layers.';
  return [{ node: null, severity: 'warning', code: 'empty-network', message, repairs: [add] }];
}
