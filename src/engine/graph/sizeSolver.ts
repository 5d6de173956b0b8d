/**
 * The size formula, solved for any of its numbers, along one axis:
 * `out = floor((in + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1`.
 * Every whole answer is found, and where there is none, what else would have to change is offered.
 */

/** One axis of a window, all in pixels. `padding` is on each side. */
export interface WindowSizes {
  readonly in: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation: number;
  readonly out: number;
}

export type Quantity = keyof WindowSizes;

export interface Solution extends WindowSizes {
  /** Padded pixels at the end that no window reads: the remainder of the division by the stride. */
  readonly unread: number;
}

/** An alternative where there is no integer solution: a change of one other quantity, or of the kind of layer. */
export interface Alternative extends Solution {
  readonly change: Quantity;
}

/** A transposed convolution: `out = (in - 1) * stride - 2 * padding + kernel`. */
export interface Transposed {
  readonly in: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly out: number;
}

export interface SizeSolution {
  readonly unknown: readonly Quantity[];
  /** Best first. */
  readonly solutions: readonly Solution[];
  /** Why there is no solution: the arithmetic with the number that is not an integer. */
  readonly why: string | null;
  readonly alternatives: readonly Alternative[];
  readonly transposed: readonly Transposed[];
}

const quantities: readonly Quantity[] = ['in', 'kernel', 'stride', 'padding', 'dilation', 'out'];

/** Values that are tried where several quantities are unknown; the last one is computed. */
const USUAL: Readonly<Record<Quantity, readonly number[]>> = {
  in: [],
  kernel: [1, 2, 3, 4, 5, 6, 7, 8, 9, 11],
  stride: [1, 2, 3, 4],
  padding: [0, 1, 2, 3, 4, 5],
  dilation: [1, 2, 3],
  out: [],
};

/** Which unknown is computed from the others: the first of these that is unknown. */
const DERIVED: readonly Quantity[] = ['out', 'in', 'stride', 'padding', 'kernel', 'dilation'];

/** The most solutions of one quantity; strides beyond the image are all equivalent. */
const MAX_SOLUTIONS = 64;

function spanOf({ kernel, dilation }: Pick<WindowSizes, 'kernel' | 'dilation'>): number {
  return dilation * (kernel - 1) + 1;
}

/** The output size; undefined where the window does not fit. */
export function outputSize(sizes: Omit<WindowSizes, 'out'>): number | undefined {
  const room = sizes.in + 2 * sizes.padding - spanOf(sizes);
  return room < 0 ? undefined : Math.floor(room / sizes.stride) + 1;
}

/** Integer candidates of one quantity; each is checked afterwards. */
function candidates(unknown: Quantity, known: WindowSizes): number[] {
  const { kernel, stride, padding, dilation, out } = known;
  const room = known.in + 2 * padding - spanOf(known);
  const needed = (out - 1) * stride;
  /** The range of the window's extent when all else is given. */
  const [widest, narrowest] = [known.in + 2 * padding - needed, known.in + 2 * padding - needed - stride + 1];
  switch (unknown) {
    case 'out':
      return [outputSize(known) ?? 0];
    case 'in':
      return range(needed + spanOf(known) - 2 * padding, stride);
    case 'padding':
      return range(Math.ceil((needed + spanOf(known) - known.in) / 2), Math.ceil(stride / 2));
    case 'stride':
      if (out === 1) return range(Math.max(1, room + 1), MAX_SOLUTIONS);
      return range(Math.floor(room / out) + 1, Math.floor(room / (out - 1)) - Math.floor(room / out));
    case 'kernel':
      return range(Math.ceil((narrowest - 1) / dilation) + 1, Math.ceil(stride / dilation) + 1);
    case 'dilation':
      if (kernel === 1) return [1];
      return range(
        Math.ceil((narrowest - 1) / (kernel - 1)),
        Math.ceil((widest - narrowest) / (kernel - 1)) + 1,
      );
  }
}

