/**
 * Reads pasted PyTorch code as a graph: nn.Sequential, and functions that build parts of one. The input's shape is
 * given, or chosen to fit the layers. Where the code contradicts the inferred network, a note says so; shapes follow
 * from the network.
 */
import type { Graph, GraphNode, NodeId } from '../graph/document.ts';
import { NODE_PITCH } from '../graph/edits.ts';
import { infer } from '../graph/infer.ts';
import type { Inference } from '../graph/inference.ts';
import { type ImageShape, initialValues } from '../layers/fields.ts';
import { flatten } from '../layers/flatten.ts';
import { input as inputKind } from '../layers/input.ts';
import type { LayerKind } from '../layers/layer.ts';
import type { PaddingMode } from '../layers/paddingMode.ts';
import { isSame, literal, type PyValue } from '../layers/python.ts';
import { type Shape, sizeOf } from '../layers/shape.ts';
import { evaluate } from './pythonEvaluate.ts';
import { parsePython } from './pythonSyntax.ts';
import { CodeError, inputComment, type SourcePosition } from './pythonTokens.ts';
import type { Note } from './pythonTree.ts';
import type { Claim, LayerValue, ModuleValue } from './pythonValues.ts';

export type PastedCode =
  | { readonly graph: Graph; readonly notes: readonly Note[] }
  | { readonly error: { readonly message: string; readonly place: SourcePosition } };

