/**
 * A drawing as PyTorch modules: the module of each node, its constructor arguments, and the order of computation;
 * torchStatements.ts writes them.
 */
import type { NodeId } from '../graph/document.ts';
import { isFrozen } from '../graph/freezing.ts';
import type { Inference } from '../graph/inference.ts';
import { padModules } from '../layers/padding.ts';
import { asGiven, moduleArguments, type TorchModule, type WrittenArgument } from '../layers/torchForm.ts';
import { distinctNames, isPassedBy } from './code.ts';
import { type Dataflow, type DataflowStep, dataflowOf } from './dataflow.ts';
import { modulesByName } from './moduleNames.ts';
import { builtins, freeIdentifier, keywords, moduleNames } from './pythonNames.ts';

/** Names that attributes of a module may not have. */
const isReserved = (name: string) => name.startsWith('__') || moduleNames.has(name) || keywords.has(name);

/** Names with another meaning within functions and at the file's level. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...builtins,
  'self',
  'torch',
  'nn',
  'model',
  'copy',
  'Net',
  'OrderedDict',
]);

/** The classes that the code may define, because PyTorch lacks them. */
export const ownClasses: ReadonlySet<string> = new Set(
  [...modulesByName.values()]
    .flat()
    .map(({ form }) => form)
    .concat(Object.values(padModules))
    .flatMap(({ module, definition }) => (definition ? [module] : [])),
);

/** A constructor call. */
export interface Call {
  readonly callee: string;
  readonly arguments: readonly WrittenArgument[];
}

/** The module of a node: one call, or several with padding before; for a block one call per repetition. */
export interface Module {
  readonly attribute: string;
  readonly node: NodeId;
  readonly calls: readonly Call[];
  /** The container of a block's repetitions; null for other nodes. */
  readonly row: 'nn.Sequential' | 'nn.ModuleList' | null;
}

export interface TorchDrawing {
  readonly inference: Inference;
  /** The prefix of its nodes' ids: the copies that it is in. */
  readonly scope: string;
  readonly flow: Dataflow;
  readonly modules: ReadonlyMap<NodeId, readonly Module[]>;
  /** Definitions of classes that PyTorch lacks. */
  readonly definitions: ReadonlySet<string>;
}

/** @param copies the calls for each repetition of a block's copy; null for other nodes */
export function torchDrawing(
  inference: Inference,
  scope: string,
  copies: (id: NodeId) => readonly Call[] | null,
): TorchDrawing {
  const attributes = distinctNames(inference.nodes, isReserved, (name, others, counts) =>
    freeIdentifier(name, { has: word => moduleNames.has(word) || others.has(word) }, counts),
  );
  const flow = dataflowOf(inference, attributes, reservedNames);
  const modules = new Map<NodeId, readonly Module[]>();
  const definitions = new Set<string>();
  const taken = new Set([...attributes.values(), ...moduleNames]);
  const shapes = new Map(flow.steps.map(({ id, inferred }) => [id, inferred.figures?.shape]));
  for (const step of flow.steps) {
    const { id: node, sources } = step;
    const attribute = attributes.get(node)!;
    const calls = copies(node);
    if (calls) {
      const row = sources.length > 1 ? 'nn.ModuleList' : 'nn.Sequential';
      modules.set(node, [{ attribute, node, calls, row }]);
      continue;
    }
    const form = formOf(step);
    if (!form) continue;
    const own: Module[] = [];
    const { split } = form;
    if (split) {
      const pad = padModules[split.pad.mode];
      const before = freeIdentifier(`${attribute}_pad`, taken);
      taken.add(before);
      own.push(layer(before, node, pad, moduleArguments(pad, { sides: split.pad.sides }, null)));
      if (pad.definition) definitions.add(pad.definition);
    }
    const given = moduleArguments(form.module, form.params, shapes.get(sources[0] ?? '') ?? null);
    const made = (isFrozen(step.inferred.node) && form.module.frozen) || form.module;
    modules.set(node, [...own, layer(attribute, node, made, given)]);
    if (made.definition) definitions.add(made.definition);
  }
  return { inference, scope, flow, modules, definitions };
}

/** The module form of a node's kind, with valid parameters; null for none. */
function formOf({ inferred }: DataflowStep) {
  const { kind, figures, node } = inferred;
  if (!kind || isPassedBy(inferred) || !('module' in kind.pytorch)) return null;
  const parsed = figures?.params ?? kind.schema.safeParse(node.params).data;
  if (!parsed) return null;
  const module: TorchModule<Record<string, unknown>> = kind.pytorch;
  const split = module.split?.(parsed) ?? null;
  return { module, split, params: split?.params ?? parsed };
}

function layer(
  attribute: string,
  node: NodeId,
  { module: callee }: { readonly module: string },
  given: readonly WrittenArgument[],
): Module {
  return { attribute, node, calls: [{ callee, arguments: given }], row: null };
}

/** Identifies an argument. */
export interface Slot {
  readonly key: string;
  readonly node: NodeId;
}

/** The text of an argument; null to omit it. */
export type Say = (slot: Slot, written: WrittenArgument) => string | null;

export const literally: Say = (_, { text, isLeftOut }) => (isLeftOut ? null : text);

/** Longer lists are written with one module per line. */
const LONGEST_ROW = 84;
/** More equal modules than this are written as a comprehension. */
const MOST_LIKE_MODULES = 2;

/** The construction of a module, as one or several lines. */
export function constructed({ attribute, node, calls, row }: Module, say: Say): string[] {
  const texts = calls.map((call, turn) => {
    const parts = call.arguments.flatMap(written => {
      const text = say({ key: `${attribute} ${turn} ${written.name}`, node }, written);
      return text === null ? [] : [asGiven({ ...written, text })];
    });
    return `${call.callee}(${parts.join(', ')})`;
  });
  if (!row) return [texts[0]!];
  const items = runsOf(texts).flatMap(({ text, count }) =>
    count > MOST_LIKE_MODULES
      ? [`*[${text} for _ in range(${count})]`]
      : Array.from({ length: count }, () => text),
  );
  const [open, close] = row === 'nn.ModuleList' ? ['([', '])'] : ['(', ')'];
  const [only] = items;
  // A list with a single comprehension is that comprehension.
  if (row === 'nn.ModuleList' && items.length === 1 && only!.startsWith('*'))
    return [`${row}(${only!.slice(1)})`];
  const whole = `${row}${open}${items.join(', ')}${close}`;
  if (whole.length <= LONGEST_ROW || items.length === 1) return [whole];
  return [`${row}${open}`, ...items.map(item => `    ${item},`), close];
}

function runsOf(texts: readonly string[]): { text: string; count: number }[] {
  const runs: { text: string; count: number }[] = [];
  for (const text of texts) {
    const last = runs.at(-1);
    if (last?.text === text) last.count++;
    else runs.push({ text, count: 1 });
  }
  return runs;
}
