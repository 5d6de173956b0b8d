/** Solves for a parameter of a node: its values that give a wanted output size on both axes. */
import type { Pair, Sides } from '../layers/fields.ts';
import { pairText, resolvePadding } from '../layers/window.ts';
import { AXES, type Window, windowIn } from './diagnostics/ruleContext.ts';
import type { NodeId } from './document.ts';
import type { Inference } from './inference.ts';
import {
  outputSize,
  type Quantity,
  type SizeSolution,
  type Solution,
  solve,
  solveTransposed,
  transposedSize,
} from './sizeSolver.ts';

/** Parameters that can be solved for, with their name in the formula. */
const unknowns = {
  kernelSize: 'kernel',
  stride: 'stride',
  padding: 'padding',
  dilation: 'dilation',
} as const satisfies Record<string, Quantity>;

export type SolvableField = keyof typeof unknowns;

export interface Solvable {
  readonly window: Window;
  /** For transposed convolutions; null for others. */
  readonly outputPadding: Pair | null;
  /** Height and width of the input. */
  readonly input: Pair;
  /** Whether padding is stored by side or by axis. */
  readonly paddingSides: 2 | 4;
  /** The fields that can be solved for. */
  readonly fields: readonly SolvableField[];
}

export interface FieldAnswer {
  readonly setParams: Readonly<Record<string, unknown>>;
  /** What is changed: `stride 2×2, padding 1×1`. */
  readonly title: string;
  readonly output: Pair;
  /** Rows and columns of the image (without padding) that no window reads. */
  readonly unread: Pair;
}

export interface FieldAnswers {
  /** Best first. */
  readonly answers: readonly FieldAnswer[];
  /** Why the field alone cannot give the wanted size; the answers then change more than it. */
  readonly why: string | null;
}

/** The window of a node, if its size follows the plain formula; else undefined. */
export function solvableWindow(inference: Inference, id: NodeId): Solvable | undefined {
  const inferred = inference.nodes.get(id);
  const source = inference.graph.edges.find(({ target }) => target === id)?.source;
  const [, height, width] = inference.nodes.get(source ?? '')?.figures?.shape ?? [];
  const params = inferred?.kind?.schema.safeParse(inferred.node.params);
  if (!params?.success || !height || !width || inferred?.kind?.inputs !== 1) return undefined;
  const { outputPadding = null, ...reading } = params.data as { outputPadding?: Pair };
  const window = windowIn(reading);
  if (!window || window.ceil) return undefined;
  const { fields } = inferred.kind;
  const paddingSides = fields.padding?.widget === 'padding' ? 4 : 2;
  const [top, bottom, left, right] = window.sides;
  // With asymmetric or `same` padding, only the padding can be solved for.
  const isPlain = params.data.padding !== 'same' && top === bottom && left === right;
  const names = Object.keys(unknowns).filter(name => name in fields) as SolvableField[];
  return {
    window,
    outputPadding,
    input: [height, width],
    paddingSides,
    fields: names.filter(name => isPlain || name === 'padding'),
  };
}

/** The present output size; where the window does not fit, the input size. */
export function presentOutput({ window, input, outputPadding }: Solvable): Pair {
  const [height, width] = ([0, 1] as const).map(i => {
    const padded = input[i] + window.sides[2 * i]! + window.sides[2 * i + 1]!;
    const sizes = { kernel: window.kernelSize[i], stride: window.stride[i], dilation: window.dilation[i] };
    const spread = { ...sizes, in: input[i], padding: window.sides[2 * i]! };
    if (outputPadding) return transposedSize(spread, outputPadding[i]);
    return outputSize({ ...sizes, in: padded, padding: 0 }) ?? input[i];
  });
  return [height!, width!];
}

/** The padding that preserves the size at stride 1; symmetric where that is required. */
export function samePadding({ window, paddingSides }: Solvable): Pair | Sides {
  const sides = resolvePadding('same', window.kernelSize, window.dilation);
  return paddingSides === 4 ? sides : [sides[0], sides[2]];
}