/** Whether a text seems to be code of a network; asked when pasting on the canvas. */
export function looksLikeNetworkCode(text: string): boolean {
  return /\bSequential\s*\(|\bnn\s*\.\s*\w+\s*\(/.test(text);
}

/** @param image the shape of the project's Input or dataset, which is used unless the code contradicts it */
export function readPastedCode(text: string, image: ImageShape | null = null): PastedCode {
  try {
    const { network, notes } = evaluate(parsePython(text));
    const layers = fold(flat(network, null));
    if (layers.length === 0) {
      const message =
        'There are no layers in this text. Paste a network: nn.Sequential(nn.Conv2d(…), nn.ReLU(), …).';
      return { error: { message, place: { line: 1, column: 1, length: 1 } } };
    }
    const shape = inputComment(text) ?? chooseInput(layers, image);
    const { graph, claims } = chain(layers, shape);
    return { graph, notes: [...notes, ...shared(layers), ...disagreements(infer(graph), claims)] };
  } catch (error) {
    if (error instanceof CodeError) return { error: { message: error.message, place: error.place } };
    throw error;
  }
}

interface NamedLayer {
  /** The name in the code; null for none. */
  readonly name: string | null;
  readonly value: Exclude<ModuleValue, { type: 'sequence' }>;
}

interface PlacedLayer extends NamedLayer {
  readonly value: LayerValue;
}

/** The layers of a sequence, nested ones flattened. */
function flat(module: ModuleValue, name: string | null): NamedLayer[] {
  if (module.type !== 'sequence') return [{ name, value: module }];
  return module.items.flatMap(item =>
    flat(item.value, name && item.name ? `${name}_${item.name}` : (item.name ?? null)),
  );
}

/** Merges padding modules into the following convolutions, reversing what our exporter writes. */
function fold(layers: readonly NamedLayer[]): PlacedLayer[] {
  const folded: PlacedLayer[] = [];
  let pending: { mode: PaddingMode; sides: readonly number[]; place: SourcePosition } | null = null;
  for (const [i, { name, value }] of layers.entries()) {
    const next = layers[i + 1];
    if (pending === null && value.type === 'pad') pending = value;
    else if (pending === null && isWrittenOut(name, value, next?.name)) {
      pending = { mode: 'zeros', sides: value.params.padding as readonly number[], place: value.place };
    } else if (value.type === 'pad') failPad(value.place);
    else if (pending === null) folded.push({ name, value });
    else {
      const padded = withPadding(value, pending);
      if (!padded) failPad(pending.place);
      folded.push({ name, value: padded! });
      pending = null;
    }
  }
  if (pending) failPad((pending as { place: SourcePosition }).place);
  return folded;
}

/** Whether a padding is one that pytorch.ts writes: `conv1_pad` before `conv1`. */
function isWrittenOut(
  name: string | null,
  value: NamedLayer['value'],
  next: string | null | undefined,
): value is LayerValue {
  return value.type === 'layer' && next != null && name === `${next}_pad` && 'padding' in value.params;
}

function withPadding(
  value: LayerValue,
  { mode, sides }: { mode: PaddingMode; sides: readonly number[] },
): LayerValue | null {
  const isPlain = [0, 1, 2, 3].every(
    i => (value.params.padding as readonly unknown[] | undefined)?.[i] === 0,
  );
  if (!('paddingMode' in value.kind.fields) || !isPlain) return null;
  return { ...value, params: { ...value.params, padding: sides, paddingMode: mode } };
}

function failPad(place: SourcePosition): never {
  throw new CodeError(
    'Padding with the image itself is read before a Conv2d without padding of its own only.',
    place,
  );
}

/** Layers with weights that occur several times, which in PyTorch share weights. */
function shared(layers: readonly PlacedLayer[]): Note[] {
  const seen = new Set<object>();
  return layers.flatMap(({ value: { params, claims, kind, place } }): Note[] => {
    if (claims.length === 0 || !seen.has(params)) {
      seen.add(params);
      return [];
    }
    const message = `This ${kind.kind} stands in several places and would share its weights; here each has its own.`;
    return [{ message, place }];
  });
}

interface PlacedClaim extends Claim {
  readonly node: NodeId;
}

/** A chain of layers behind an Input. */
function chain(layers: readonly PlacedLayer[], shape: ImageShape): { graph: Graph; claims: PlacedClaim[] } {
  const nodes: Record<NodeId, GraphNode> = {};
  const claims: PlacedClaim[] = [];
  const names = new Names(layers);
  const ids: NodeId[] = [];
  const place = (kind: LayerKind, name: string, params: object, isFrozen = false): NodeId => {
    const values = { ...initialValues(kind.fields), ...params } as GraphNode['params'];
    const node: GraphNode = { kind: kind.kind, name, params: values, x: 0, y: ids.length * NODE_PITCH };
    nodes[name] = isFrozen ? { ...node, frozen: true } : node;
    ids.push(name);
    return name;
  };
  place(inputKind, names.free('input'), { shape });
  if (wantsVector(layers)) place(flatten, names.numbered(flatten), {});
  for (const { name, value } of layers) {
    const own = name === null ? names.numbered(value.kind) : names.own(name);
    const id = place(value.kind, own, value.params, value.state.frozen);
    claims.push(...value.claims.map(claim => ({ ...claim, node: id })));
  }
  const edges = ids.slice(1).map((target, i) => ({ source: ids[i]!, target, input: 0 }));
  return { graph: { nodes, edges }, claims };
}

/** Whether the first layer takes vectors, so that images are flattened, as in the notes' `simple_nn`. */
function wantsVector(layers: readonly PlacedLayer[]): boolean {
  const first = layers.find(({ value }) => value.kind.family !== 'activation');
  return first?.value.kind.family === 'linear' && first.value.claims.length > 0;
}

/** Unique names: those in the code, or kind and number. */
class Names {
  readonly #taken = new Set<string>();
  readonly #reserved: ReadonlySet<string>;
  readonly #counts = new Map<string, number>();

  constructor(layers: readonly NamedLayer[]) {
    this.#reserved = new Set(layers.flatMap(({ name }) => (name === null ? [] : [tidy(name)])));
  }

  own(name: string): string {
    const wanted = tidy(name);
    return this.#taken.has(wanted) ? this.#next(wanted, '_') : this.#take(wanted);
  }

  free(name: string): string {
    return this.#taken.has(name) || this.#reserved.has(name) ? this.#next(name, '_') : this.#take(name);
  }

  numbered({ kind }: LayerKind): string {
    return this.#next(kind.toLowerCase().replace(/2d$/, ''), '');
  }

  #next(stem: string, between: string): string {
    for (let i = (this.#counts.get(stem) ?? 0) + 1; ; i++) {
      const name = `${stem.slice(0, 56)}${between}${i}`;
      if (this.#taken.has(name) || this.#reserved.has(name)) continue;
      this.#counts.set(stem, i);
      return this.#take(name);
    }
  }

  #take(name: string): string {
    this.#taken.add(name);
    return name;
  }
}

/** A name that is valid in documents. */
function tidy(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9_]/g, '_').slice(0, 60);
  // `__proto__` cannot be a key.
  return /^[A-Za-z_]/.test(plain) && plain !== '__proto__' ? plain : `_${plain}`;
}

