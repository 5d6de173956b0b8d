/**
 * Writes blocks as PyTorch classes, one per block, whose constructor takes what differs between copies; what is equal
 * is a literal. Copies that differ in structure, e.g. by a padding module, get a class of their own.
 */
import { blockIdOf, blockOf, entriesOf, repeatOf, withinBlock } from '../graph/blocks.ts';
import type { Block, BlockId, NodeId } from '../graph/document.ts';
import { drawingAt } from '../graph/drawings.ts';
import { type Inference, inferredAt, type NodeInference } from '../graph/inference.ts';
import { scopedInference } from '../graph/scopedInference.ts';
import type { WrittenArgument } from '../layers/torchForm.ts';
import { type CodeLine, errorComments, line } from './code.ts';
import type { DataflowStep } from './dataflow.ts';
import { freeIdentifier } from './pythonNames.ts';
import {
  type Call,
  constructed,
  ownClasses,
  reservedNames,
  type Say,
  type Slot,
  type TorchDrawing,
  torchDrawing,
} from './torchDrawing.ts';
import { moduleClass, shapeBeside } from './torchStatements.ts';

export interface TorchNetwork {
  readonly network: TorchDrawing;
  /** The classes, nested ones first, each followed by two empty lines. */
  readonly classes: readonly CodeLine[];
  /** Definitions of classes that PyTorch lacks. */
  readonly definitions: ReadonlySet<string>;
}

/** Copies of a block with the same settings and input shapes. */
interface Like {
  readonly block: BlockId;
  /** The scope of the first of them. */
  readonly scope: string;
}

export function torchBlocks(whole: Inference): TorchNetwork {
  const likes = likesOf(whole);
  const calls = new Map<Like, Call>();
  const drawings: TorchDrawing[] = [];
  const draw = (scope: string): TorchDrawing => {
    const drawing = inferenceAt(whole, scope);
    const made = torchDrawing(
      drawing,
      scope,
      id => likes.turns(scope + id)?.map(like => calls.get(like)!) ?? null,
    );
    drawings.push(made);
    return made;
  };
  const names = new Set([...reservedNames, ...ownClasses]);
  const lines: CodeLine[] = [];
  for (const [id, same] of Map.groupBy(likes.innerFirst, ({ block }) => block)) {
    const block = whole.drawn.blocks![id]!;
    const drawn = same.map(like => ({ like, drawing: draw(like.scope) }));
    for (const alike of Map.groupBy(drawn, ({ drawing }) => outlineOf(drawing)).values()) {
      const name = freeClassName(block, names);
      names.add(name);
      const { code, given } = classOf(
        name,
        block,
        alike.map(({ drawing }) => drawing),
        names,
      );
      for (const [i, { like }] of alike.entries()) calls.set(like, { callee: name, arguments: given[i]! });
      lines.push(...code, line(), line());
    }
  }
  const network = draw('');
  return { network, classes: lines, definitions: new Set(drawings.flatMap(each => [...each.definitions])) };
}

/** The inference of one drawing, with the ids of the drawing. */
function inferenceAt(whole: Inference, scope: string): Inference {
  const drawing = drawingAt(whole.drawn, scope)!;
  const found = scopedInference(whole, drawing, scope);
  if (scope === '') return found;
  const nodes = [...found.nodes].map(([id, inferred]): [NodeId, NodeInference] => {
    const { name } = drawing.nodes[id]!;
    return [id, { ...inferred, node: { ...inferred.node, name } }];
  });
  return { ...found, nodes: new Map(nodes) };
}

/** Visits all copies, and the inside of one of each kind. */
function likesOf(whole: Inference) {
  const byKey = new Map<string, Like>();
  const byCopy = new Map<NodeId, readonly Like[]>();
  const innerFirst: Like[] = [];
  const look = (scope: string): void => {
    for (const local of Object.keys(drawingAt(whole.drawn, scope)?.nodes ?? {})) {
      const id = scope + local;
      const copy = whole.copies.get(id);
      const block = copy && !copy.node.bypassed && blockOf(whole.drawn, copy.node);
      if (!block) continue;
      byCopy.set(
        id,
        Array.from({ length: repeatOf(copy.node) }, (_, turn) => likeAt(block, copy.node, `${id}/${turn}/`)),
      );
    }
  };
  const likeAt = (block: Block, node: Parameters<typeof blockIdOf>[0], scope: string): Like => {
    const { repeat: _, ...settings } = node.params;
    const flowing = entriesOf(block.graph).map(id => inferredAt(whole, scope + id)?.figures?.shape ?? null);
    const key = JSON.stringify([Object.entries(settings).toSorted(), node.frozen ?? false, flowing]);
    const known = byKey.get(key);
    if (known) return known;
    const like = { block: blockIdOf(node), scope };
    byKey.set(key, like);
    look(scope);
    innerFirst.push(like);
    return like;
  };
  look('');
  const depth = ({ block }: Like) => withinBlock(whole.drawn, block).size;
  return {
    innerFirst: innerFirst.toSorted((a, b) => depth(a) - depth(b)),
    turns: (id: NodeId) => byCopy.get(id),
  };
}

