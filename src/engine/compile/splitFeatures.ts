/**
 * Where programs may begin behind what does not learn: the longest run of instructions that all of them begin with,
 * that reads images and frozen weights alone, and of which one tensor is all that the rest reads: the features. The cut
 * is made in programs that are joined already, so that they compute in two parts what they would in one, bit by bit. A
 * random step, statistics of the batch or a weight that learns makes programs differ, or reads what is no frozen
 * weight: there the run ends.
 */
import type { NodeId } from '../graph/document.ts';
import type { Inference } from '../graph/inference.ts';
import type { Tensor } from '../layers/lowering.ts';
import { type Shape, sizeOf } from '../layers/shape.ts';
import { fieldsOf, type Instruction, isTensor, operandOf, tensorsOf, withTensors } from './program.ts';

/**
 * Multiply-accumulates before the cut for each number that is kept of it, from which reading is worth it: some 0.05 ns
 * each against 4 ns, and reading shall be several times as fast.
 */
const LEAST_MACS_PER_NUMBER = 300;

/** A program, and the tensors whose places last. */
export interface Divisible {
  readonly instructions: readonly Instruction[];
  /** What the host reads after a run, of what the program alone writes. */
  readonly kept: ReadonlySet<Tensor>;
}

export interface Splitting {
  readonly inference: Inference;
  /** The one that evaluates: in it nothing is left to chance. */
  readonly evaluate: Divisible;
  /** The others, which learn. */
  readonly others: readonly Divisible[];
  /** What flows out of each node while it evaluates. */
  readonly values: ReadonlyMap<NodeId, Tensor>;
  /** What lasts and is the same for every run: images, how they are normalised, frozen weights. */
  readonly still: ReadonlySet<Tensor>;
  /** All else that lasts. */
  readonly changing: ReadonlySet<Tensor>;
}

/** Where one program is cut. */
export interface Cut {
  /** Instructions before it. */
  readonly at: number;
  readonly tensor: Tensor;
}

export interface FeatureSplit {
  /** Whose output it is. */
  readonly node: NodeId;
  /** Of one image. */
  readonly shape: Shape;
  /** Multiply-accumulates of one image before the cut. */
  readonly macs: number;
  readonly evaluate: Cut;
  /** As `others`. */
  readonly others: readonly Cut[];
}

/** @returns null where nothing can be kept, or keeping it would not pay */
export function splitAtFeatures(splitting: Splitting): FeatureSplit | null {
  const { inference, evaluate, others, values } = splitting;
  const twins = others.map(other => twinOf(evaluate.instructions, other.instructions));
  const alike = Math.min(stillStart(splitting), ...twins.map(({ places }) => places.length - 1));
  const crossings = crossingsOf(evaluate);
  const othersCrossings = others.map(crossingsOf);
  const nodes = new Map([...values].reverse().map(([node, tensor]) => [tensor, node]));
  for (let at = alike; at > 0; at--) {
    const tensor = crossings[at];
    const node = tensor ? nodes.get(tensor) : undefined;
    if (!tensor || node === undefined || evaluate.kept.has(tensor)) continue;
    const cuts = twins.map(({ places, tensors }, i): Cut | null => {
      const cut = { at: places[at]!, tensor: tensors.get(tensor)! };
      return othersCrossings[i]![cut.at] === cut.tensor ? cut : null;
    });
    if (!cuts.every(cut => cut !== null)) continue;
    const shape = inference.nodes.get(node)!.figures!.shape;
    const macs = macsUntil(inference, node);
    if (macs < LEAST_MACS_PER_NUMBER * sizeOf(shape)) return null;
    return { node, shape, macs, evaluate: { at, tensor }, others: cuts };
  }
  return null;
}

/** Multiply-accumulates of a node and of all before it: whatever feeds it stands before it, and nothing else does. */
function macsUntil({ order, nodes }: Inference, last: NodeId): number {
  const before = order.slice(0, order.indexOf(last) + 1);
  return before.reduce((sum, id) => sum + nodes.get(id)!.figures!.macs, 0);
}

/** How many instructions from the first one on touch nothing that lasts but what stays as it is. */
function stillStart({ evaluate: { instructions }, still, changing }: Splitting): number {
  const isStill = (instruction: Instruction) =>
    tensorsOf(instruction).every(
      ({ tensor, isWritten }) => !changing.has(tensor) && !(isWritten && still.has(tensor)),
    );
  const end = instructions.findIndex(each => !isStill(each));
  return end < 0 ? instructions.length : end;
}

/** A program beside another one that begins alike. */
interface Twin {
  /** By how many instructions of the one are done: how many of the other are. */
  readonly places: readonly number[];
  /** By a tensor of the one: that of the other. */
  readonly tensors: ReadonlyMap<Tensor, Tensor>;
}

/** What only looks at units (`countActive`) is passed over: it changes nothing. */
function twinOf(one: readonly Instruction[], other: readonly Instruction[]): Twin {
  const places = [0];
  const tensors = new Map<Tensor, Tensor>();
  let at = 0;
  const passLooks = () => {
    while (other[at]?.name === 'countActive') at++;
  };
  for (const instruction of one) {
    passLooks();
    const twin = other[at];
    if (!twin || !isAlike(instruction, twin, tensors)) break;
    at++;
    passLooks();
    places.push(at);
  }
  return { places, tensors };
}

/** Whether two instructions do the same; their tensors are noted as each other's. */
function isAlike(one: Instruction, other: Instruction, tensors: Map<Tensor, Tensor>): boolean {
  if (one.name !== other.name) return false;
  return fieldsOf(one).every(({ field }) => {
    const [a, b] = [operandOf(one, field), operandOf(other, field)];
    if (!isTensor(a) || !isTensor(b)) return Object.is(a, b);
    const known = tensors.get(a) ?? b;
    tensors.set(a, known);
    return known === b;
  });
}

/** By how many instructions are done, the tensor that the rest needs of them, where it is a single one. */
function crossingsOf({ instructions, kept }: Divisible): (Tensor | null)[] {
  const written = new Map<Tensor, number>();
  const last = new Map<Tensor, number>();
  for (const [place, instruction] of instructions.entries())
    for (const { tensor, isWritten } of tensorsOf(instruction)) {
      if (isWritten && !written.has(tensor)) written.set(tensor, place);
      last.set(tensor, place);
    }
  for (const tensor of kept) last.set(tensor, instructions.length);
  const begins = Array.from({ length: instructions.length + 1 }, (): Tensor[] => []);
  const ends = begins.map((): Tensor[] => []);
  for (const [tensor, place] of written) {
    if (last.get(tensor) === place) continue;
    begins[place + 1]!.push(tensor);
    ends[last.get(tensor)!]!.push(tensor);
  }
  const alive = new Set<Tensor>();
  return begins.map((begun, place) => {
    for (const tensor of begun) alive.add(tensor);
    const [only = null] = alive;
    const single = alive.size === 1 ? only : null;
    for (const tensor of ends[place]!) alive.delete(tensor);
    return single;
  });
}

/** The two parts of a program, each over `features` where it had the tensor of the cut. */
export function partsOf(
  instructions: readonly Instruction[],
  { at, tensor }: Cut,
  features: Tensor,
): [before: Instruction[], behind: Instruction[]] {
  const all = instructions.map(each => withTensors(each, used => (used === tensor ? features : used)));
  return [all.slice(0, at), all.slice(at)];
}