/** Usual image sizes, most common first. */
const USUAL_IMAGE_SIDES = [28, 32, 224, 64, 96, 128, 227, 256, 299, 384];

/** The given image if the first layers accept it; else the first of the usual shapes with the fewest contradictions. */
function chooseInput(layers: readonly PlacedLayer[], image: ImageShape | null): ImageShape {
  if (image && layers[0]!.value.claims.length === 0) return image;
  const shapes = shapesFor(layers, image);
  let best = { shape: shapes[0]!, wrong: Infinity };
  for (const shape of shapes) {
    const { graph, claims } = chain(layers, shape);
    const inference = infer(graph);
    const unreached = [...inference.nodes.values()].filter(({ figures }) => figures === null);
    const wrong = disagreements(inference, claims).length + unreached.length;
    if (wrong < best.wrong) best = { shape, wrong };
    if (wrong === 0) break;
  }
  return best.shape;
}

/** Candidate shapes from the first layer with a stated input: its channels, or for Linear the number of values. */
function shapesFor(layers: readonly PlacedLayer[], image: ImageShape | null): ImageShape[] {
  const at = layers.findIndex(({ value }) => value.claims.length > 0);
  const claim = layers[at]?.value.claims[0]?.value;
  const claimed = typeof claim === 'number' && claim > 0 ? claim : null;
  if (wantsVector(layers)) return vectorShapes(claimed, image);
  const isLaidOut = layers.slice(0, Math.max(at, 0)).some(({ value }) => value.kind === flatten);
  if (!isLaidOut) return imageShapes(claimed, image);
  return [...vectorShapes(claimed, null), ...imageShapes(1, null), ...imageShapes(3, null)];
}

function imageShapes(channels: number | null, image: ImageShape | null): ImageShape[] {
  const depth = channels ?? image?.[0] ?? 3;
  const given: ImageShape[] = image && image[0] === depth ? [image] : [];
  // Larger sizes first for three channels, as for photographs.
  const sizes =
    depth === 3
      ? USUAL_IMAGE_SIDES.toSorted((a, b) => Number(b === 224) - Number(a === 224))
      : USUAL_IMAGE_SIDES;
  return [...given, ...sizes.map(size => [depth, size, size] as const)];
}

/** Shapes with this many values: the given one, then squares, grey before colour. */
function vectorShapes(features: number | null, image: ImageShape | null): ImageShape[] {
  if (features === null) return [image ?? [1, 28, 28]];
  if (image && sizeOf(image) === features) return [image];
  for (const channels of [1, 3]) {
    const side = Math.sqrt(features / channels);
    if (Number.isInteger(side)) return [[channels, side, side]];
  }
  return [[features, 1, 1]];
}

/** Notes about inputs that the code states differently. */
function disagreements({ nodes }: Inference, claims: readonly PlacedClaim[]): Note[] {
  return claims.flatMap(({ node, name, value, of, place }): Note[] => {
    const input: Shape | undefined = nodes.get(node)?.figures?.inputs[0];
    if (!input || isSame(normalised(of(input)), normalised(value))) return [];
    const message = `${name} is ${literal(value)} here, and ${literal(of(input))} flows in. ${node} takes what flows in.`;
    return [{ message, place }];
  });
}

/** A list of one is treated as its item. */
function normalised(value: PyValue): PyValue {
  return Array.isArray(value) && value.length === 1 ? value[0]! : value;
}