/** The text of a class apart from its arguments. */
function outlineOf(drawing: TorchDrawing): string {
  const writing = { say: () => '?', shapeOf: () => '', errorsOf: () => [] };
  return moduleClass('', [], drawing, writing)
    .map(({ text }) => text)
    .join('\n');
}

/** `residual stage` → `ResidualStage`; numbered if that is taken. */
function freeClassName({ name }: Block, taken: ReadonlySet<string>): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter(Boolean);
  const joined = words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('');
  const wanted = /^[A-Za-z]/.test(joined) ? joined : `Block${joined}`;
  if (!taken.has(wanted)) return freeIdentifier(wanted, taken);
  const stem = /\d$/.test(wanted) ? `${wanted}_` : wanted;
  for (let i = 2; ; i++) if (!taken.has(`${stem}${i}`)) return `${stem}${i}`;
}

/** A constructor's parameter, with its value in each drawing. */
interface Parameter {
  readonly name: string;
  /** The exposed parameter of the block; null where it is derived. */
  readonly param: string | null;
  readonly named: boolean;
  readonly texts: readonly string[];
}

/** A class for drawings that differ in arguments only, and the arguments for each. */
function classOf(name: string, block: Block, drawings: readonly TorchDrawing[], taken: ReadonlySet<string>) {
  const slots = slotsOf(drawings);
  const parameters = parametersOf(slots, block, taken);
  const first = drawings[0]!;
  const say: Say = ({ key }, written) => {
    const { values } = slots.get(key)!;
    const parameter = parameters.bySlot.get(key);
    if (parameter) return parameter.name;
    return values.every(({ isLeftOut }) => isLeftOut) ? null : written.text;
  };
  const places = drawings.map(({ flow }) => new Map(flow.steps.map(step => [step.id, step])));
  const inAll = (step: DataflowStep, of: (step: DataflowStep) => string) => {
    const found = new Set(places.map(steps => of(steps.get(step.id)!)));
    return found.size === 1 ? [...found][0]! : '';
  };
  const errorsOf = ({ id }: DataflowStep): CodeLine[] => {
    const found = drawings.flatMap(({ inference }) => errorComments(inference, id));
    return [...new Map(found.map(each => [each.text, each])).values()];
  };
  const writing = { say, shapeOf: (step: DataflowStep) => inAll(step, shapeBeside), errorsOf };
  const code = moduleClass(
    name,
    parameters.all.map(each => each.name),
    first,
    writing,
  );
  const given = drawings.map((_, i) =>
    parameters.all.map(
      ({ texts, ...each }): WrittenArgument => ({ ...each, text: texts[i]!, isLeftOut: false }),
    ),
  );
  return { code, given };
}

interface FoundBlock {
  readonly slot: Slot;
  /** In each of the drawings. */
  readonly values: WrittenArgument[];
}

/** All arguments of all modules, in the order of the code. */
function slotsOf(drawings: readonly TorchDrawing[]): ReadonlyMap<string, FoundBlock> {
  const slots = new Map<string, FoundBlock>();
  const note: Say = (slot, written) => {
    const found = slots.get(slot.key) ?? { slot, values: [] };
    slots.set(slot.key, found);
    found.values.push(written);
    return '?';
  };
  for (const { modules } of drawings)
    for (const own of modules.values()) for (const module of own) constructed(module, note);
  return slots;
}

/** Arguments that differ between drawings; those that always agree are one parameter, such as a block's width. */
function parametersOf(slots: ReadonlyMap<string, FoundBlock>, block: Block, taken: ReadonlySet<string>) {
  const names = new Set(taken);
  const found: Parameter[] = [];
  const bySlot = new Map<string, Parameter>();
  const varying = [...slots.values()].flatMap(({ slot, values }) => {
    const texts = values.map(({ text }) => text);
    return new Set(texts).size > 1
      ? [{ slot, texts, written: values[0]!, exposed: exposedAs(block, slot, values[0]!) }]
      : [];
  });
  // Exposed parameters keep their name, even if another argument with the same values comes before.
  for (const { slot, texts, written, exposed } of varying.toSorted(
    (a, b) => Number(b.exposed !== null) - Number(a.exposed !== null),
  )) {
    const isSame = (each: Parameter) =>
      (exposed === null || each.param === exposed) && each.texts.every((text, i) => text === texts[i]);
    let parameter = found.find(isSame);
    if (!parameter) {
      const name = freeIdentifier(exposed === null ? written.name : snakeCase(exposed), names);
      names.add(name);
      parameter = { name, param: exposed, named: written.named, texts };
      found.push(parameter);
    }
    bySlot.set(slot.key, parameter);
  }
  const inOrder = [...new Set(varying.map(({ slot }) => bySlot.get(slot.key)!))];
  return { bySlot, all: inOrder.toSorted((a, b) => Number(a.named) - Number(b.named)) };
}

/** The name under which the block exposes an argument, if it does. */
function exposedAs({ exposed }: Block, { node }: Slot, { param }: WrittenArgument): string | null {
  const isMeant = (target: { node: NodeId; param: string }) => target.node === node && target.param === param;
  return exposed.find(({ targets }) => targets.some(isMeant))?.name ?? null;
}

/** `outChannels` → `out_channels`. */
function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, letter => `_${letter}`).toLowerCase();
}