function range(first: number, count: number): number[] {
  return Array.from({ length: Math.max(0, Math.min(count, MAX_SOLUTIONS)) }, (_, i) => first + i);
}

const least: Readonly<Record<Quantity, number>> = {
  in: 1,
  kernel: 1,
  stride: 1,
  padding: 0,
  dilation: 1,
  out: 1,
};

function solved(sizes: WindowSizes): Solution | undefined {
  if (quantities.some(name => !Number.isInteger(sizes[name]) || sizes[name] < least[name])) return undefined;
  if (outputSize(sizes) !== sizes.out) return undefined;
  const room = sizes.in + 2 * sizes.padding - spanOf(sizes);
  return { ...sizes, unread: room - (sizes.out - 1) * sizes.stride };
}

/** Every solution, in no order. */
function solutionsOf(known: Partial<WindowSizes>): Solution[] {
  const unknown = quantities.filter(name => known[name] === undefined);
  const derived = DERIVED.find(name => unknown.includes(name));
  const tried = unknown.filter(name => name !== derived);
  const starts = tried.reduce<Partial<WindowSizes>[]>(
    (all, name) => all.flatMap(sizes => USUAL[name].map(value => ({ ...sizes, [name]: value }))),
    [known],
  );
  return starts.flatMap(start => {
    const whole = { in: 0, kernel: 1, stride: 1, padding: 0, dilation: 1, out: 1, ...start };
    const values = derived ? candidates(derived, whole) : [0];
    return values.flatMap(value => solved(derived ? { ...whole, [derived]: value } : whole) ?? []);
  });
}

/** A score of how unusual a window is and how much it differs from the present one; lower is better. */
function unusualness(solution: Solution, present: Partial<WindowSizes>): number {
  const { kernel, stride, padding, dilation, unread } = solution;
  const half = (spanOf(solution) - 1) / 2;
  const unusual =
    (kernel % 2 === 0 ? 3 : 0) +
    Math.abs(kernel - 3) / 4 +
    (padding > half ? 8 + padding - half : 0) +
    (padding > 0 ? Math.abs(half - padding) / 2 : 0) +
    (stride > 4 ? 4 + stride : stride / 2) +
    3 * (dilation - 1) +
    (unread > padding ? 2 : 0);
  const moved = quantities.reduce(
    (sum, name) => sum + Math.abs(solution[name] - (present[name] ?? solution[name])),
    0,
  );
  return unusual + 2 * moved;
}

/**
 * Solves for the quantities that are not given. `present` has the current values; solutions that change less come
 * first.
 */
export function solve(known: Partial<WindowSizes>, present: Partial<WindowSizes> = {}): SizeSolution {
  const unknown = quantities.filter(name => known[name] === undefined);
  const best = <S extends Solution>(all: S[], from = present) =>
    all.sort((a, b) => unusualness(a, from) - unusualness(b, from)).slice(0, MAX_SOLUTIONS);
  const solutions = best(solutionsOf(known));
  if (solutions.length > 0) return { unknown, solutions, why: null, alternatives: [], transposed: [] };
  const alternatives = quantities
    .filter(name => name !== 'in' && known[name] !== undefined)
    .flatMap((change): Alternative[] => {
      const { [change]: given, ...rest } = known;
      const found = solutionsOf(rest).filter(({ unread }) => unread === 0);
      return best(found, { ...present, [change]: given! })
        .slice(0, 2)
        .map(solution => ({ ...solution, change }));
    });
  return {
    unknown,
    solutions,
    why: whyNoSolution(known, unknown),
    alternatives: best(alternatives, { ...present, ...known }),
    transposed: transposedFor(known),
  };
}