/** The most answers of one axis that are combined with the other's. */
const MOST_SOLUTIONS_PER_AXIS = 8;
const MOST_SOLUTIONS = 10;

/** Values of a field that give the wanted output size; where there is none, alternatives. */
export function solveField(solvable: Solvable, field: SolvableField, wanted: Pair): FieldAnswers {
  const axes = AXES.map((_, i) => solveAxis(solvable, field, wanted, i as 0 | 1));
  const why = axes.find(answer => answer.why !== null)?.why ?? null;
  const found = axes.map(({ solutions, alternatives }): readonly Solution[] =>
    (solutions.length > 0 ? solutions : alternatives).slice(0, MOST_SOLUTIONS_PER_AXIS),
  );
  const [vertical, horizontal] = [found[0]!, found[1]!];
  const pairs = vertical.flatMap((down, i) =>
    horizontal.map((across, j) => ({ down, across, rank: i + j + (isSame(down, across) ? 0 : 100) })),
  );
  const isSquare = axisText(solvable, 0) === axisText(solvable, 1) && wanted[0] === wanted[1];
  const answers = pairs
    .filter(({ down, across }) => !isSquare || isSame(down, across))
    .sort((a, b) => a.rank - b.rank)
    .map(({ down, across }) => answerOf(solvable, down, across))
    .filter(({ setParams }) => Object.keys(setParams).length > 0);
  return { answers: answers.slice(0, MOST_SOLUTIONS), why };
}

function solveAxis(
  { window, input, outputPadding }: Solvable,
  field: SolvableField,
  wanted: Pair,
  axis: 0 | 1,
): SizeSolution {
  const [before, after] = [window.sides[2 * axis]!, window.sides[2 * axis + 1]!];
  const present = {
    in: input[axis],
    kernel: window.kernelSize[axis],
    stride: window.stride[axis],
    dilation: window.dilation[axis],
    padding: Math.floor((before + after) / 2),
    out: wanted[axis],
  };
  if (outputPadding) return solveTransposed(present, unknowns[field], outputPadding[axis]);
  const { [unknowns[field]]: _, ...known } = present;
  return solve(known, { [unknowns[field]]: present[unknowns[field]] });
}

const axisText = ({ window, input }: Solvable, axis: 0 | 1) =>
  [input, window.kernelSize, window.stride, window.dilation].map(pair => pair[axis]).join() +
  window.sides.slice(2 * axis, 2 * axis + 2).join();

const isSame = (a: Solution, b: Solution) =>
  Object.values(unknowns).every(quantity => a[quantity] === b[quantity]) && a.out === b.out;

function answerOf({ window, paddingSides }: Solvable, down: Solution, across: Solution): FieldAnswer {
  const both = (of: (solution: Solution) => number): Pair => [of(down), of(across)];
  const setParams: Record<string, unknown> = {};
  const parts: string[] = [];
  for (const name of ['kernelSize', 'stride', 'dilation'] as const) {
    const next = both(solution => solution[unknowns[name]]);
    if (next[0] === window[name][0] && next[1] === window[name][1]) continue;
    setParams[name] = next;
    parts.push(`${unknowns[name]} ${pairText(next)}`);
  }
  const padding = both(solution => solution.padding);
  const [top, bottom, left, right] = window.sides;
  if (padding[0] !== Math.floor((top + bottom) / 2) || padding[1] !== Math.floor((left + right) / 2)) {
    setParams.padding = paddingSides === 2 ? padding : [padding[0], padding[0], padding[1], padding[1]];
    parts.push(`padding ${pairText(padding)}`);
  }
  return {
    setParams,
    title: parts.join(', '),
    output: both(({ out }) => out),
    unread: both(({ unread, padding: each }) => Math.max(0, unread - each)),
  };
}
