/** What is wrong with the wiring and the names: no layer is at fault, but the network cannot run as it is drawn. */
import { layerKind, layerKinds } from '../../layers/registry.ts';
import type { Repair, RepairEdit } from '../../layers/repair.ts';
import { type Shape, shapeText } from '../../layers/shape.ts';
import { type Diagnosis, MOST_REPAIRS, withRepairs } from '../diagnosis.ts';
import { type Answer, answers, type Edge, type GraphNode, type NodeId } from '../document.ts';
import { freeNameAmong } from '../edits.ts';
import { scopeOf } from '../expand.ts';
import { type Head, OUTPUT } from '../heads.ts';
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

/** More names than this in one sentence nobody reads. */
const MOST_NAMED = 12;

/** Names or the like in a row; of a long row the first and the last. */
function listed(texts: readonly string[], between = ', '): string {
  if (texts.length <= MOST_NAMED) return texts.join(between);
  return [...texts.slice(0, MOST_NAMED - 1), '…', texts.at(-1)!].join(between);
}

/** The kind that images enter by. */
const entrance = () => layerKinds().find(({ inputs }) => inputs === 0)!;

const nameOf = (context: RuleContext, id: NodeId) => context.graph.nodes[id]?.name ?? id;

/** One cycle at a time: the next shows when this one is broken. */
function cycle(context: RuleContext): Diagnosis[] {
  const path = findCycle(context);
  if (!path) return [];
  const shown = listed(
    [...path, path[0]!].map(id => nameOf(context, id)),
    ' → ',
  );
  const message = `${nameOf(context, path[0]!)} is on a cycle: ${shown}. Data flows one way: remove one of the edges.`;
  return [error(path[0]!, 'cycle', message, () => cuts(context, path))];
}

/** Of each edge of a cycle, as far as that many can be offered. */
function cuts(context: RuleContext, path: readonly NodeId[]): Repair[] {
  const loose = context.outputs.filter(id => context.nodes.has(id)).slice(0, MOST_REPAIRS - 1);
  return path.slice(0, MOST_REPAIRS).flatMap((target, i) => {
    const source = path.at(i - 1)!;
    const wire = context.into.get(target)!.find(edge => edge.source === source)!;
    return cutRepairs(context, wire, loose);
  });
}

/** Removes an edge; where that opens an input, an end that lies loose can flow into it instead. */
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

/** Nodes of one cycle, each feeding the next and the last the first; undefined where there is none. */
function findCycle(context: RuleContext): NodeId[] | undefined {
  if (context.order.length === context.nodes.size) return undefined;
  const ordered = new Set(context.order);
  const start = Object.keys(context.graph.nodes).find(id => !ordered.has(id))!;
  // Every node without a place in the order has a source without one: going up must come round.
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

/** What an nn.Module or Python itself has under this name already. */
const RESERVED_NAMES = new Set(
  `and as assert async await break class continue def del elif else except finally for from global if import in is
   lambda nonlocal not or pass raise return try while with yield None True False self super
   forward train eval training parameters buffers children modules apply state_dict load_state_dict cpu cuda
   half float double type to zero_grad requires_grad_ compile dump_patches extra_repr`.split(/\s+/),
);

/** Names tell weights apart within one drawing: the network's, or that of a block in one of its copies. */
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
  // A layer inside a block is called after the copy, too: `stage.0.conv`.
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

/** Edges that no gesture draws, but a file can hold. */
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
      return { title: 'Add an Input', add: { kind: entrance().kind, params: {} }, feeds };
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
  const named = listed(inputs.map((id, i) => `${nameOf(context, id)} ${shapes[i]}`));
  const message = `The network has ${inputs.length} Inputs of different shapes (${named}): every one gets the image, so they need one shape.`;
  return [error(null, 'several-inputs', message, () => [keep()])];
}

/** Whether a node has no edge at all; it says so itself. */
export function isUnwired(context: RuleContext, id: NodeId): boolean {
  return !context.into.has(id) && !context.from.has(id) && context.nodes.size > 1;
}

/** Ends that are offered to be the only one. */
const MOST_ENDS = 12;

function severalOutputs(context: RuleContext): Diagnosis[] {
  const heads = context.heads.filter(({ node }) => !isUnwired(context, node));
  if (heads.length < 2) return [];
  const outputs = heads.map(({ node }) => node);
  const shown = listed(outputs.map(id => nameOf(context, id)));
  const twice = heads.find(({ answer }, i) => answer !== null && heads[i + 1]?.answer === answer);
  if (twice) {
    const message = `Two Outputs say that they answer the ${twice.answer} (${shown}); one is wanted for each question.`;
    const remove: Repair = { title: `Remove ${nameOf(context, twice.node)}`, remove: true };
    return [error(twice.node, 'answered-twice', message, () => [...otherAnswer(twice, heads), remove])];
  }
  if (heads.every(({ answer }) => answer !== null)) return [];
  const message = `The network ends in ${outputs.length} places (${shown}), and does not say what each of them answers.`;
  const keep = (id: NodeId): Repair => {
    const dead = deadWithout(context, id, outputs);
    const what =
      dead.length === 1 ? nameOf(context, dead[0]!) : `the ${dead.length} layers that end elsewhere`;
    const edits = dead.map((node): RepairEdit => ({ remove: true, node }));
    return { title: `End in ${nameOf(context, id)}: remove ${what}`, edits };
  };
  // Of very many ends the last are kept on offer: a network's own end lies behind all else.
  const kept = outputs.slice(-MOST_ENDS);
  const repairs = () => [...saying(context, heads), ...kept.map(keep), ...joining(context, outputs)];
  return [error(null, 'several-outputs', message, repairs)];
}

/** A question that no other end answers. */
function otherAnswer({ node }: Head, heads: readonly Head[]): Repair[] {
  return answers
    .filter(answer => !heads.some(head => head.answer === answer))
    .map(answer => ({ title: `Let it answer the ${answer}`, setParams: { answer }, node }));
}

/** An Output at each end, where the shapes tell which question each of them answers. */
function saying(context: RuleContext, heads: readonly Head[]): Repair[] {
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

/** Nodes that no longer lead anywhere when the network is to end in one place only; the last first. */
function deadWithout(context: RuleContext, kept: NodeId, outputs: readonly NodeId[]): NodeId[] {
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
  const add: Repair = { title: 'Add an Input', add: { kind: entrance().kind, params: {} }, feeds: [] };
  const message = 'The canvas is empty: add an Input and some layers.';
  return [{ node: null, severity: 'warning', code: 'empty-network', message, repairs: [add] }];
}