/** The formula solved for the unknown, with the number that is not an integer. */
function whyNoSolution(known: Partial<WindowSizes>, unknown: readonly Quantity[]): string {
  const { in: n = 0, kernel = 1, stride = 1, padding = 0, dilation = 1, out = 1 } = known;
  const [only] = unknown;
  if (unknown.length !== 1 || !only) return 'No whole numbers satisfy the size formula.';
  const span = `${dilation}·(${kernel} − 1)`;
  const reach = spanOf({ kernel, dilation });
  const padded = n + 2 * padding;
  const arithmetic: Record<Quantity, readonly [string, number]> = {
    in: [`(${out} − 1)·${stride} + ${span} + 1 − 2·${padding}`, (out - 1) * stride + reach - 2 * padding],
    out: [`(${n} + 2·${padding} − ${span} − 1) / ${stride} + 1`, (padded - reach) / stride + 1],
    stride: [`(${n} + 2·${padding} − ${span} − 1) / (${out} − 1)`, (padded - reach) / (out - 1)],
    padding: [`((${out} − 1)·${stride} + ${span} + 1 − ${n}) / 2`, ((out - 1) * stride + reach - n) / 2],
    kernel: [
      `(${n} + 2·${padding} − (${out} − 1)·${stride} − 1) / ${dilation} + 1`,
      (padded - (out - 1) * stride - 1) / dilation + 1,
    ],
    dilation: [
      `(${n} + 2·${padding} − (${out} − 1)·${stride} − 1) / (${kernel} − 1)`,
      (padded - (out - 1) * stride - 1) / (kernel - 1),
    ],
  };
  const [text, value] = arithmetic[only];
  const figure = Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 'not defined';
  const fault = Number.isInteger(figure) ? 'which no window has' : 'which is not whole';
  return `${only} = ${text} = ${figure}, ${fault}.`;
}

/** Transposed convolutions that give the wanted size, with the nearest possible kernel. */
function transposedFor({ in: n, kernel = 3, out }: Partial<WindowSizes>): Transposed[] {
  if (n === undefined || out === undefined) return [];
  const found: Transposed[] = [];
  for (let stride = 1; stride <= 4; stride++) {
    for (let size = 1; size <= 11; size++) {
      const padding = ((n - 1) * stride + size - out) / 2;
      if (Number.isInteger(padding) && padding >= 0 && padding <= size)
        found.push({ in: n, kernel: size, stride, padding, out });
    }
  }
  const far = ({ kernel: size, stride, padding }: Transposed) =>
    Math.abs(size - kernel) + stride + padding / 2;
  return found.sort((a, b) => far(a) - far(b)).slice(0, 2);
}

/** The output size of a transposed convolution; `added` is output_padding. */
export function transposedSize(sizes: Omit<WindowSizes, 'out'>, added: number): number {
  return (sizes.in - 1) * sizes.stride - 2 * sizes.padding + spanOf(sizes) + added;
}

/** The formula of a transposed convolution solved for one quantity, where `sizes` gives all others. */
export function solveTransposed(sizes: WindowSizes, unknown: Quantity, added: number): SizeSolution {
  const answers = (change: Quantity): Alternative[] =>
    range(least[change], MAX_SOLUTIONS)
      .map(value => ({ ...sizes, [change]: value, unread: 0, change }))
      .filter(
        found =>
          transposedSize(found, added) === sizes.out && (added < found.stride || added < found.dilation),
      )
      .sort((a, b) => Math.abs(a[change] - sizes[change]) - Math.abs(b[change] - sizes[change]));
  const solutions = answers(unknown);
  if (solutions.length > 0)
    return { unknown: [unknown], solutions, why: null, alternatives: [], transposed: [] };
  const { in: n, kernel, stride, padding, dilation, out } = sizes;
  const word = (name: Quantity, value: number) => (name === unknown ? name : String(value));
  const formula = `(${n} − 1)·${word('stride', stride)} − 2·${word('padding', padding)} + ${word('dilation', dilation)}·(${word('kernel', kernel)} − 1) + 1 + ${added}`;
  return {
    unknown: [unknown],
    solutions,
    why: `${formula} = ${out} has no whole answer for the ${unknown}.`,
    alternatives: (['padding', 'kernel', 'stride', 'dilation'] as const)
      .filter(name => name !== unknown)
      .flatMap(name => answers(name).slice(0, 2)),
    transposed: [],
  };
}
